"""The newest messages of all feeds, as they come: a consumer without a group that commits nothing."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from jobs.catalog import FEED_TOPIC_PREFIX
from jobs.io.kafka import CONNECT_MS
from jobs.transforms.reading import MESSAGE

LOOK_SECONDS = 5.0  # how long a new topic or partition may go unseen
POLL_MS, MOST = 100, 400  # messages at once
SCHEMA: dict[str, Any] = {
    "topic": pl.String, "feed": pl.String, "raw_id": pl.String, "landed_at": pl.Datetime("us", "UTC"),
    "payload": pl.Binary,
}  # fmt: skip
assert (*MESSAGE, "payload") == tuple(SCHEMA)
log = structlog.get_logger()


class NewestMessages:
    """Reads from so far back, then what comes. A partition that appears later is read from its beginning."""

    def __init__(self, bootstrap: str, look_back: timedelta) -> None:
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
            bootstrap_timeout_ms=CONNECT_MS, metadata_max_age_ms=int(LOOK_SECONDS * 1000), fetch_max_wait_ms=50,
        )  # fmt: skip
        self._known: set[TopicPartition] = set()
        self._since: datetime | None = datetime.now(UTC) - look_back
        self._look()

    def close(self) -> None:
        self._consumer.close()

    def poll(self) -> pl.DataFrame:
        """RawMessage's topic, feed, raw_id, landed_at and payload of what came; empty where nothing did."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._look()
        if not self._known:
            time.sleep(POLL_MS / 1000)
            return pl.DataFrame(schema=SCHEMA)
        found = self._consumer.poll(timeout_ms=POLL_MS, max_records=MOST)
        return pl.DataFrame([_row(one) for part in found.values() for one in part], schema=SCHEMA, orient="row")

    def is_at_end(self) -> bool:
        """Whether everything that was there when this is asked has been read."""
        ends = self._consumer.end_offsets(list(self._known)) if self._known else {}
        return all(self._consumer.position(part) >= end for part, end in ends.items())

    def _look(self) -> None:
        """Take up the partitions that are new; those of the first look that succeeds from so far back."""
        try:
            names = [name for name in self._consumer.topics() if name.startswith(FEED_TOPIC_PREFIX)]
            there = {TopicPartition(name, part) for name in names for part in self._parts(name)}
            if fresh := there - self._known:
                starts = self._starts(fresh)
                self._consumer.assign(sorted(self._known | fresh))
                for part, offset in starts.items():
                    self._consumer.seek(part, offset)
                self._known |= fresh
            self._since = None
        except KafkaError as error:
            log.warning("broker_away", why=str(error)[:200])
        self._looked = time.monotonic()

    def _parts(self, name: str) -> set[int]:
        return self._consumer.partitions_for_topic(name) or set()

    def _starts(self, parts: set[TopicPartition]) -> dict[TopicPartition, int]:
        if self._since is None:
            return dict(self._consumer.beginning_offsets(list(parts)))
        at = self._consumer.offsets_for_times(dict.fromkeys(parts, int(self._since.timestamp() * 1000)))
        ends = self._consumer.end_offsets(list(parts))
        return {part: place.offset if (place := at.get(part)) else ends[part] for part in parts}


def _row(one: Any) -> tuple[Any, ...]:
    feed = one.topic.removeprefix(FEED_TOPIC_PREFIX).rpartition(".v")
    code = feed[0] if feed[0] and feed[2].isdigit() else one.topic.removeprefix(FEED_TOPIC_PREFIX)
    landed_at = datetime.fromtimestamp(one.timestamp / 1000, UTC)
    return one.topic, code, f"{one.topic}/{one.partition}/{one.offset}", landed_at, one.value
