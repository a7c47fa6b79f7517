"""How much may be at work at once: a bound on requests and on the memory of their bodies."""

from collections.abc import Iterator
from contextlib import contextmanager


class NoRoomError(Exception):
    """As much is at work as may be."""


class Room:
    """Used from the event loop only, hence without a lock."""

    def __init__(self, pushes: int, size: int) -> None:
        self._pushes, self._size = pushes, size

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Keep room for one push of at most this many bytes while the block runs. Raises NoRoomError."""
        if self._pushes < 1 or self._size < size:
            raise NoRoomError
        self._pushes, self._size = self._pushes - 1, self._size - size
        try:
            yield
        finally:
            self._pushes, self._size = self._pushes + 1, self._size + size
