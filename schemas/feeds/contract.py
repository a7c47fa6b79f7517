"""What a feed promises: one frozen value a feed; everything about intake is derived from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TOPIC_PREFIX = "ninelines.feed."  # jobs.catalog has the same value: Airflow's environment lacks this package's needs

Format = Literal["json", "xml", "form", "csv"]
CoordinateSystem = Literal["WGS84", "GCJ-02", "BD-09"]

# How sources write a moment. `%z` formats carry their zone; the others are local to the feed.
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S%.f",
)  # fmt: skip
EPOCH_MS = "epoch_ms"  # in place of a format: milliseconds since 1970, UTC

Item = dict[str, Any]  # one record as the source sends it, parsed but not changed

# The names a mapping may fill. Anything else a source sends is ignored, never stored in silver.
CANONICAL_FIELDS = (
    "source_id", "revision", "received_at", "updated_at", "kind", "category", "text", "title", "place",
    "area_code", "area_name", "grid_code", "lat", "lon", "caller_phone", "device_id",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A payload and what becomes of it: no reason means that it is clean."""

    name: str
    payload: bytes
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Adapted:
    """An item brought to the shape that the mapping expects; a reason ends it there."""

    item: Item
    reasons: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Feed:
    """The contract of one feed.

    mapping: canonical field -> path in the source's item (`a.b` for JSON and XML, a column for form and CSV);
    several paths are tried in order. kinds and categories: the source's words -> our codes. adapt: for sources whose
    messages need more than a mapping; the mapping then names fields of what it returns.
    """

    code: str
    name_zh: str
    name_en: str
    topic: str
    format: Format
    encoding: str
    mapping: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str]
    default_kind: str | None
    categories: Mapping[str, str]
    admits: tuple[str, ...]
    owner_unit: str
    rhythm: tuple[float, ...]  # expected share of a day's reports by local hour; 24 numbers that add up to 1
    default_category: str | None = None
    items_path: str = ""  # where a payload's items lie; empty: the payload is one item, or a list of items
    adapt: Callable[[Item], Adapted] | None = field(default=None, repr=False)
    time_formats: tuple[str, ...] = TIME_FORMATS  # tried in order; the first is the one the source documents
    time_zone: str = "Asia/Shanghai"
    coordinate_system: CoordinateSystem = "WGS84"
    retention_days: int = 30  # of the raw bytes in bronze
    contract_version: str = "1.0"
    samples: tuple[Sample, ...] = field(default=(), repr=False)


def shares(*weights: float) -> tuple[float, ...]:
    """Weights of 24 hours as shares of a day."""
    assert len(weights) == 24
    return tuple(weight / sum(weights) for weight in weights)
