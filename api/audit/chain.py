"""The chain of the access log: each entry's hash covers the entry and the hash before it. Pure.

Whoever changes, removes or inserts an entry changes every hash after it. Only a cut tail leaves no trace in what is
left: keep the newest hash elsewhere, and ask whether the chain still holds it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

BEGINNING = "0" * 64  # the hash before the first entry
SAID = ("at", "role", "unit_code", "key_id", "method", "route", "order_id", "status", "ms")


@dataclass(frozen=True)
class Verdict:
    """entries: that are sound, from the first on. fault: what is wrong with the next one; None: nothing is."""

    entries: int
    head: str
    fault: str | None = None
    is_head_there: bool = True


def linked(entry: int, said: Mapping[str, Any], previous: str) -> dict[str, Any]:
    """The entry as it is kept. said: values of SAID; entry: its number, from 1."""
    words = {name: _plain(said[name]) for name in SAID} | {"entry": entry}
    body = json.dumps(words, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
    return {**{name: said[name] for name in SAID}, "entry": entry, "previous": previous, "hash": digest}


def verify(entries: Iterable[Mapping[str, Any]], head: str | None = None) -> Verdict:
    """Walk the chain, which is in order of `entry`; stops at the first fault. head: a hash that it must hold."""
    number, previous, is_head_there = 0, BEGINNING, head is None
    for found in entries:
        if fault := _fault(found, number + 1, previous):
            return Verdict(number, previous, fault, is_head_there)
        number, previous = number + 1, found["hash"]
        is_head_there |= previous == head
    return Verdict(number, previous, None, is_head_there)


def _fault(found: Mapping[str, Any], number: int, previous: str) -> str | None:
    if found["entry"] != number:
        return f"entry {number} is missing: after {number - 1} comes {found['entry']}"
    if found["previous"] != previous:
        return f"entry {number} does not follow from the one before it"
    if linked(number, found, previous)["hash"] != found["hash"]:
        return f"entry {number} was changed"
    return None


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
