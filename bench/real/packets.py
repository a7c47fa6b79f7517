"""Rows of a real data set as deliveries of our feeds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from jobs.simulate.encoding import encode
from jobs.simulate.load import Message
from jobs.simulate.messages import message_of
from schemas.feeds import FEEDS

MOST = {"grid": 50, "119": 20, "122": 20}  # records in one payload; the other feeds take one
Item = dict[str, Any]  # canonical field -> value, as encode() takes it


@dataclass(frozen=True)
class Packet:
    """One delivery of one data set. records: how many reports or alarms it should hold."""

    data_set: str
    message: Message
    records: int


def packets(data_set: str, feed_code: str, items: Iterable[Item]) -> Iterator[Packet]:
    """Items in the feed's own format, several in one payload where the feed sends batches."""
    feed, left = FEEDS[feed_code], iter(items)
    while group := list(islice(left, MOST.get(feed_code, 1))):
        yield packet(data_set, feed_code, group[0]["source_id"], encode(feed, group), len(group))


def packet(data_set: str, feed_code: str, name: str, payload: bytes, records: int = 1) -> Packet:
    """One payload. Its CloudEvents id is `data set/name`, so that each record is traced back to its set."""
    source, now = f"/bench/real/{data_set}", datetime.now(UTC)
    message = message_of(FEEDS[feed_code], payload, source=source, ce_id=f"{data_set}/{name}", key=name, at=now)
    return Packet(data_set, message, records)


def clean_name(value: str | None) -> str | None:
    """A name from the data; None for the empty marks the sets use."""
    return value.strip() if value and value.strip() not in ("", "-", "NA") else None
