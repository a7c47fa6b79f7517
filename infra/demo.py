"""`ninelines demo`: one simulated day, from the callers to the departments and back, on the local stack.

Every step may be repeated after any crash: what was sent is not sent again, what was decided stays, and what a department
did is asked for under the same idempotency key.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from rich.console import Console

from infra.accounts import Account, account, show
from infra.airflow_client import AirflowClient
from infra.departments import play
from infra.stack import kafka, lifecycle
from jobs.io.lake import read_table
from jobs.settings import Settings

LOCAL = ZoneInfo("Asia/Shanghai")
SEED = 9
EVENTS = 6_000
PAST_WEEKS = 8


class DemoError(Exception):
    """A step of the demo failed; says which and what to do."""


@dataclass(frozen=True)
class Day:
    """The day the demo plays: fixed at the first run, so that a second run plays the same one."""

    date: date

    @property
    def window(self) -> dict[str, str]:
        start = datetime(self.date.year, self.date.month, self.date.day, tzinfo=LOCAL)
        return {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}


def run(settings: Settings, console: Console, events: int = EVENTS) -> Account:
    """The whole demo; returns what came of it. Raises DemoError or StackError with what to do."""
    step = _Steps(console)
    day = _chosen_day(settings)
    with step("start Kafka, PostgreSQL, Spark, API and Airflow"):
        lifecycle.up(settings, say=console.print)
    airflow = AirflowClient(settings)
    with step("prepare: topics, the archive of past counts, a classifier"):
        _prepare(settings, day)
    with step(f"send {day.date:%Y-%m-%d} of eleven feeds into Kafka") as say:
        say(_send(settings, day, events))
    with step("Airflow catch_up: land, clean, link") as say:
        airflow.run("catch_up", progress=say)
    with step("Airflow decide: classify, assign, publish") as say:
        _decide(airflow, settings, say)
    with step("Airflow warn_hourly and warn_daily") as say:
        airflow.run("warn_hourly", day.window, progress=say)
        airflow.run("warn_daily", day.window, progress=say)
    with step("departments sign for, handle, close; callers are called back (over HTTP)") as say:
        say(play(settings, SEED))
    with step("Airflow metrics_daily: figures and 《每日工作情况》") as say:
        airflow.run("metrics_daily", day.window, progress=say)
    with step("Airflow quality: Great Expectations on silver.reports") as say:
        airflow.run("quality", progress=say)
    found = account(settings)
    show(found, console)
    return found
