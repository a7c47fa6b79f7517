"""Raw messages to one row a record, its canonical fields still as the source wrote them."""

import hashlib
import hmac
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import polars as pl

from jobs.transforms.decoding import Decoded, decode
from jobs.transforms.mapping import content_hash, mapped
from schemas.feeds import FEEDS
from schemas.feeds.contract import CANONICAL_FIELDS, Adapted, Feed
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
    rows = [row for message in messages for row in _rows(*message, caller_key)]
    return pl.DataFrame(rows, schema=SCHEMA)


def _rows(code: str, raw_id: str, landed_at: Any, payload: bytes | None, caller_key: bytes) -> Iterator[Row]:
    feed = FEEDS.get(code)
    found = decode(payload, feed) if feed else [Decoded(None, "unknown_feed", "no contract of this name")]
    for item_no, decoded in enumerate(found):
        row = _row(decoded, feed, caller_key) if feed and decoded.item is not None else _unread(decoded.reason, decoded.detail)
        yield row | {
            "feed": code, "raw_id": raw_id, "item_no": item_no, "landed_at": landed_at,
            "contract_version": feed.contract_version if feed else "",
        }  # fmt: skip


def _unread(reason: str | None, detail: str) -> Row:
    return {"is_read": False, "unread_reasons": [reason] if reason else [], "detail": detail}


def _row(decoded: Decoded, feed: Feed, caller_key: bytes) -> Row:
    item = decoded.item
    assert item is not None
    try:
        fingerprint = content_hash(item)
    except ValueError:
        return _unread("malformed_payload", "nested too deep")
    refused = forbidden_field(item)
    adapted = feed.adapt(item) if feed.adapt else Adapted(item)
    if adapted.reasons and not adapted.item:
        reasons = sorted({*adapted.reasons, *(["forbidden_field"] if refused else [])})
        return {"is_read": False, "unread_reasons": reasons, "detail": adapted.detail, "content_hash": fingerprint}
    reasons = sorted({*adapted.reasons, *(["forbidden_field"] if refused else [])})
    found = mapped(adapted.item, feed)
    phone = found.pop("caller_phone", None)
    return found | {
        "is_read": True,
        "unread_reasons": reasons,
        "detail": f"field {refused}" if refused else adapted.detail,
        "content_hash": fingerprint,
        "report_id": report_id(feed.code, found["source_id"]) if found.get("source_id") else None,
        "caller_token": caller_token(phone, caller_key) if phone else None,
    }


def report_id(feed: str, source_id: str) -> str:
    """The id of a contact: the same for all its revisions."""
    return "r-" + hashlib.sha256(f"{feed}|{source_id}".encode()).hexdigest()[:20]


@lru_cache(maxsize=16_384)
def caller_token(phone: str, key: bytes) -> str | None:
    """HMAC of the number's digits, without +86; None for what holds fewer than five digits."""
    digits = "".join(letter for letter in _narrow(phone) if letter.isdecimal()).lstrip("0")
    number = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    return "c-" + hmac.digest(key, number.encode(), "sha256").hex()[:24] if len(number) >= 5 else None


def _narrow(phone: str) -> str:
    return "".join(str(int(letter)) if letter.isdecimal() else letter for letter in phone)
