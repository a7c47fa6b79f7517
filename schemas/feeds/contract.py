"""What a feed promises: one frozen value a feed and version; everything about intake is derived from it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.feeds.forbidden import forbidden_name
from schemas.vocabulary import CATEGORIES, KINDS, QUARANTINE_REASONS

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
    "area_code", "area_name", "grid_code", "lat", "lon", "coordinate_system", "caller_phone", "device_id",
)  # fmt: skip

CONTENT_TYPES: dict[Format, str] = {
    "json": "application/json",
    "xml": "application/xml",
    "form": "application/x-www-form-urlencoded",
    "csv": "text/csv",
}


class ContractError(ValueError):
    """A contract that must not be used: which feed, and everything that is wrong."""


@dataclass(frozen=True)
class Sample:
    """A payload and what becomes of it: no reason means that it is clean. ContractError for a reason nobody gives."""

    name: str
    payload: bytes
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if unknown := set(self.reasons) - set(QUARANTINE_REASONS):
            raise ContractError(f"sample {self.name}: not in QUARANTINE_REASONS: {', '.join(sorted(unknown))}")


@dataclass(frozen=True)
class Adapted:
    """An item brought to the shape that the mapping expects; a reason ends it there."""

    item: Item
    reasons: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Feed:
    """The contract of one feed, in one version. ContractError where it contradicts itself or asks for persons.

    A later version that old readers cannot read is a second Feed of the same code with the next major number; its
    messages travel on a topic of their own, `<topic>.v2`. What it changes compatibly raises the minor number.

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
    rhythm: tuple[float, ...]  # expected share of a day's messages by local hour; 24 numbers that add up to 1
    expected_a_day: int  # messages of an ordinary day, of all versions together: what silence is measured by
    default_category: str | None = None
    items_path: str = ""  # where a payload's items lie; empty: the payload is one item, or a list of items
    items_of: Callable[[Any], list[Any]] | None = field(default=None, repr=False)  # the same, where platforms differ
    adapt: Callable[[Item], Adapted] | None = field(default=None, repr=False)
    time_formats: tuple[str, ...] = TIME_FORMATS  # tried in order; the first is the one the source documents
    time_zone: str = "Asia/Shanghai"
    coordinate_system: CoordinateSystem = "WGS84"
    retention_days: int = 30  # of the raw bytes in bronze
    contract_version: str = "1.0"
    samples: tuple[Sample, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if found := [*_contradictions(self), *_persons(self)]:
            raise ContractError(f"feed {self.code} {self.contract_version}: {'; '.join(found)}")

    @property
    def major(self) -> int:
        """Of the contract's version: 1 on the feed's own topic, n on `<topic>.vn`."""
        return int(self.contract_version.partition(".")[0])

    @property
    def content_type(self) -> str:
        return f"{CONTENT_TYPES[self.format]}; charset={self.encoding}"


def shares(*weights: float) -> tuple[float, ...]:
    """Weights of 24 hours as shares of a day."""
    assert len(weights) == 24
    return tuple(weight / sum(weights) for weight in weights)


def topic_of(code: str, major: int) -> str:
    """The Kafka topic of a feed's messages under a major version of its contract."""
    return TOPIC_PREFIX + code + ("" if major == 1 else f".v{major}")


def _contradictions(feed: Feed) -> Iterator[str]:
    if feed.topic != topic_of(feed.code, feed.major):
        yield f"topic is {feed.topic}, but this version travels on {topic_of(feed.code, feed.major)}"
    if unknown := set(feed.mapping) - set(CANONICAL_FIELDS):
        yield f"no canonical fields: {', '.join(sorted(unknown))}"
    if missing := {"source_id", "received_at"} - set(feed.mapping):
        yield f"not mapped: {', '.join(sorted(missing))}"
    if unknown := {*feed.kinds.values(), *feed.admits} - set(KINDS):
        yield f"not in KINDS: {', '.join(sorted(unknown))}"
    if feed.default_kind not in (None, *feed.admits):
        yield f"default kind {feed.default_kind} is not admitted"
    if unknown := set(feed.categories.values()) - set(CATEGORIES):
        yield f"not in CATEGORIES: {', '.join(sorted(unknown))}"
    if len(feed.rhythm) != 24 or abs(sum(feed.rhythm) - 1) > 1e-9 or feed.expected_a_day < 1:
        yield "the rhythm is not 24 shares of a day's messages, or no message is expected"


def _persons(feed: Feed) -> Iterator[str]:
    """Faces, identities, number plates, lists and scores of persons cannot be asked for."""
    paths = [feed.items_path, *(path for paths in feed.mapping.values() for path in paths), *feed.mapping]
    for name in sorted({name for path in paths for name in (path, *path.split("."))}):
        if forbidden_name(name):
            yield f"field {name} is about persons and is never taken in"
