"""Sending into a real broker: everything once, whatever ended an earlier try."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from infra.stack import kafka
from infra.stack.process import last_lines, spawn, stop, wait_until
from jobs.settings import PORT_OFFSETS, Settings
from jobs.simulate.day import simulated
from jobs.simulate.sending import already_sent, send
from schemas.areas import load_county
from tests.api.store import free_port

pytestmark = pytest.mark.stack
LOAD = simulated(date(2025, 11, 21), 4, 1200, load_county())
TOPICS = {message.topic for message in LOAD.messages}


class CutOffError(Exception):
    """Ends a sender in the middle."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("kafka")
    settings = Settings(state_dir=folder, port_base=free_port() - PORT_OFFSETS["kafka"], kafka_bootstrap="")
    kafka.prepare(settings)
    broker = kafka.processes(settings)[0]
    spawn(broker)
    assert wait_until(broker.is_ready, 90), last_lines(broker.log)
    yield settings.kafka
    stop(broker)


def cut_off(sent: int, of: int) -> None:
    raise CutOffError


def test_a_sender_cut_off_and_started_again_doubles_nothing(address):
    with pytest.raises(CutOffError):
        send(LOAD.messages, address, cut_off)
    there = sum(map(len, already_sent(TOPICS, address).values()))
    assert 0 < there < len(LOAD.messages)
    assert send(LOAD.messages, address) == len(LOAD.messages) - there
    assert in_topics(address) == Counter((m.topic, m.ce_id, m.payload) for m in LOAD.messages)


def test_sending_again_sends_nothing(address):
    assert send(LOAD.messages, address) == 0


def in_topics(address: str) -> Counter[tuple[str, str, bytes]]:
    """Every record of the topics; redeliveries as often as they are there."""
    consumer = KafkaConsumer(bootstrap_servers=address, group_id=None, consumer_timeout_ms=3000)
    parts = [TopicPartition(topic, part) for topic in TOPICS for part in consumer.partitions_for_topic(topic)]
    consumer.assign(parts)
    consumer.seek_to_beginning(*parts)
    found = Counter((r.topic, dict(r.headers)["ce_id"].decode(), r.value or b"") for r in consumer)
    consumer.close()
    return found
