"""Raw messages to one row a record, its canonical fields still as the source wrote them."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from jobs.transforms.caller_tokens import CallerKeys, caller_tokens, digits_of
from jobs.transforms.decoding import Decoded, decode
from jobs.transforms.mapping import content_hash, mapped
from schemas.feeds import FEEDS, contract_of_topic
from schemas.feeds.contract import CANONICAL_FIELDS, Adapted, Feed
from schemas.feeds.forbidden import forbidden_field

MESSAGE = ("topic", "feed", "raw_id", "landed_at")
WORDS = ("kind_words", "source_category", *(name for name in CANONICAL_FIELDS if name != "caller_phone"))
SCHEMA: dict[str, Any] = {
    "topic": pl.String,  # names the contract, in its version, that the message was read under
    "feed": pl.String,
    "raw_id": pl.String,
    "item_no": pl.Int32,
    "landed_at": pl.Datetime("us", "UTC"),
    "contract_version": pl.String,
    "content_hash": pl.String,
    "report_id": pl.String,
    "caller_tokens": pl.List(pl.String),  # under each key; which counts, the received time decides
    "is_read": pl.Boolean,  # the fields could be mapped; else unread_reasons say why not
    "unread_reasons": pl.List(pl.String),
    "detail": pl.String,
    **dict.fromkeys(WORDS, pl.String),
}
Row = dict[str, Any]
NO_DIGITS, SHORTEST_PHONE = re.compile(r"[^0-9]+"), 7


def read(raw: pl.DataFrame, caller_keys: CallerKeys) -> pl.DataFrame:
    """One row a record of the messages, at least one a message, with the columns of SCHEMA.

    The caller's number becomes tokens here and goes no further.
    """
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA}
    adders = [(name, column.append) for name, column in columns.items()]
    for *pointer, payload in raw.select(*MESSAGE, "payload").iter_rows():
        for row in _rows(pointer, payload, caller_keys):
            for name, add in adders:
                add(row.get(name))
    return pl.DataFrame([_series(name, values) for name, values in columns.items()])


def _series(name: str, values: list[Any]) -> pl.Series:
    """Lists by way of Arrow: ten times quicker than Polars reads them itself."""
    kind = SCHEMA[name]
    if kind != pl.List(pl.String):
        return pl.Series(name, values, kind)
    return pl.Series(name, pa.array(values, pa.list_(pa.string())), kind)


def _rows(message: Sequence[Any], payload: bytes | None, caller_keys: CallerKeys) -> list[Row]:
    topic, code, *_ = message
    pointer = dict(zip(MESSAGE, message, strict=True))
    feed = contract_of_topic(topic)
    if feed is None:
        why = "unknown_version" if code in FEEDS else "unknown_feed"
        return [pointer | _unread(why, f"no contract for topic {topic}") | {"item_no": 0, "contract_version": ""}]
    rows = [_row(decoded, feed, caller_keys) for decoded in decode(payload, feed)]
    for item_no, row in enumerate(rows):
        row.update(pointer, item_no=item_no, contract_version=feed.contract_version)
    return rows


def _row(decoded: Decoded, feed: Feed, caller_keys: CallerKeys) -> Row:
    item = decoded.item
    if item is None:
        return _unread(decoded.reason or "malformed_payload", decoded.detail)
    try:
        fingerprint = content_hash(item)
    except ValueError:
        return _unread("malformed_payload", "nested too deep")
    refused = forbidden_field(item)
    adapted = feed.adapt(item) if feed.adapt else Adapted(item)
    reasons = sorted({*adapted.reasons, *(["forbidden_field"] if refused else [])})
    detail = f"field {refused}" if refused else adapted.detail
    is_read = bool(adapted.item) or not adapted.reasons
    row = {"is_read": is_read, "unread_reasons": reasons, "detail": detail, "content_hash": fingerprint}
    if not is_read:
        return row
    found = mapped(adapted.item, feed)
    if _is_named_after_caller(found):
        row |= {"unread_reasons": sorted({*reasons, "forbidden_field"}), "detail": "the caller's number as the id"}
    return row | _fields(found, feed, caller_keys)


def _unread(reason: str, detail: str) -> Row:
    return {"is_read": False, "unread_reasons": [reason], "detail": detail}


def _is_named_after_caller(found: Row) -> bool:
    """An id stays in the lake as it is, so a source that uses the caller's number as one is set aside."""
    source_id, number = found.get("source_id") or "", digits_of(found.get("caller_phone") or "")
    if len(number) < SHORTEST_PHONE or number not in NO_DIGITS.sub("", source_id):
        return False
    return number in map(digits_of, (source_id, *NO_DIGITS.split(source_id)))


def _fields(found: Row, feed: Feed, caller_keys: CallerKeys) -> Row:
    phone, source_id = found.pop("caller_phone", None), found.get("source_id")
    found["caller_tokens"] = caller_tokens(phone, caller_keys) if phone else None
    found["report_id"] = report_id(feed.code, source_id) if source_id else None
    return found


def report_id(feed: str, source_id: str) -> str:
    """The id of a contact: the same for all its revisions."""
    return "r-" + hashlib.sha256(f"{feed}|{source_id}".encode()).hexdigest()[:20]
