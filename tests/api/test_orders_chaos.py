"""Orders under kill -9: lives are lived through two API processes while these, PostgreSQL and the broker are killed.

What a client was told happened has happened, once; no order is lost, doubled or moved backwards; and Kafka has each
event, the first of each in the order of the order's life. NINELINES_CHAOS_ROUNDS and NINELINES_CHAOS_SEED set more
rounds and other moments.
"""

import json
import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from kafka import KafkaConsumer

from api.keys.making import random_key, register
from infra.stack import api, lifecycle
from infra.stack.ports import answers
from infra.stack.process import Process, running_pid, spawn, stop, wait_until
from jobs.catalog import ORDER_EVENTS_TOPIC
from jobs.settings import Settings
from schemas.feeds.desk import FEED
from schemas.order_life import LIFE
from schemas.tables import HAPPENINGS, IDEMPOTENCY_KEYS, ORDER_EVENTS, ORDERS, OUTBOX
from tests.conftest import PROCESS

pytestmark = pytest.mark.stack

PORT_BASE = 27_700 + 100 * PROCESS
SERVERS = ("postgres", "kafka", "api")
ROUNDS = int(os.environ.get("NINELINES_CHAOS_ROUNDS", "6"))
SEED = int(os.environ.get("NINELINES_CHAOS_SEED", "11"))
CLIENTS = 4
PATIENCE_SECONDS = 90
LIFE_OF_A_CALL = ("register", "dispatch", "sign", "handle", "close")
BODIES = {
    "register": {"text": "东湖街道窨井盖破损", "kind": "complaint", "category": "municipal_works"},
    "dispatch": {"unit_code": "housing", "reason": "属住建职责"},
    "close": {"outcome": "solved", "reason": "已更换"},
}


