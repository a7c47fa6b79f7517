"""A plain consumer as a good engineer would write it first: kafka-python, record by record, appended to Delta.

It reads, redacts, makes tokens and converts times and coordinates as ours does. It has no bronze, no reasons, no
account, knows no redelivery, and what it wrote before a crash it writes again after it.
"""

import csv
import hashlib
import hmac
import io
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import orjson
import pyarrow as pa
from deltalake import write_deltalake
from kafka import KafkaConsumer, TopicPartition

from bench.intake.layout import COLUMNS, PATHS, PATTERNS
from bench.intake.points import to_wgs84
from schemas.feeds import FEEDS
from schemas.feeds.contract import Feed

CHINA = ZoneInfo("Asia/Shanghai")
RULES = [(re.compile(pattern), word) for pattern, word in PATTERNS]
KINDS = {code: feed.kinds for code, feed in FEEDS.items()}
CATEGORIES = {code: feed.categories for code, feed in FEEDS.items()}
SPLIT = {code: {n: [p.split(".") for p in found] for n, found in paths.items()} for code, paths in PATHS.items()}
BATCH = 50_000  # rows in one append
MOMENT = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [(name, pa.string()) for name in (
        "report_id", "raw_id", "feed", "content_hash", "caller_token", *(set(COLUMNS) - {"caller_phone"})
    ) if name not in ("lat", "lon", "received_at", "updated_at", "revision")]
    + [("lat", pa.float64()), ("lon", pa.float64()), ("revision", pa.int32()), ("item_no", pa.int32())]
    + [("received_at", MOMENT), ("updated_at", MOMENT), ("landed_at", MOMENT), ("day", pa.date32())]
)  # fmt: skip
Row = dict[str, Any]


def consume(bootstrap: str, events: int, key: bytes, table: Path) -> int:
    """Read so many messages of all feeds and append their reports; how many reports."""
    rows: list[Row] = []
    written = 0
    for record in _messages(bootstrap, events):
        rows.extend(_reports(record, key))
        if len(rows) >= BATCH:
            written += _append(rows, table)
            rows.clear()
    return written + _append(rows, table)


def _messages(bootstrap: str, events: int) -> Iterator[Any]:
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        max_poll_records=5_000, fetch_max_bytes=64 << 20, max_partition_fetch_bytes=8 << 20,
    )  # fmt: skip
    topics = sorted(name for name in consumer.topics() if name.startswith("ninelines.feed."))
    consumer.assign([TopicPartition(name, part) for name in topics for part in consumer.partitions_for_topic(name)])
    read = 0
    while read < events:
        for records in consumer.poll(timeout_ms=1000).values():
            read += len(records)
            yield from records
    consumer.close()


def _reports(record: Any, key: bytes) -> Iterator[Row]:
    feed = FEEDS.get(record.topic.removeprefix("ninelines.feed."))
    if feed is None:
        return
    raw_id, landed_at = (
        f"{record.topic}/{record.partition}/{record.offset}",
        datetime.fromtimestamp(record.timestamp / 1000, UTC),
    )
    try:
        for item_no, item in enumerate(_items(record.value, feed)):
            yield _report(item, feed, key) | {"raw_id": raw_id, "item_no": item_no, "landed_at": landed_at}
    except (ValueError, KeyError, TypeError, AttributeError, ElementTree.ParseError):
        return  # what cannot be read is dropped


def _items(payload: bytes, feed: Feed) -> list[Any]:
    if feed.format == "xml":
        return _xml_items(payload, feed)
    if feed.format == "form":
        return [dict(parse_qsl(payload.decode(), encoding=feed.encoding))]
    if feed.format == "csv":
        return list(csv.DictReader(io.StringIO(payload.decode(feed.encoding), newline="")))
    found = orjson.loads(payload if feed.encoding == "utf-8" else payload.decode(feed.encoding))
    for name in feed.items_path.split(".") if feed.items_path else ():
        found = found[name]
    return found if isinstance(found, list) else [found]


def _xml_items(payload: bytes, feed: Feed) -> list[Any]:
    """Expat knows no GB2312: the text is decoded first, its declaration cut off."""
    head, _, body = payload.partition(b"?>")
    root = ElementTree.fromstring(body.decode("utf-8" if b"utf-8" in head.lower() else "gb18030"))
    if not feed.items_path:
        return [_content(root)]
    return [_content(element) for element in root.iter(feed.items_path.rpartition(".")[2])]


def _content(element: Any) -> Any:
    children = list(element)
    return {child.tag.rpartition("}")[2]: _content(child) for child in children} if children else element.text


def _report(item: Row, feed: Feed, key: bytes) -> Row:
    found = {name: _first(item, paths) for name, paths in SPLIT[feed.code].items()}
    received = _moment(found["received_at"])
    lat, lon = _point(found.get("lat"), found.get("lon"), feed)
    title, text = found.get("title"), found.get("text") or ""
    return {
        **dict.fromkeys(COLUMNS), **found,
        "report_id": "r-" + hashlib.sha256(f"{feed.code}|{found['source_id']}".encode()).hexdigest()[:20],
        "source_id": str(found["source_id"]),
        "revision": int(found.get("revision") or 0),
        "feed": feed.code,
        "content_hash": hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        "caller_token": _token(found.get("caller_phone"), key),
        "kind": KINDS[feed.code].get(found.get("kind") or "", feed.default_kind),
        "category": CATEGORIES[feed.code].get(found.get("category") or "", feed.default_category),
        "text": _redacted(f"{title}。{text}" if title else text),
        "place": _redacted(found.get("place") or ""),
        "lat": lat,
        "lon": lon,
        "received_at": received,
        "updated_at": _moment(found["updated_at"]) if found.get("updated_at") else received,
        "day": received.astimezone(CHINA).date(),
    }  # fmt: skip


def _first(item: Row, paths: list[list[str]]) -> Any:
    for path in paths:
        value: Any = item
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if value not in (None, ""):
            return value
    return None


def _moment(words: Any) -> datetime:
    if isinstance(words, int):
        return datetime.fromtimestamp(words / 1000, UTC)
    found = datetime.fromisoformat(words)
    return (found if found.tzinfo else found.replace(tzinfo=CHINA)).astimezone(UTC)


def _point(lat: Any, lon: Any, feed: Feed) -> tuple[float | None, float | None]:
    if lat in (None, "") or lon in (None, ""):
        return None, None
    north, east = float(lat), float(lon)
    if not (math.isfinite(north) and abs(north) <= 90):
        raise ValueError(lat)
    return to_wgs84(north, east, feed.coordinate_system)


def _token(phone: Any, key: bytes) -> str | None:
    return "c-" + hmac.new(key, str(phone).encode(), "sha256").hexdigest()[:24] if phone else None


def _redacted(text: str) -> str:
    for rule, word in RULES:
        text = rule.sub(word, text)
    return text


def _append(rows: list[Row], table: Path) -> int:
    if rows:
        columns = {field.name: pa.array([row[field.name] for row in rows], field.type, from_pandas=True)
                   for field in SCHEMA}  # fmt: skip
        write_deltalake(str(table), pa.table(columns), mode="append", partition_by=["day"])
    return len(rows)
