"""The outbox relay against a real broker: everything, in order per order, and nothing lost while the broker is away."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from kafka import KafkaConsumer

from api.outbox.relay import Relay, _waves
from infra.stack import kafka
from infra.stack.process import Process, last_lines, spawn, stop, wait_until
from jobs.catalog import ORDER_EVENTS_TOPIC
from jobs.io.kafka import create_topics
from jobs.settings import PORT_OFFSETS, Settings
from schemas.tables import OUTBOX
from tests.api.conftest import County
from tests.api.store import free_port

pytestmark = pytest.mark.stack


class Broker:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        kafka.prepare(settings)
        self.process: Process = kafka.processes(settings)[0]

    def start(self) -> None:
        spawn(self.process)
        assert wait_until(self.process.is_ready, 90), last_lines(self.process.log)
        create_topics(self.settings.kafka, [ORDER_EVENTS_TOPIC])

    def messages(self, count: int) -> list[tuple[str, int]]:
        consumer = KafkaConsumer(
            ORDER_EVENTS_TOPIC,
            bootstrap_servers=self.settings.kafka,
            auto_offset_reset="earliest",
            consumer_timeout_ms=15_000,
        )
        found: list[tuple[str, int]] = []
        for record in consumer:
            found.append((record.key.decode(), json.loads(record.value)["data"]["version"]))
            if len(found) == count:
                break
        consumer.close()
        return found


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    found = Broker(
        Settings(state_dir=tmp_path / "kafka", port_base=free_port() - PORT_OFFSETS["kafka"], kafka_bootstrap="")
    )
    yield found
    stop(found.process)


def test_messages_wait_for_the_broker_and_leave_in_order(county: County, broker: Broker):
    with county.store.begin() as store:
        for version in range(1, 601):  # more than one batch
            for order in ("a", "b"):
                data = {"order_id": order, "version": version}
                store.execute(sa.insert(OUTBOX).values(key=order, message={"type": "order_event", "data": data}))
    settings = county.settings.model_copy(update={"kafka_bootstrap": broker.settings.kafka})
    relays = [Relay(settings, county.store) for _ in range(2)]
    threads = [threading.Thread(target=relay.run, daemon=True) for relay in relays]
    for thread in threads:
        thread.start()
    assert not wait_until(lambda: _waiting(county) < 1200, 3)
    broker.start()
    assert wait_until(lambda: _waiting(county) == 0, 60)
    for relay, thread in zip(relays, threads, strict=True):
        relay.stop()
        thread.join(30)
    found = broker.messages(1200)
    for order in ("a", "b"):
        assert [version for key, version in found if key == order] == list(range(1, 601))


def _waiting(county: County) -> int:
    with county.store.connect() as store:
        return store.scalar(sa.select(sa.func.count()).where(OUTBOX.c.published_at.is_(None))) or 0


def test_a_message_waits_until_the_one_before_it_of_its_key_is_there():
    rows = [SimpleNamespace(key=key, number=number) for number, key in enumerate("aabacb")]
    assert [[row.number for row in wave] for wave in _waves(rows)] == [[0, 2, 4], [1, 5], [3]]
