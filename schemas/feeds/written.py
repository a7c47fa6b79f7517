"""How platforms write moments and names, brought to one spelling before a mapping reads them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

MOMENT = re.compile(
    r"""^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?
    [T\s]*(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2})\s*(?:[.,](\d{1,9}))?\s*秒?)?分?
    \s*(Z|[+-]\d{1,2}(?::?\d{1,2})?)?\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
USUAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}")  # most are
COMPACT = re.compile(r"^\s*((?:19|20)\d{6})T?(\d{6})(?:\.?(\d{3}))?\s*(Z|[+-]\d{2}:?\d{2})?\s*$", re.IGNORECASE)
EPOCH = re.compile(r"^\s*(?:/Date\()?(\d{10}|\d{13})(?:\.\d+)?(?:[+-]\d{4})?(?:\)/)?\s*$")
LONGEST_NAME = 64  # that is worth remembering
SEPARATORS = re.compile(r"[_\-.\s]")


def moment(words: Any) -> str | None:
    """A moment as ISO 8601, with its zone where it says one; words of another form as they are; None for nothing.

    Seconds and milliseconds since 1970 are UTC. A day alone is no moment. Whether the day exists is for the contract to
    judge.
    """
    if words is None or isinstance(words, bool | dict | list) or not (text := str(words).strip()):
        return None
    if USUAL.fullmatch(text):
        return f"{text[:10]}T{text[11:]}"
    if found := EPOCH.match(text):
        return _since_1970(int(found.group(1)))
    if found := COMPACT.match(text):
        day, time, part, zone = found.groups()
        return _iso((day[:4], day[4:6], day[6:], time[:2], time[2:4], time[4:], part), zone)
    if found := MOMENT.match(text):
        *parts, zone = found.groups()
        return _iso(parts, zone)
    return text


def plain_name(name: str) -> str:
    """A field's name without case and separators: `rec_id`, `recId` and `RecID` are one."""
    return _remembered(name) if len(name) <= LONGEST_NAME else _plain(name)


@lru_cache(maxsize=16_384)
def _remembered(name: str) -> str:
    return _plain(name)


def _plain(name: str) -> str:
    return SEPARATORS.sub("", name).lower()


def _iso(parts: Iterable[str | None], zone: str | None) -> str:
    year, month, day, hour, minute, second, part = parts
    date = f"{year}-{int(month or 0):02}-{int(day or 0):02}"
    time = f"{int(hour or 0):02}:{int(minute or 0):02}:{int(second or 0):02}"
    return f"{date}T{time}" + (f".{part[:6]}" if part else "") + _zone(zone)


def _zone(zone: str | None) -> str:
    """`+8`, `+8:00` and `+0800` are one."""
    if not zone:
        return ""
    if zone in "Zz":
        return "+00:00"
    digits = zone[1:]
    hours, minutes = (
        digits.split(":") if ":" in digits else (digits[:-2] or digits, digits[-2:] if digits[:-2] else "0")
    )
    return f"{zone[0]}{int(hours):02}:{int(minutes or 0):02}"


def _since_1970(number: int) -> str:
    seconds, thousandths = divmod(number, 1000) if number >= 10**12 else (number, 0)
    at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds, milliseconds=thousandths)
    return at.isoformat(timespec="milliseconds")
