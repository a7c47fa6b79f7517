"""Kafka without Spark: is the broker there, and send messages so that none is lost unseen."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

CONNECT_MS = 5000


class NoBrokerError(Exception):
    """Kafka does not answer, or did not take a message."""


@dataclass(frozen=True)
class Outgoing:
    """One message to send. headers: CloudEvents attributes as `ce_…`, and content-type."""

    topic: str
    payload: bytes
    key: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def send(bootstrap: str, messages: Iterable[Outgoing]) -> int:
    """Send them and wait until the broker has taken every one; how many. Raises NoBrokerError."""
    with _errors_told(bootstrap):
        producer = KafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            linger_ms=20,
            bootstrap_timeout_ms=CONNECT_MS,
            max_block_ms=CONNECT_MS,
        )
        try:
            sent = [_sent(producer, message) for message in messages]
            producer.flush(timeout=60)
            for future in sent:
                future.get(timeout=60)
        finally:
            producer.close(timeout=5)
    return len(sent)


def create_topics(bootstrap: str, names: Iterable[str], partitions: int = 2) -> None:
    """Make the topics that do not exist yet, each with a leader when this returns. Raises NoBrokerError."""
    with _errors_told(bootstrap), _admin(bootstrap) as admin:
        missing = sorted(set(names) - set(admin.list_topics()))
        if not missing:
            return
        try:
            wanted = {name: {"num_partitions": partitions, "replication_factor": 1} for name in missing}
            admin.create_topics(wanted, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            return  # somebody else made them between the two calls


def topics(bootstrap: str) -> list[str]:
    """Names of the broker's topics. Raises NoBrokerError."""
    with _errors_told(bootstrap), _admin(bootstrap) as admin:
        return sorted(admin.list_topics())


def end_offsets(bootstrap: str, topic: str) -> dict[int, int]:
    """Where each partition of the topic ends now. Raises NoBrokerError."""
    with _errors_told(bootstrap):
        consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, bootstrap_timeout_ms=CONNECT_MS)
        try:
            parts = [TopicPartition(topic, part) for part in consumer.partitions_for_topic(topic) or ()]
            return {part.partition: end for part, end in consumer.end_offsets(parts).items()} if parts else {}
        finally:
            consumer.close()


def require_broker(bootstrap: str) -> None:
    """Raise NoBrokerError where no broker answers: Spark itself would wait for minutes and say less."""
    topics(bootstrap)


def _sent(producer: KafkaProducer, message: Outgoing) -> Any:
    headers = [(name, value.encode()) for name, value in message.headers.items()]
    key = message.key.encode() if message.key is not None else None
    return producer.send(message.topic, message.payload, key=key, headers=headers)


@contextmanager
def _admin(bootstrap: str) -> Iterator[KafkaAdminClient]:
    admin = KafkaAdminClient(
        bootstrap_servers=bootstrap, request_timeout_ms=CONNECT_MS, bootstrap_timeout_ms=CONNECT_MS
    )
    try:
        yield admin
    finally:
        admin.close()


@contextmanager
def _errors_told(bootstrap: str) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise NoBrokerError(
            f"Kafka at {bootstrap}: {type(error).__name__} {error}. Is it up? `ninelines status`; start it with "
            f"`ninelines up kafka`, then run this again."
        ) from error
