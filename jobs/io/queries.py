"""Run one streaming query: to the end of what is there, or on and on until the process is told to stop."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from pyspark.errors.exceptions.connect import SparkException

from jobs.context import NothingToDoError
from jobs.io.stopping import stops_waited_for

START_SECONDS = 180.0  # how long a busy machine is given to bring up Spark's Python worker
POLL_SECONDS = 0.2
TELL_SECONDS = 2.0  # how often a continuous query's finished batches are looked up
# Spark 4.1.1 does a batch again that was cut short, commits it, then fails on its Kafka source's metrics
# (SPARK-57438, mended in later versions). Started once more, the query goes on behind that batch.
METRICS_BUG = "scala.collection.IterableOps.map(scala.Function1)"

Progress = Any  # pyspark's StreamingQueryProgress: id (of the checkpoint), batchId, numInputRows, …
Tell = Callable[[Progress], dict[str, Any]]
log = structlog.get_logger()


class StreamError(Exception):
    """The query failed; the text says why and what to do where that is known."""


def run_query(writer: Any, name: str, checkpoint: str, is_continuous: bool, tell: Tell) -> list[Progress]:
    """Run the query from its checkpoint; gives the batches that had rows, each logged as `batch_done` once it is done.

    It takes all that is there now or, continuous, what comes, looked at every two seconds. tell: a batch's counts
    for the log. SIGTERM and Ctrl-C end it by KeyboardInterrupt within seconds; a batch cut short is done again next
    time. Raises NothingToDoError where there was nothing new, StreamError where the query failed.
    """
    trigger = {"processingTime": "2 seconds"} if is_continuous else {"availableNow": True}
    ready = writer.queryName(name).option("checkpointLocation", checkpoint).trigger(**trigger)
    batches: dict[int, Progress] = {}
    try:
        _follow(_started(ready, name), batches, tell)
    except StreamError as error:
        if METRICS_BUG not in str(error):
            raise
        log.warning("started_again", query=name, why="a batch was done again; see METRICS_BUG")
        _follow(_started(ready, name), batches, tell)
        return list(batches.values())
    if not batches:
        raise NothingToDoError(f"{name}: nothing new")
    return list(batches.values())


def _started(ready: Any, name: str) -> Any:
    """The running query. Spark gives its Python worker ten seconds to appear, which a busy machine may miss."""
    begun = time.monotonic()
    while True:
        try:
            query = ready.start()
        except SparkException as error:
            if "failed to connect back" not in str(error) or time.monotonic() - begun > START_SECONDS:
                raise
            log.warning("busy_machine", query=name, why="a Python worker was not up within ten seconds; trying again")
        else:
            log.info("query_started", query=name, id=query.id, run=query.runId)
            return query


def _follow(query: Any, batches: dict[int, Progress], tell: Tell) -> None:
    """Wait for the query's end; asked to stop before it, stop the query and raise KeyboardInterrupt."""
    told = time.monotonic()
    with stops_waited_for() as stop:
        while query.isActive and not stop.wait(POLL_SECONDS):
            if time.monotonic() - told > TELL_SECONDS:
                _tell(query, batches, tell)
                told = time.monotonic()
        if stop.is_set():
            log.info("stopping", query=query.name)
            query.stop()
        _tell(query, batches, tell)
    if problem := query.exception():
        raise StreamError(_explained(query.name, str(problem)))


def _tell(query: Any, batches: dict[int, Progress], tell: Tell) -> None:
    for progress in query.recentProgress:
        if progress.numInputRows and progress.batchId not in batches:
            batches[progress.batchId] = progress
            log.info("batch_done", query=query.name, batch=progress.batchId, ms=progress.durationMs, **tell(progress))


def _explained(name: str, problem: str) -> str:
    """The cause in a line or two, with what to do where that is known."""
    if "DATA_LOSS" in problem or "data loss" in problem.lower():
        return (
            f"{name}: messages are gone from Kafka that were not read yet, or their topic was made anew. See which in "
            f"the log of Spark; then move the stream's checkpoint aside and run again: it reads everything that is "
            f"there and doubles nothing. Cause: {_cause(problem)}"
        )
    return f"{name}: {_cause(problem)}"


def _cause(problem: str) -> str:
    """The last line of a Python traceback, else the first line of what the server says."""
    lines = [line.strip() for line in problem.partition("JVM stacktrace")[0].splitlines() if line.strip()]
    errors = [line for line in lines if "Error: " in line and not line.startswith(("org.", "File "))]
    return (errors or lines or ["no reason given"])[-1 if errors else 0]
