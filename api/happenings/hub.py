"""Wakes those who listen when something is new for them: one look at the store for all of a process.

Who listens then reads for themselves (`queries.after`): what wakes decides nothing about what is told.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from api.happenings import queries
from api.store import reading

log = structlog.get_logger()

LOOK_SECONDS = 0.5
REST_SECONDS = 5.0  # after trouble with the store
PART = 1_000


@dataclass(frozen=True, eq=False)
class Listener:
    """unit_code None: sees the orders of all."""

    unit_code: str | None
    woken: asyncio.Event
    loop: asyncio.AbstractEventLoop

    def wake(self) -> None:
        self.loop.call_soon_threadsafe(self.woken.set)


class Hub:
    """run() works until stop(); listeners come and go in any thread."""

    def __init__(self, store: sa.Engine) -> None:
        self._store = store
        self._listeners: set[Listener] = set()
        self._lock, self._any, self._stopped = threading.Lock(), threading.Event(), threading.Event()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        self._stopped.set()
        self._any.set()
        for listener in self._now():
            listener.wake()

    @contextmanager
    def listening(self, unit_code: str | None) -> Iterator[asyncio.Event]:
        """Within: the event is set when something may be new. To be called from a running loop."""
        listener = Listener(unit_code, asyncio.Event(), asyncio.get_running_loop())
        with self._lock:
            self._listeners.add(listener)
        self._any.set()
        try:
            yield listener.woken
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def run(self) -> None:
        """Look while anybody listens."""
        while self._any.wait() and not self._stopped.is_set():
            try:
                self._look()
            except sa.exc.SQLAlchemyError as error:
                log.warning("happenings_wait", error=type(error).__name__, seconds=REST_SECONDS)
                self._stopped.wait(REST_SECONDS)

    def _look(self) -> None:
        with reading(self._store) as store:
            position = queries.now(store)
        self._wake({"*"})  # what came before this look, they read now
        while not self._stopped.wait(LOOK_SECONDS):
            if not self._now():
                self._any.clear()
                if not self._now():
                    return
            with reading(self._store) as store:
                units, position = queries.units_told(store, position, PART)
            self._wake(units)

    def _wake(self, units: set[str]) -> None:
        for listener in self._now():
            if units and (listener.unit_code is None or listener.unit_code in units or units == {"*"}):
                listener.wake()

    def _now(self) -> list[Listener]:
        with self._lock:
            return list(self._listeners)
