"""Send a load into Kafka so that every message is there exactly once, whatever ended an earlier try."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from jobs.io.kafka import create_topics
from jobs.simulate.load import Message

LARGEST = 8 * 1024 * 1024  # bytes before compression; the broker counts them after it
Delivery = tuple[str, str]  # ce_id, copy number as text
Progress = Callable[[int, int], None]


def send(messages: Iterable[Message], address: str, progress: Progress = lambda sent, of: None) -> int:
    """Send what is not in the topics yet, in order, and return how many were sent. Raises KafkaError when one is refused.

    A message is known by its topic, its CloudEvents id and its copy number (header `copy`), so a second run after a
    kill -9 sends only the rest, and a planned redelivery is not taken for one that was sent already.
    """
    wanted = list(messages)
    create_topics(address, {message.topic for message in wanted})
    there = already_sent({message.topic for message in wanted}, address)
    missing = [message for message in wanted if (message.ce_id, str(message.copy_no)) not in there[message.topic]]
    producer = KafkaProducer(
        bootstrap_servers=address, acks="all", enable_idempotence=True, linger_ms=20,
        max_request_size=LARGEST, compression_type="gzip",
    )  # fmt: skip
    try:
        _send_all(producer, missing, progress)
    finally:
        producer.close()
    return len(missing)


def already_sent(topics: Iterable[str], address: str) -> dict[str, set[Delivery]]:
    """The deliveries in each topic, read from the beginning to the end of now."""
    found: dict[str, set[Delivery]] = defaultdict(set)
    consumer = KafkaConsumer(
        bootstrap_servers=address, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        parts = [
            TopicPartition(topic, part)
            for topic in sorted(topics)
            for part in consumer.partitions_for_topic(topic) or ()
        ]
        ends = {part: end for part, end in consumer.end_offsets(parts).items() if end > 0} if parts else {}
        consumer.assign(list(ends))
        while any(consumer.position(part) < end for part, end in ends.items()):
            for records in consumer.poll(timeout_ms=1000).values():
                for record in records:
                    found[record.topic].add(_delivery(record.headers))
    finally:
        consumer.close()
    return found


def headers(message: Message) -> list[tuple[str, bytes]]:
    """CloudEvents 1.0, Kafka binary mode, and the copy number."""
    return [(name, value.encode()) for name, value in message.headers.items()] + [
        ("copy", str(message.copy_no).encode())
    ]


def _send_all(producer: Any, missing: list[Message], progress: Progress) -> None:
    futures = []
    for number, message in zip(count(1), missing, strict=False):
        key = message.key.encode()
        futures.append(producer.send(message.topic, value=message.payload, key=key, headers=headers(message)))
        if number % 500 == 0:
            progress(number, len(missing))
    producer.flush()
    for future in futures:
        future.get(timeout=60)
    progress(len(missing), len(missing))


def _delivery(found: Iterable[tuple[str, bytes]]) -> Delivery:
    values = {name: value.decode("utf-8", "replace") for name, value in found}
    return values.get("ce_id", ""), values.get("copy", "0")
