"""What has arrived of each feed: in Kafka, whether or not it landed, and in bronze. No message is looked into."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from jobs.io.kafka import CONNECT_MS, NoBrokerError
from jobs.io.lake import Lake
from jobs.transforms.freshness import Arrivals
from schemas.feeds.contract import Feed

LOOK_BACK = timedelta(days=8)  # a day more than Kafka keeps messages: what landed is never taken for waiting
POLL_MS = 3000
Offsets = Mapping[tuple[str, int], int]  # (topic, partition) -> offset of the newest landed message


def arrivals(contracts: Iterable[Feed], lake: Lake, bootstrap: str, now: datetime) -> dict[str, Arrivals]:
    """By feed code, the topics of all its versions together.

    Raises NoBrokerError: without Kafka nobody can tell a silent feed from one that waits.
    """
    recent = lake.read(
        "bronze.raw",
        ["feed", "topic", "partition", "offset", "landed_at"],
        pl.col("landed_day") >= (now - LOOK_BACK).date(),
    )
    found = _landed(recent, lake, now)
    offsets = _offsets(recent)
    with _Kafka(bootstrap) as kafka:
        for feed in contracts:
            found[feed.code] = kafka.looked_at(feed.topic, found.get(feed.code, Arrivals(None)), offsets)
    return found


def _landed(recent: pl.DataFrame, lake: Lake, now: datetime) -> dict[str, Arrivals]:
    """What bronze tells. A feed whose messages have all expired is known by its reports' landing times no more."""
    days = lake.read("bronze.raw", ["landed_day"])["landed_day"]
    first = days.min()
    since = datetime(first.year, first.month, first.day, tzinfo=UTC) if first else None  # type: ignore[union-attr]  # a date: the column is one
    a_day = ((pl.col("landed_at") > now - timedelta(days=1)) & (pl.col("landed_at") <= now)).sum()
    rows = recent.group_by("feed").agg(pl.col("landed_at").max(), a_day=a_day)
    return {feed: Arrivals(last, a_day, known_since=since) for feed, last, a_day in rows.iter_rows()}


def _offsets(recent: pl.DataFrame) -> Offsets:
    newest = recent.group_by("topic", "partition").agg(pl.col("offset").max())
    return {(topic, partition): offset for topic, partition, offset in newest.iter_rows()}


class _Kafka:
    """One consumer without a group: it reads single messages at known places and commits nothing."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def __enter__(self) -> "_Kafka":
        try:
            self._consumer = KafkaConsumer(
                bootstrap_servers=self._bootstrap, group_id=None, enable_auto_commit=False,
                auto_offset_reset="earliest", bootstrap_timeout_ms=CONNECT_MS,
            )  # fmt: skip
        except KafkaError as error:
            raise NoBrokerError(
                f"Kafka at {self._bootstrap}: {type(error).__name__} {error}. Is it up? `ninelines status`"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def looked_at(self, topic: str, known: Arrivals, landed: Offsets) -> Arrivals:
        """What bronze knows of the topic's feed, with what Kafka holds."""
        parts = [TopicPartition(topic, number) for number in self._consumer.partitions_for_topic(topic) or ()]
        if not parts:
            return known
        begins, ends = self._consumer.beginning_offsets(parts), self._consumer.end_offsets(parts)
        lasts, waits, waiting = [known.last_at], [known.waiting_since], known.waiting
        for part in (part for part in parts if ends[part] > begins[part]):
            lasts.append(self._time_at(part, ends[part] - 1))
            following = max(landed.get((topic, part.partition), -1) + 1, begins[part])
            if following < ends[part]:
                waiting += ends[part] - following
                waits.append(self._time_at(part, following))
        last = max((moment for moment in lasts if moment), default=None)
        since = min((moment for moment in waits if moment), default=None)
        return replace(known, last_at=last, waiting=waiting, waiting_since=since)

    def _time_at(self, part: Any, offset: int) -> datetime | None:
        """When the message at this place arrived; None where it does not come in time."""
        self._consumer.assign([part])
        self._consumer.seek(part, offset)
        records = self._consumer.poll(timeout_ms=POLL_MS, max_records=1).get(part, [])
        return datetime.fromtimestamp(records[0].timestamp / 1000, UTC) if records else None
