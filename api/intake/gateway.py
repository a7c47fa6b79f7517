"""The way into Kafka: messages are handed over, and only what the broker acknowledged counts as accepted.

The Kafka client waits, so it works in threads of its own; the event loop never does. A broker that does not answer
is not asked again for a moment, so that pushes are refused at once instead of queueing up behind each other.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from api.intake.events import Event
from schemas.feeds.limits import LARGEST_MESSAGE

log = structlog.get_logger()

THREADS = 32
PATIENCE_SECONDS = 5.0  # of a request, from the body to the answer
ANSWER_MS = 2_000  # of the broker: for an address, for a request
DELIVERY_MS = 4_000  # of one message, with the client's own repeats
REST_SECONDS = 1.0  # after a failure
ENVELOPE = 64 * 1024  # bytes of headers and framing


class NoBrokerError(Exception):
    """Kafka did not take the messages in time; some of them may still have arrived."""


class NoTopicError(Exception):
    """Kafka answers, but has no such topic."""


class TooLargeError(Exception):
    """Kafka takes no message of this size."""


class Gateway:
    """hand_over() may be called from many requests at once; close() once, at the end."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="intake")
        self._producer: KafkaProducer | None = None
        self._opening = threading.Lock()
        self._rests_until = 0.0

    async def hand_over(self, topic: str, events: Sequence[Event]) -> list[str]:
        """Where each message now stands in Kafka, `topic/partition/offset`, once the broker has them all.

        Raises NoBrokerError within PATIENCE_SECONDS, NoTopicError, TooLargeError. After an error the sender repeats the
        push; what had arrived is then a redelivery.
        """
        self._require_awake()
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._deliver, topic, events)
        try:
            return await asyncio.wait_for(work, PATIENCE_SECONDS)
        except TimeoutError:
            self._rest()
            raise NoBrokerError from None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._drop(self._producer)

    def _deliver(self, topic: str, events: Sequence[Event]) -> list[str]:
        producer = self._opened()
        try:
            sent = [
                producer.send(topic, event.payload, key=event.key.encode(), headers=_headers(event)) for event in events
            ]
            places = [future.get(timeout=DELIVERY_MS / 1000) for future in sent]
        except MessageSizeTooLargeError:
            raise TooLargeError from None
        except KafkaError as error:
            self._failed(producer, topic, error)
        return [f"{place.topic}/{place.partition}/{place.offset}" for place in places]

    def _failed(self, producer: KafkaProducer, topic: str, error: KafkaError) -> None:
        """Never returns: tells a missing topic from a missing broker, and gives up the connection to the latter."""
        if isinstance(error, KafkaTimeoutError | UnknownTopicOrPartitionError) and self._lacks(topic):
            raise NoTopicError from None
        log.warning("broker_unreachable", error=type(error).__name__)
        self._rest()
        self._drop(producer)
        raise NoBrokerError from None

    def _opened(self) -> KafkaProducer:
        """The one producer; made anew after it was given up. Who waited while another failed to make it fails too."""
        with self._opening:
            self._require_awake()
            if self._producer is None:
                try:
                    self._producer = _producer(self._bootstrap)
                except KafkaError as error:
                    log.warning("broker_unreachable", error=type(error).__name__)
                    self._rest()
                    raise NoBrokerError from None
            return self._producer

    def _drop(self, producer: KafkaProducer | None) -> None:
        with self._opening:
            is_current = producer is not None and producer is self._producer
            self._producer = None if is_current else self._producer
        if producer is not None and is_current:
            with suppress(KafkaError):
                producer.close(timeout=0)

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS

    def _require_awake(self) -> None:
        if time.monotonic() < self._rests_until:
            raise NoBrokerError

    def _lacks(self, topic: str) -> bool:
        """Whether the broker answers and has no such topic."""
        try:
            admin = KafkaAdminClient(
                bootstrap_servers=self._bootstrap, request_timeout_ms=ANSWER_MS, bootstrap_timeout_ms=ANSWER_MS
            )
        except KafkaError:
            return False
        try:
            return topic not in admin.list_topics()
        except KafkaError:
            return False
        finally:
            admin.close()


def _headers(event: Event) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in event.headers.items()]


def _producer(bootstrap: str) -> KafkaProducer:
    """Idempotent: the client's own repeats neither double nor reorder messages."""
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        client_id="ninelines-intake",
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        bootstrap_timeout_ms=ANSWER_MS,
        max_block_ms=ANSWER_MS,
        request_timeout_ms=ANSWER_MS,
        delivery_timeout_ms=DELIVERY_MS,
        reconnect_backoff_max_ms=500,
        max_request_size=LARGEST_MESSAGE + ENVELOPE,
    )
