"""Run one streaming query: to the end of what is there, or on and on until the process is told to stop."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from pyspark.errors.exceptions.connect import SparkException
from pyspark.sql import SparkSession

from jobs.context import NothingToDoError

START_TRIES = 4
POLL_SECONDS = 0.2
TELL_SECONDS = 2.0  # how often a continuous query's finished batches are looked up
Tell = Callable[[int], dict[str, Any]]
log = structlog.get_logger()


class StreamError(Exception):
    """The query failed; the text says why and what to do where that is known."""


def start(writer: Any, name: str, checkpoint: str, is_continuous: bool) -> Any:
    """Start the query from its checkpoint: all that is there now, or what comes, looked at every two seconds."""
    trigger = {"processingTime": "2 seconds"} if is_continuous else {"availableNow": True}
    ready = writer.queryName(name).option("checkpointLocation", checkpoint).trigger(**trigger)
    for _ in range(START_TRIES - 1):
        try:
            query = ready.start()
            log.info("query_started", query=name, id=query.id, run=query.runId)
            return query
        except SparkException as error:
            if "failed to connect back" not in str(error):
                raise
            log.warning("busy_machine", query=name, why="a Python worker was not up within ten seconds; trying again")
    return ready.start()


def follow(query: Any, tell: Tell) -> list[int]:
    """Wait for the query's end; numbers of the batches that had rows. Each is logged as `batch_done` once it is done.

    tell: batch number -> counts to log. SIGTERM and Ctrl-C end a continuous query in order, and any other by
    KeyboardInterrupt, within seconds: a batch cut short is done again next time. Raises NothingToDoError where
    there was nothing new, StreamError where the query failed.
    """
    batches: list[int] = []
    told = time.monotonic()
    try:
        while query.isActive:
            time.sleep(POLL_SECONDS)
            if time.monotonic() - told > TELL_SECONDS:
                _tell(query, batches, tell)
                told = time.monotonic()
    except KeyboardInterrupt:
        log.info("stopping", query=query.name)
        query.stop()
        _tell(query, batches, tell)
        raise
    if problem := query.exception():
        raise StreamError(explained(query.name, str(problem)))
    _tell(query, batches, tell)
    if not batches:
        raise NothingToDoError(f"{query.name}: nothing new")
    return batches


def explained(name: str, problem: str) -> str:
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


def _tell(query: Any, batches: list[int], tell: Tell) -> None:
    for progress in query.recentProgress:
        if progress.numInputRows and progress.batchId not in batches:
            batches.append(progress.batchId)
            log.info("batch_done", query=query.name, batch=progress.batchId, **tell(progress.batchId))


def checkpoint_id(spark: SparkSession, checkpoint: str) -> str:
    """The id Spark keeps in the checkpoint folder; batch numbers count within it. Known once the query has started."""
    row = spark.read.json(f"{checkpoint}/metadata").first()
    assert row is not None, f"{checkpoint}/metadata is empty"
    return str(row["id"])
