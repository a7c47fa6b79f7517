"""Callers' numbers to tokens: keyed hashes, the key chosen by the day the source received the call."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeAlias

import polars as pl

from jobs.catalog import TIME_ZONE


@dataclass(frozen=True)
class CallerKey:
    """One period's key. valid_from: local day, up to the next key's; None: since ever. secret: None once destroyed."""

    id: str
    valid_from: date | None
    secret: bytes | None = field(repr=False)


CallerKeys: TypeAlias = tuple[CallerKey, ...]  # in order of time, at least one, the first valid since ever


def as_keys(secret: bytes | CallerKeys) -> CallerKeys:
    """A secret alone is the key of all time."""
    return (CallerKey("1", None, secret),) if isinstance(secret, bytes) else secret


def caller_tokens(phone: str, keys: CallerKeys) -> list[str | None]:
    """The number's token under each key, `c-<key id>:<24 hex digits>`; None under a destroyed key.

    None too for what holds fewer than five digits.
    """
    number = digits_of(phone)
    return [_token(number, key.id, key.secret) if key.secret and len(number) >= 5 else None for key in keys]


def token_of_its_day(tokens: str, received_at: str, keys: Sequence[CallerKey]) -> pl.Expr:
    """Of a column of `caller_tokens`, the one whose key was valid on the local day of the moment.

    The day is the source's word, never the clock: a replay or late delivery has the same token as the first.
    """
    day = pl.col(received_at).dt.convert_time_zone(TIME_ZONE).dt.date()
    begun = [(day >= key.valid_from).cast(pl.Int64) for key in keys if key.valid_from]
    return pl.col(tokens).list.get(sum(begun, pl.lit(0, pl.Int64)), null_on_oob=True)


@lru_cache(maxsize=16_384)
def digits_of(phone: str) -> str:
    """Without +86 and leading zeros."""
    is_plain = phone.isascii() and phone.isdigit()
    digits = phone if is_plain else "".join(str(int(letter)) for letter in phone if letter.isdecimal())
    digits = digits.lstrip("0")
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


@lru_cache(maxsize=16_384)
def _token(number: str, key_id: str, secret: bytes) -> str:
    return f"c-{key_id}:" + hmac.digest(secret, number.encode(), "sha256").hex()[:24]
