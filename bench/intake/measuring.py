"""What work costs: seconds, CPU seconds and peak memory of this process and, where named, a server and its children."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

LOOK_SECONDS = 0.25
Key = tuple[int, float]  # process id and when it was made


@dataclass(frozen=True)
class Cost:
    """events and reports: how many were read and written. peak_mb: memory of all processes involved, together."""

    events: int
    reports: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def by_second(self) -> float:
        return self.events / self.seconds

    @property
    def by_cpu_second(self) -> float:
        return self.events / self.cpu_seconds


def cost_of(work: Callable[[], int], events: int, server: int | None = None) -> Cost:
    """Do the work, which gives the number of reports. server: pid of a process that works for it, with its children."""
    roots = [os.getpid(), *([server] if server else [])]
    before, begun = cpu_of(roots), time.monotonic()
    peaks, used, is_over, own = [memory_of(roots)], dict(before), threading.Event(), [0.0]
    watcher = threading.Thread(target=_watch, args=(roots, peaks, used, is_over, own))
    watcher.start()
    try:
        reports = work()
    finally:
        seconds = time.monotonic() - begun
        is_over.set()
        watcher.join()
    _note(used, roots)
    cpu_seconds = sum(used.values()) - sum(before.values()) - own[0]
    return Cost(events, reports, seconds, cpu_seconds, max(peaks) / 1e6)


def _watch(
    roots: list[int], peaks: list[float], used: dict[Key, float], is_over: threading.Event, own: list[float]
) -> None:
    """Spark's workers end with their session, and nobody waits for them: what they used is noted while they live.

    own: what looking itself costs, which is nobody's work: walking the pages of a large JVM takes 80 ms each time.
    """
    while not is_over.wait(LOOK_SECONDS):
        peaks.append(memory_of(roots))
        _note(used, roots)
        own[0] = time.thread_time()


def _tree(roots: list[int]) -> list[Any]:
    found = [psutil.Process(root) for root in roots]
    return list({one.pid: one for root in found for one in (root, *root.children(recursive=True))}.values())


def memory_of(roots: list[int]) -> float:
    """Proportional set sizes: pages that forked workers share count once."""
    return sum(_of(process, lambda one: float(one.memory_full_info().pss)) for process in _tree(roots))


def _note(used: dict[Key, float], roots: list[int]) -> None:
    for key, seconds in cpu_of(roots).items():
        used[key] = max(seconds, used.get(key, 0.0))


def cpu_of(roots: list[int]) -> dict[Key, float]:
    """User and system seconds of each living process, without its children."""
    tree = _tree(roots)
    return {(one.pid, one.create_time()): _of(one, lambda one: float(sum(one.cpu_times()[:2]))) for one in tree}


def _of(process: Any, ask: Callable[[Any], float]) -> float:
    try:
        return ask(process)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0
