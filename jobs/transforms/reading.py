"""Raw messages to one row a record, its canonical fields still as the source wrote them."""

import re
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from jobs.transforms.caller_tokens import CallerKeys, caller_tokens, digits_of
from jobs.transforms.decoding import Decoded, decode
from jobs.transforms.mapping import content_hash, mapped
from schemas.feeds import FEEDS, contract_of_topic
from schemas.feeds.contract import CANONICAL_FIELDS, Adapted, Feed, Item
from schemas.feeds.forbidden import forbidden_fields
from schemas.ids import report_id

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
NO_DIGITS, SHORTEST_PHONE = re.compile(r"[^0-9]+"), 7


class _Record(NamedTuple):
    """One record of a message. item: as the source sends it, brought to the shape that the mapping expects."""

    message: int
    item_no: int
    item: Item
    is_read: bool
    unread_reasons: list[str]
    detail: str = ""
    content_hash: str | None = None


ABOUT = {"message": pl.UInt32} | {name: SCHEMA[name] for name in _Record._fields if name in SCHEMA}


def read(raw: pl.DataFrame, caller_keys: CallerKeys) -> pl.DataFrame:
    """One row a record of the messages, at least one a message, with the columns of SCHEMA.

    The caller's number becomes tokens here and goes no further. The records of one contract are read together, a column
    at a time: twice as quick as a record at a time.
    """
    messages = raw.select(*MESSAGE, "payload").with_row_index("message")
    parts = [_of_contract(part, caller_keys) for part in messages.partition_by("topic", maintain_order=True)]
    parts = [part for part in parts if part.height] or [pl.DataFrame(schema=ABOUT)]
    records = pl.concat(parts, how="diagonal").sort("message", "item_no")
    told = messages.select(MESSAGE)[records["message"]].hstack(records.drop("message"))
    return told.select(
        pl.col(name) if name in told.columns else pl.lit(None, kind).alias(name) for name, kind in SCHEMA.items()
    )


def _of_contract(messages: pl.DataFrame, caller_keys: CallerKeys) -> pl.DataFrame:
    """The records of messages of one topic, by the message's number: columns of SCHEMA, null ones left out."""
    topic, code = messages["topic"][0], messages["feed"][0]
    numbers, payloads = messages["message"].to_list(), messages["payload"].to_list()
    feed = contract_of_topic(topic)
    if feed is None:
        why = "unknown_version" if code in FEEDS else "unknown_feed"
        strays = [_unread(number, 0, why, f"no contract for topic {topic}") for number in numbers]
        return _about(strays).with_columns(contract_version=pl.lit(""))
    records = [
        _record(number, item_no, decoded)
        for number, payload in zip(numbers, payloads, strict=True)
        for item_no, decoded in enumerate(decode(payload, feed))
    ]
    known = [record for record in records if record.is_read]
    told = _fields(_adapted(known, feed), feed, caller_keys)
    unread = _about([record for record in records if not record.is_read])
    return pl.concat([told, unread], how="diagonal").with_columns(contract_version=pl.lit(feed.contract_version))


def _record(message: int, item_no: int, decoded: Decoded) -> _Record:
    item = decoded.item
    if item is None:
        return _unread(message, item_no, decoded.reason or "malformed_payload", decoded.detail)
    try:
        return _Record(message, item_no, item, is_read=True, unread_reasons=[], content_hash=content_hash(item))
    except ValueError:
        return _unread(message, item_no, "malformed_payload", "nested too deep")


def _unread(message: int, item_no: int, reason: str, detail: str) -> _Record:
    return _Record(message, item_no, {}, is_read=False, unread_reasons=[reason], detail=detail)


def _adapted(records: list[_Record], feed: Feed) -> list[_Record]:
    """What the contract refuses gets its reasons, and devices' messages the shape that the mapping expects."""
    refused = forbidden_fields([record.item for record in records])
    if feed.adapt is None and not any(refused):
        return records
    return [_adapted_one(record, name, feed) for record, name in zip(records, refused, strict=True)]


def _adapted_one(record: _Record, refused: str | None, feed: Feed) -> _Record:
    adapted = feed.adapt(record.item) if feed.adapt else Adapted(record.item)
    return record._replace(
        item=adapted.item,
        is_read=bool(adapted.item) or not adapted.reasons,
        unread_reasons=sorted({*adapted.reasons, *(["forbidden_field"] if refused else [])}),
        detail=f"field {refused}" if refused else adapted.detail,
    )


def _fields(records: list[_Record], feed: Feed, caller_keys: CallerKeys) -> pl.DataFrame:
    """The records with their canonical fields, where the mapping could read them."""
    known = [record for record in records if record.is_read]
    found = mapped([record.item for record in known], feed)
    phones = found.pop("caller_phone", [None] * len(known))
    known = [
        _named_after_caller(record) if phone and source_id and _is_named_after(phone, source_id) else record
        for record, phone, source_id in zip(known, phones, found["source_id"], strict=True)
    ]
    ids = [report_id(feed.code, source_id) if source_id else None for source_id in found["source_id"]]
    tokens = [caller_tokens(phone, caller_keys) if phone else None for phone in phones]
    fields: dict[str, list[Any]] = {"report_id": ids, "caller_tokens": tokens, **found}
    told = _about(known).with_columns(_series(name, values) for name, values in fields.items())
    return pl.concat([told, _about([record for record in records if not record.is_read])], how="diagonal")


def _is_named_after(phone: str, source_id: str) -> bool:
    """An id stays in the lake as it is, so a source that uses the caller's number as one is set aside."""
    number = digits_of(phone)
    if len(number) < SHORTEST_PHONE or number not in NO_DIGITS.sub("", source_id):
        return False
    return number in map(digits_of, (source_id, *NO_DIGITS.split(source_id)))


def _named_after_caller(record: _Record) -> _Record:
    reasons = sorted({*record.unread_reasons, "forbidden_field"})
    return record._replace(unread_reasons=reasons, detail="the caller's number as the id")


def _about(records: list[_Record]) -> pl.DataFrame:
    """The records without their fields."""
    columns = zip(*records, strict=True) if records else ([] for _ in _Record._fields)
    values = dict(zip(_Record._fields, columns, strict=True))
    return pl.DataFrame([_series(name, list(values[name])) for name in ABOUT])


def _series(name: str, values: list[Any]) -> pl.Series:
    """Lists by way of Arrow: ten times quicker than Polars reads them itself."""
    kind = ABOUT.get(name) or SCHEMA[name]
    if kind != pl.List(pl.String):
        return pl.Series(name, values, kind)
    return pl.Series(name, pa.array(values, pa.list_(pa.string())), kind)
