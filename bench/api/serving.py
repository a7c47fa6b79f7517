"""The API as it is deployed: uvicorn, in so many processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from infra.stack import api
from infra.stack.process import last_lines, running_pid, spawn, stop, wait_until
from jobs.settings import Settings


@contextmanager
def served(settings: Settings, workers: int) -> Iterator[int]:
    """The pid of the API's first process while it answers; the workers are its children."""
    (one,) = api.processes(settings)
    process = replace(one, argv=[*one.argv, "--workers", str(workers)])
    spawn(process)
    try:
        if not wait_until(process.is_ready, 60):
            raise SystemExit(f"the API did not start:\n{last_lines(process.log)}")
        pid = running_pid(process)
        assert pid is not None, "it answers"
        yield pid
    finally:
        stop(process)