@dataclass
class Lives:
    """What the clients were told."""

    urls: list[str]
    keys: dict[str, str]
    told: list[tuple[str, str, int]] = field(default_factory=list)  # order, event, version
    wrong: list[str] = field(default_factory=list)
    retries: int = 0
    is_over: bool = False

    def live(self, seed: int) -> None:
        rng = Random(seed)
        with httpx.Client(timeout=10, trust_env=False) as client:
            while not self.is_over and not self.wrong:
                order_id = ""
                for event in LIFE_OF_A_CALL:
                    order = self._step(client, rng, event, order_id)
                    if order is None:
                        return
                    order_id = order["order_id"]
                    self.told.append((order_id, event, order["version"]))

    def _step(self, client: httpx.Client, rng: Random, event: str, order_id: str) -> dict[str, Any] | None:
        """The order after a step that is sent, by the same key, until somebody answers."""
        role = "department" if LIFE.get(event) and "department" in LIFE[event].roles else "dispatcher"
        headers = {"Authorization": f"Bearer {self.keys[role]}", "Idempotency-Key": str(uuid4())}
        path = "/v1/orders" if event == "register" else f"/v1/orders/{order_id}/{event}"
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                answer = client.post(rng.choice(self.urls) + path, json=BODIES.get(event, {}), headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 300:
                found: dict[str, Any] = answer.json()
                return found
            if answer is not None and answer.status_code < 500:
                break
            self.retries += 1
            time.sleep(0.2)
        self.wrong.append(f"{event} {order_id}: {answer.text if answer is not None else 'no answer'}")
        return None


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with lifecycle.of_its_own(tmp_path_factory.mktemp("orders-chaos"), PORT_BASE, SERVERS) as found:
        yield found


@pytest.fixture(scope="module")
def second(settings: Settings) -> Iterator[Process]:
    """Another API process beside the stack's."""
    port, first = settings.port("airflow"), api.processes(settings)[0]
    argv = [str(port) if word == str(first.ports[0]) else word for word in first.argv]
    process = replace(first, name="api-2", argv=argv, ports=(port,), is_ready=lambda: answers(port))
    spawn(process)
    assert wait_until(process.is_ready, 60)
    yield process
    stop(process)


@pytest.fixture(scope="module")
def lives(settings: Settings, second: Process) -> Lives:
    """Lived to the end, while one server after the other was killed and started again."""
    keys = {"dispatcher": random_key(), "department": random_key()}
    with _store(settings).begin() as store:
        register(store, keys["dispatcher"], "dispatcher")
        register(store, keys["department"], "department", "housing")
    lives = Lives([settings.api_url, f"http://127.0.0.1:{second.ports[0]}"], keys)
    threads = [threading.Thread(target=lives.live, args=(seed,), daemon=True) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    rng = Random(SEED)
    servers = {process.name: process for name in SERVERS for process in lifecycle.SERVERS[name].processes(settings)}
    victims = [servers["api"], servers["postgres"], second, servers["kafka"]]
    for number in range(ROUNDS):
        time.sleep(rng.uniform(1, 5))
        victim = victims[number % len(victims)]
        os.kill(running_pid(victim) or 0, signal.SIGKILL)
        time.sleep(rng.uniform(0, 1))
        _start(settings, second)
    time.sleep(3)
    lives.is_over = True
    for thread in threads:
        thread.join(PATIENCE_SECONDS * 2)
    assert wait_until(lambda: _waiting(settings) == 0, 90), "the outbox does not become empty"
    return lives


def test_the_lives_were_disturbed(lives: Lives):
    assert not lives.wrong
    assert lives.retries > 0
    assert len(lives.told) >= len(LIFE_OF_A_CALL) * CLIENTS


def test_what_a_client_was_told_happened_once(settings: Settings, lives: Lives):
    booked = _events(settings)
    assert sorted(lives.told) == sorted((row["order_id"], row["event"], row["version"]) for row in booked)


def test_no_order_is_doubled_or_moved_backwards(settings: Settings, lives: Lives):
    by_order = defaultdict(list)
    for row in _events(settings):
        by_order[row["order_id"]].append(row)
    orders = {row["order_id"]: row for row in _rows(settings, sa.select(ORDERS))}
    assert set(orders) == set(by_order) == {order_id for order_id, _, _ in lives.told}
    for order_id, steps in by_order.items():
        assert [step["version"] for step in steps] == list(range(1, len(steps) + 1)), order_id
        assert [step["event"] for step in steps] == list(LIFE_OF_A_CALL[: len(steps)]), order_id
        assert [step["from_state"] for step in steps[1:]] == [step["to_state"] for step in steps[:-1]], order_id
        assert (orders[order_id]["state"], orders[order_id]["version"]) == (steps[-1]["to_state"], len(steps))


def test_the_broker_has_each_event_and_the_first_of_each_in_order(settings: Settings, lives: Lives):
    booked = [row["event_id"] for row in _events(settings)]
    sent = [json.loads(value)["data"] for value in _messages(settings, ORDER_EVENTS_TOPIC)]
    assert {row["event_id"] for row in sent} == set(booked)
    first = defaultdict(list)
    for row in sent:
        if row["version"] not in first[row["order_id"]]:
            first[row["order_id"]].append(row["version"])
    assert [versions for versions in first.values() if versions != sorted(versions)] == []
    reports = {value for value in _messages(settings, FEED.topic)}
    assert len(reports) == len({order_id for order_id, _, _ in lives.told})


def test_listeners_and_replays_were_told_of_each_step_once(settings: Settings, lives: Lives):
    happened = [row["event_id"] for row in _rows(settings, sa.select(HAPPENINGS.c.event_id))]
    assert sorted(happened) == sorted(row["event_id"] for row in _events(settings))
    assert len(_rows(settings, sa.select(IDEMPOTENCY_KEYS.c.key))) == len(lives.told)


def _start(settings: Settings, second: Process) -> None:
    """What was killed, again; both API processes outlive the others' absence."""
    lifecycle.up(settings, SERVERS, lambda _: None)
    if running_pid(second) is None:
        stop(second)
        spawn(second)
        assert wait_until(second.is_ready, 60)


def _store(settings: Settings) -> sa.Engine:
    return sa.create_engine(settings.store_url, poolclass=sa.NullPool)


def _rows(settings: Settings, query: sa.Select[Any]) -> list[dict[str, Any]]:
    with _store(settings).connect() as store:
        return [dict(row) for row in store.execute(query).mappings()]


def _events(settings: Settings) -> list[dict[str, Any]]:
    return _rows(settings, sa.select(ORDER_EVENTS).order_by(ORDER_EVENTS.c.order_id, ORDER_EVENTS.c.version))


def _waiting(settings: Settings) -> int:
    return len(_rows(settings, sa.select(OUTBOX.c.outbox_id).where(OUTBOX.c.published_at.is_(None))))


def _messages(settings: Settings, topic: str) -> list[bytes]:
    consumer = KafkaConsumer(
        topic, bootstrap_servers=settings.kafka, auto_offset_reset="earliest", consumer_timeout_ms=5_000
    )
    found = [record.value for record in consumer]
    consumer.close()
    return found
