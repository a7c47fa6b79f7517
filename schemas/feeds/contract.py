"""What a feed promises: one frozen value a feed; everything about intake is derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Format = Literal["json", "xml", "form", "csv"]
CoordinateSystem = Literal["WGS84", "GCJ-02", "BD-09"]

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
class Feed:
    """The contract of one feed.

    mapping: canonical field -> path in the source's item (`a.b` for JSON and XML, a column for form and CSV);
    several paths are tried in order. kinds and categories: the source's words -> our codes.
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
    time_formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    time_zone: str = "Asia/Shanghai"
    coordinate_system: CoordinateSystem = "WGS84"
    retention_days: int = 30  # of the raw bytes in bronze
    contract_version: str = "1.0"
    samples: tuple[Sample, ...] = field(default=(), repr=False)
