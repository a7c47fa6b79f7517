"""Who asked for what, kept as a chain: requests hand their entries to one thread, which writes them in parts.

A request takes a place before it is worked on, and gives it back when its entry is written: where the store does not
take entries, requests end with 503 rather than without a trace. A process that is killed loses the entries of its
last moments (FLUSH_SECONDS).
"""

import queue
import threading
from typing import Any

import sqlalchemy as sa
import structlog

from api.audit.chain import BEGINNING, linked
from schemas.tables import ACCESS_LOG

log = structlog.get_logger()

LOCK = "ninelines access log"
PLACES = 5_000
WAIT_SECONDS = 2.0  # for a place
FLUSH_SECONDS = 0.25
PART = 500
REST_SECONDS = 2.0  # after trouble with the store

Entry = dict[str, Any]


class Recorder:
    """run() works until stop(), and then writes what it has; the rest may be called from any thread."""

    def __init__(self, store: sa.Engine, places: int = PLACES) -> None:
        self._store = store
        self._places = threading.BoundedSemaphore(places)
        self._entries: queue.SimpleQueue[Entry] = queue.SimpleQueue()
        self._stopped = threading.Event()

    def take_place(self, seconds: float = WAIT_SECONDS) -> bool:
        """Whether there is a place for an entry; each one taken must be followed by `put`."""
        return self._places.acquire(timeout=seconds)

    def put(self, entry: Entry) -> None:
        self._entries.put(entry)

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Write entries for ever; trouble with the store only makes them wait."""
        waiting: list[Entry] = []
        while True:
            is_last = self._stopped.wait(FLUSH_SECONDS)
            waiting += self._taken(PART - len(waiting))
            try:
                self._write(waiting)
            except sa.exc.SQLAlchemyError as error:
                log.error("access_log_waits", error=type(error).__name__, entries=len(waiting))
                if is_last:
                    return
                self._stopped.wait(REST_SECONDS)
                continue
            waiting = []
            if is_last and self._entries.empty():
                return

    def _taken(self, most: int) -> list[Entry]:
        found: list[Entry] = []
        while len(found) < most and not self._entries.empty():
            found.append(self._entries.get())
        return found

    def _write(self, entries: list[Entry]) -> None:
        if not entries:
            return
        with self._store.begin() as store:
            append(store, entries)
        for _ in entries:
            self._places.release()


def append(store: sa.Connection, entries: list[Entry]) -> None:
    """Link the entries to the chain; one process does so at a time. entries: values of `chain.SAID`."""
    store.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(LOCK, 0))))
    last = store.execute(
        sa.select(ACCESS_LOG.c.entry, ACCESS_LOG.c.hash).order_by(ACCESS_LOG.c.entry.desc()).limit(1)
    ).one_or_none()
    number, previous = (last.entry, last.hash) if last else (0, BEGINNING)
    rows = []
    for said in entries:
        number += 1
        rows.append(linked(number, said, previous))
        previous = rows[-1]["hash"]
    store.execute(sa.insert(ACCESS_LOG), rows)
