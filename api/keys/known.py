"""Keys that were seen a moment ago, and how often each may ask."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

KEPT_SECONDS = 5.0  # as long as a revoked key may still be taken
MOST = 10_000

T = TypeVar("T")


class Known(Generic[T]):
    """What was found for a key, for KEPT_SECONDS; what was not found is looked for again each time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._found: dict[str, tuple[float, T]] = {}

    def get(self, key: str, find: Callable[[], T | None]) -> T | None:
        at, held = self._clock(), self._found.get(key)
        if held and at - held[0] < KEPT_SECONDS:
            return held[1]
        found = find()
        with self._lock:
            if len(self._found) >= MOST:
                self._found.clear()
            if found is None:
                self._found.pop(key, None)
            else:
                self._found[key] = (at, found)
        return found


class Pace:
    """At most `most` requests of one key in any second, in this process; 0: as many as it likes."""

    def __init__(self, most: int) -> None:
        self._limit = RateLimitItemPerSecond(most) if most else None
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def allows(self, key: str) -> bool:
        return self._limit is None or self._window.hit(self._limit, key)
