"""Canonical items as payloads of a feed: the inverse of its contract, in its own format, encoding and words."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from lxml import etree

from jobs.simulate.encoding_video import encode_video, video_source_id
from jobs.transforms.coordinates import from_wgs84
from schemas.feeds.contract import CANONICAL_FIELDS, EPOCH_MS, Feed
from schemas.vocabulary import CATEGORIES, KINDS

Canonical = Mapping[str, Any]


def encode(feed: Feed, items: Sequence[Canonical]) -> bytes:
    """One payload that says these items as the feed would say them.

    Times are aware datetimes, kind and category our codes or the source's own words, points WGS84; None is left out, and
    so is what the feed has no field or no word for (but ValueError for a kind). ValueError where the format carries one
    item only and there are more.
    """
    if feed.code == "video":
        return encode_video(_only(items, feed))
    written = [_written(item, feed) for item in items]
    return _WRITERS[feed.format](written, feed)


def encoded_source_id(feed: Feed, item: Canonical) -> str:
    """The source_id that cleaning will find: the item's own, but for a video alarm one made of camera, number and time."""
    return video_source_id(item) if feed.code == "video" else str(item["source_id"])


def _written(item: Canonical, feed: Feed) -> dict[str, Any]:
    """The item's values by the feed's paths."""
    if unknown := set(item) - set(CANONICAL_FIELDS):
        raise ValueError(f"no canonical fields: {sorted(unknown)}")
    said = {name: value for name, value in item.items() if value is not None and name in feed.mapping}
    if said.get("lat") is not None and said.get("lon") is not None and (said["lat"], said["lon"]) != (0, 0):
        point = from_wgs84(said["lat"], said["lon"], feed.coordinate_system)
        said["lat"], said["lon"] = (round(float(number), 7) for number in point)
    values = {feed.mapping[name][0]: _value(name, value, feed) for name, value in said.items()}
    return {path: value for path, value in values.items() if value is not None}


def _value(name: str, value: Any, feed: Feed) -> Any:
    if isinstance(value, datetime):
        return _time(value, feed)
    if name == "kind" and value in KINDS:
        if value not in _words(tuple(feed.kinds.items())):
            raise ValueError(f"feed {feed.code} has no word for kind {value}")
        return _words(tuple(feed.kinds.items()))[value]
    if name == "category" and value in CATEGORIES:
        return _words(tuple(feed.categories.items())).get(value)
    return value


def _time(moment: datetime, feed: Feed) -> str | int:
    form = feed.time_formats[0]
    if form == EPOCH_MS:
        return (moment - datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))) // timedelta(milliseconds=1)
    local = moment.astimezone(ZoneInfo(feed.time_zone))
    if form.endswith("z"):
        return local.isoformat(timespec="seconds")
    return local.strftime(form.removesuffix("%.f"))


@cache
def _words(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Our code -> the first of the source's words for it."""
    return {code: word for word, code in reversed(pairs)}


def _json(written: list[dict[str, Any]], feed: Feed) -> bytes:
    items = [_nested(values) for values in written]
    document: Any = items if feed.items_path or feed.code == "grid" or len(items) != 1 else items[0]
    for name in reversed(feed.items_path.split(".") if feed.items_path else ()):
        document = {name: document}
    return orjson.dumps(document).decode().encode(feed.encoding)


def _xml(written: list[dict[str, Any]], feed: Feed) -> bytes:
    *outer, inner = feed.items_path.split(".")
    root = parent = etree.Element(outer[0])
    for name in outer[1:]:
        parent = etree.SubElement(parent, name)
    for values in written:
        _fill(etree.SubElement(parent, inner), _nested(values))
    return etree.tostring(root, encoding=feed.encoding, xml_declaration=True)


def _form(written: list[dict[str, Any]], feed: Feed) -> bytes:
    return urlencode(_only(written, feed), encoding=feed.encoding).encode()


def _csv(written: list[dict[str, Any]], feed: Feed) -> bytes:
    columns = [paths[0] for paths in feed.mapping.values()]
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, restval="")
    writer.writeheader()
    writer.writerows(written)
    return file.getvalue().encode(feed.encoding)


_WRITERS = {"json": _json, "xml": _xml, "form": _form, "csv": _csv}


def _only(items: Sequence[Any], feed: Feed) -> Any:
    if len(items) != 1:
        raise ValueError(f"feed {feed.code} carries one item a payload, not {len(items)}")
    return items[0]


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`."""
    found: dict[str, Any] = {}
    for path, value in values.items():
        *outer, last = path.split(".")
        place = found
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = value
    return found


def _fill(element: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        child = etree.SubElement(element, name)
        if isinstance(value, Mapping):
            _fill(child, value)
        else:
            child.text = str(value)
