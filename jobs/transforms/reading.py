"""Raw messages to one row a record, its canonical fields still as the source wrote them."""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

import polars as pl

from jobs.transforms.decoding import Decoded, decode
from jobs.transforms.mapping import content_hash, mapped
from schemas.feeds import FEEDS
from schemas.feeds.contract import CANONICAL_FIELDS, Adapted, Feed, Item
from schemas.feeds.forbidden import forbidden_field

POINTER = ("feed", "raw_id", "item_no", "landed_at")
WORDS = ("kind_words", "source_category", *(name for name in CANONICAL_FIELDS if name != "caller_phone"))
SCHEMA: dict[str, Any] = {
    "feed": pl.String,
    "raw_id": pl.String,
    "item_no": pl.Int32,
    "landed_at": pl.Datetime("us", "UTC"),
    "contract_version": pl.String,
    "content_hash": pl.String,
    "report_id": pl.String,
    "caller_token": pl.String,
    "is_read": pl.Boolean,  # the fields could be mapped; else unread_reasons say why not
    "unread_reasons": pl.List(pl.String),
    "detail": pl.String,
    **dict.fromkeys(WORDS, pl.String),
}
Row = dict[str, Any]


def read(raw: pl.DataFrame, caller_key: bytes) -> pl.DataFrame:
    """One row a record of the messages, at least one a message, with the columns of SCHEMA.

    The caller's number becomes a token here and goes no further.
    """
    messages = raw.select("feed", "raw_id", "landed_at", "payload").iter_rows()
    rows = [row for feed, raw_id, at, payload in messages for row in _rows(feed, raw_id, at, payload, caller_key)]
    return pl.DataFrame(rows, schema=SCHEMA)


def _rows(code: str, raw_id: str, landed_at: Any, payload: bytes | None, caller_key: bytes) -> list[Row]:
    feed = FEEDS.get(code)
    pointer = {"feed": code, "raw_id": raw_id, "landed_at": landed_at}
    if feed is None:
        unknown = _unread("unknown_feed", "no contract of this name")
        return [pointer | unknown | {"item_no": 0, "contract_version": ""}]
    rows = [_row(decoded, feed, caller_key) for decoded in decode(payload, feed)]
    for item_no, row in enumerate(rows):
        row.update(pointer, item_no=item_no, contract_version=feed.contract_version)
    return rows


def _row(decoded: Decoded, feed: Feed, caller_key: bytes) -> Row:
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
    return row | _fields(adapted.item, feed, caller_key) if is_read else row


def _unread(reason: str, detail: str) -> Row:
    return {"is_read": False, "unread_reasons": [reason], "detail": detail}


def _fields(item: Item, feed: Feed, caller_key: bytes) -> Row:
    found = mapped(item, feed)
    phone, source_id = found.pop("caller_phone", None), found.get("source_id")
    found["caller_token"] = caller_token(phone, caller_key) if phone else None
    found["report_id"] = report_id(feed.code, source_id) if source_id else None
    return found


def report_id(feed: str, source_id: str) -> str:
    """The id of a contact: the same for all its revisions."""
    return "r-" + hashlib.sha256(f"{feed}|{source_id}".encode()).hexdigest()[:20]


@lru_cache(maxsize=16_384)
def caller_token(phone: str, key: bytes) -> str | None:
    """HMAC of the number's digits, without +86; None for what holds fewer than five digits."""
    digits = "".join(str(int(letter)) for letter in phone if letter.isdecimal()).lstrip("0")
    number = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    return "c-" + hmac.digest(key, number.encode(), "sha256").hex()[:24] if len(number) >= 5 else None
