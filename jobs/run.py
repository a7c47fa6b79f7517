"""Run one job of the catalogue: `python -m jobs JOB [--start T] [--end T] [--continuous] [name=value …]`.

Exit codes: 0 done, 2 the data or arguments are wrong, 99 nothing to do, 1 anything else (trying again may help).
The result goes to standard output and to the file named by $JOB_RESULT; the log, JSON lines, to standard error.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from jobs.catalog import DATA_WRONG, DONE, JOBS, NOTHING_TO_DO, TIME_ZONE, Job
from jobs.context import Context, DataError, NoSpaceError, NothingToDoError, Result
from jobs.io.kafka import NoBrokerError
from jobs.io.lake_owner import NoObjectsError
from jobs.io.locks import LockedError, Owner, held, now
from jobs.io.queries import StreamError
from jobs.io.spark import NoSparkError, end_left_session
from jobs.io.stopping import take_signals
from jobs.io.store import NoStoreError
from jobs.settings import Settings

Tell = Callable[[str, Result], str]
FOLDERS = {"stream": "streaming", "batch": "batch"}
STOPPED = 128 + signal.SIGTERM
FORESEEN = (
    LockedError,
    NoSpaceError,
    NoSparkError,
    NoBrokerError,
    NoStoreError,
    NoObjectsError,
    StreamError,
)  # their text says what to do
log = structlog.get_logger()


def main(argv: Sequence[str] | None = None, tell: Tell | None = None) -> int:
    """Run the job that the command line names; gives the exit code. tell: job and result as people read them."""
    log_to_stderr()
    asked = _parse(argv)
    try:
        result = run_job(asked.job, context_of(asked.start, asked.end, asked.options, asked.continuous))
        hand_over(result, tell(asked.job, result) if tell else None)
    except NothingToDoError as error:
        log.info("nothing_to_do", why=str(error), job=asked.job)
        return NOTHING_TO_DO
    except KeyboardInterrupt:
        return DONE if asked.continuous else _fail(asked.job, "stopped before it was done", STOPPED)
    except Exception as error:  # noqa: BLE001 - the edge of the program: told in one line, in full in the log
        return _failed(asked.job, error)
    return DONE


def run_job(name: str, context: Context) -> Result:
    """Run the job under the locks of the tables it writes. SIGTERM is taken as Ctrl-C: work is ended in order.

    Raises what the job raises, LockedError where another driver is at work, and NothingToDoError where that is
    a service that does this job's work: the same stream, or `decide` for the three jobs it runs.
    """
    job = JOBS[name]
    take_signals()
    try:
        with writing(context, name, job.writes or (name,)):
            result: Result = import_module(f"jobs.{FOLDERS[job.kind]}.{name}").run(context)
            log.info("job_done", job=name, **result)
            return result
    except LockedError as error:
        if not context.is_continuous and _has_the_work(error.owner, job):
            raise NothingToDoError(f"the service has the work: {error}") from None
        raise


def _has_the_work(owner: Owner | None, job: Job) -> bool:
    return bool(owner and owner.is_continuous and owner.job in JOBS and {*job.writes} <= {*JOBS[owner.job].writes})


@contextmanager
def writing(context: Context, name: str, tables: Sequence[str]) -> Iterator[None]:
    """Hold the locks of these tables and end what a killed holder left in Spark; give the session back at the end."""
    settings, lake = context.settings, context.lake
    owner = Owner(name, lake.session_id, context.is_continuous, since=now())
    with held(settings.state_dir / "locks", tables, owner) as left:
        for dead in left:
            alive = end_left_session(settings.spark, dead.session)
            log.warning("took_over", job=name, pid=dead.pid, since=dead.since, queries_ended=alive)
        try:
            yield
        finally:
            lake.close()


def context_of(
    start: datetime | None = None,
    end: datetime | None = None,
    options: Sequence[str] = (),
    is_continuous: bool = False,
) -> Context:
    """One run, now, with the settings of the environment."""
    return Context(Settings(), datetime.now(UTC), start, end, tuple(options), is_continuous)


def moment(text: str) -> datetime:
    """An ISO time as UTC; local time of the county where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO time such as 2026-03-01T08:00:00+08:00") from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(TIME_ZONE))).astimezone(UTC)


def hand_over(result: Result, told: str | None = None) -> None:
    """The result as JSON: to the file that $JOB_RESULT names, and to standard output unless it is told otherwise."""
    text = json.dumps(result, ensure_ascii=False, default=str)
    sys.stdout.write(f"{told or text}\n")
    if path := os.environ.get("JOB_RESULT"):
        Path(path).write_text(text, encoding="utf-8")


def log_to_stderr() -> None:
    """JSON lines with an event name and named fields, one an event."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),  # as it is then, not as it is now
    )


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jobs", description="Run one job of jobs/catalog.py.")
    parser.add_argument("job", choices=sorted(JOBS), metavar="JOB", help=", ".join(JOBS))
    parser.add_argument("--start", type=moment, help="window start, ISO time")
    parser.add_argument("--end", type=moment, help="window end, exclusive")
    parser.add_argument("--continuous", action="store_true", help="streams: run until stopped")
    parser.add_argument("options", nargs="*", metavar="name=value", help="further words for the job")
    asked = parser.parse_intermixed_args(argv)
    if asked.continuous and JOBS[asked.job].kind != "stream":
        parser.error(f"{asked.job} is no stream: it cannot run --continuous")
    return asked


def _failed(job: str, error: Exception) -> int:
    """Tell what went wrong; the log gets the whole of what nobody foresaw."""
    if isinstance(error, DataError):
        return _fail(job, error, DATA_WRONG)
    if isinstance(error, FORESEEN):
        return _fail(job, error, 1)
    log.error("job_failed", job=job, exc_info=error)
    first_line = next(iter(str(error).strip().splitlines()), "")
    return _fail(job, f"{type(error).__name__}: {first_line}", 1)


def _fail(job: str, why: object, code: int) -> int:
    sys.stderr.write(f"job {job}: {why}\n")
    return code
