"""A simulated load: the messages to send, and the truth about each record in them."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

import polars as pl

from jobs.simulate.grammar import Span

Outcome = Literal["clean", "redelivered", "quarantined"]


@dataclass(frozen=True)
class Message:
    """One delivery. headers: the CloudEvents attributes; copy_no: 0, or which redelivery of the same bytes this is."""

    feed: str
    topic: str
    key: str
    payload: bytes
    headers: dict[str, str]
    copy_no: int = 0

    @property
    def ce_id(self) -> str:
        return self.headers["ce_id"]


@dataclass(frozen=True)
class Fate:
    """What must become of one record of one message, and what it really was.

    reasons: only of the quarantined, sorted. incident, outbreak and the rest are None where the record is broken.
    is_urgent: None where sensible people would differ. spans: personal pieces of `text`, and look-alikes.
    """

    feed: str
    ce_id: str
    copy_no: int
    item_no: int
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    source_id: str | None = None
    revision: int | None = None
    received_at: datetime | None = None
    kind: str | None = None
    category: str | None = None
    is_urgent: bool | None = None
    township_code: str | None = None
    incident: str | None = None
    outbreak: str | None = None
    text: str | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Truth:
    """One fate a record, in the order of the messages."""

    fates: tuple[Fate, ...] = field(repr=False)

    @cached_property
    def counts(self) -> dict[str, Counter[str]]:
        """feed -> outcome -> records."""
        found: dict[str, Counter[str]] = {}
        for fate in self.fates:
            found.setdefault(fate.feed, Counter())[fate.outcome] += 1
        return found

    def frame(self) -> pl.DataFrame:
        """One row a record; reasons joined by `+`, spans left out."""
        rows = [asdict(fate) | {"reasons": "+".join(fate.reasons)} for fate in self.fates]
        for row in rows:
            del row["spans"]
        return pl.DataFrame(rows, infer_schema_length=None)

    def json_lines(self) -> str:
        """One JSON object a record, with its spans."""
        return "".join(
            json.dumps(asdict(fate), ensure_ascii=False, default=datetime.isoformat) + "\n" for fate in self.fates
        )


@dataclass(frozen=True)
class Load:
    messages: tuple[Message, ...] = field(repr=False)
    truth: Truth = field(repr=False)
