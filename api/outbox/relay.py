"""The outbox relay: what the store changed goes to Kafka, at least once, in order per order.

One relay works at a time, whoever holds the advisory lock; the others wait to take over. A broker that does not
answer is tried again, ever more slowly, and nothing is marked as published before the broker has it.
"""

import json
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.producer.future import FutureRecordMetadata

from api.store import alone
from jobs.catalog import ORDER_EVENTS_TOPIC
from jobs.settings import Settings
from schemas.tables import OUTBOX

log = structlog.get_logger()

LOCK = "ninelines outbox relay"
BATCH = 500
IDLE_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
ANSWER_SECONDS = 10


class Relay:
    """run() works until stop() is called; both may be called from any thread."""

    def __init__(self, settings: Settings, store: sa.Engine, topic: str = ORDER_EVENTS_TOPIC) -> None:
        self._settings, self._store, self._topic = settings, store, topic
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Publish what waits, for ever; trouble with the broker or the store only makes it wait."""
        wait = IDLE_SECONDS
        while not self._stopped.is_set():
            try:
                self._work()
                wait = IDLE_SECONDS
            except (KafkaError, sa.exc.SQLAlchemyError) as error:
                log.warning("outbox_waits", error=type(error).__name__, seconds=wait)
            self._stopped.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def _work(self) -> None:
        """Hold the lock and publish until stopped or in trouble. Returns at once when another relay has the lock."""
        with alone(self._store, LOCK) as store:
            if store is not None:
                self._publish_all(store)

    def _publish_all(self, store: sa.Connection) -> None:
        producer = _producer(self._settings.kafka)
        try:
            while not self._stopped.is_set():
                if not publish_waiting(store, producer, self._topic):
                    self._stopped.wait(IDLE_SECONDS)
        finally:
            producer.close(timeout=ANSWER_SECONDS)


def publish_waiting(store: sa.Connection, producer: KafkaProducer, topic: str = ORDER_EVENTS_TOPIC) -> int:
    """Publish the oldest waiting messages and mark them; number published. KafkaError leaves the rest waiting."""
    waiting = sa.select(OUTBOX).where(OUTBOX.c.published_at.is_(None)).order_by(OUTBOX.c.outbox_id).limit(BATCH)
    done: list[int] = []
    try:
        for wave in _waves(store.execute(waiting).all()):
            answers = [_sent(producer, row, topic) for row in wave]
            for row, answer in zip(wave, answers, strict=True):
                answer.get(timeout=ANSWER_SECONDS)
                done.append(row.outbox_id)
    finally:
        _mark(store, done)
    return len(done)


def _sent(producer: KafkaProducer, row: Any, topic: str) -> FutureRecordMetadata:
    return producer.send(row.topic or topic, key=row.key.encode(), value=_bytes(row.message))


def _waves(rows: Sequence[Any]) -> list[list[Any]]:
    """The rows in parts in which each key is once: a message leaves when the broker has all before it of its key.

    Sent together, the second could arrive though the first was lost, and would stand before it.
    """
    waves: list[list[Any]] = []
    seen: Counter[str] = Counter()
    for row in rows:
        if seen[row.key] == len(waves):
            waves.append([])
        waves[seen[row.key]].append(row)
        seen[row.key] += 1
    return waves


def _mark(store: sa.Connection, done: Sequence[int]) -> None:
    if done:
        store.execute(sa.update(OUTBOX).where(OUTBOX.c.outbox_id.in_(done)).values(published_at=sa.func.now()))
    store.commit()


def _bytes(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _producer(bootstrap: str) -> KafkaProducer:
    """Idempotent: the client's own repeats neither double nor reorder messages of one key."""
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        bootstrap_timeout_ms=5_000,
        acks="all",
        enable_idempotence=True,
        linger_ms=20,
        max_block_ms=ANSWER_SECONDS * 1000,
        delivery_timeout_ms=ANSWER_SECONDS * 1000,
        request_timeout_ms=ANSWER_SECONDS * 500,
    )
