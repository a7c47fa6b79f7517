"""SIGTERM and Ctrl-C: a job is interrupted where it stands, a stream is asked to stop and ends in order.

An exception raised in the middle of a call to Spark may be swallowed by a callback, or leave the call's stream open:
the service then goes on, or waits for an answer that nobody reads. So a stream's own loop looks for the wish to stop.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def take_signals() -> None:
    """From now on SIGTERM raises KeyboardInterrupt, as Ctrl-C does."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)


@contextmanager
def stops_waited_for() -> Iterator[threading.Event]:
    """Inside, a signal sets the event and interrupts nothing; at the end it is raised as KeyboardInterrupt.

    Only the main thread hears signals; in another one the event is never set.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if stop.is_set():
        raise KeyboardInterrupt


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
