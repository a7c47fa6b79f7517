"""The local stack and the jobs, on a state folder of their own, so that real data and the demo never mix."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.stack import api, lifecycle
from jobs.catalog import DONE, NOTHING_TO_DO, TIME_ZONE
from jobs.io.lake import read_table
from jobs.settings import ROOT, Settings

SERVERS = ("postgres", "kafka", "spark")
PORTS_ABOVE = 500  # the demo's
INTAKE = ("land", "clean", "link")
DECISIONS = ("classify", "assign", "publish")
LOCAL = ZoneInfo(TIME_ZONE)
Say = Callable[[str], None]


class JobFailedError(Exception):
    """A job ended badly; names it and shows the end of its log."""


def own_settings(outer: Settings) -> Settings:
    """Settings of the benchmark: everything under `state_dir/real`, ports above the demo's, rules made for the data."""
    state = outer.state_dir.absolute() / "real"
    return Settings(
        state_dir=state, port_base=outer.port_base + PORTS_ABOVE, rules_dir=state / "rules",
        lake="", kafka_bootstrap="", spark_remote="", database_url="",
    )  # fmt: skip


def start(settings: Settings, say: Say) -> None:
    lifecycle.up(settings, SERVERS, say)


def stop(settings: Settings, say: Say) -> None:
    lifecycle.down(settings, SERVERS, say)


def migrate(settings: Settings) -> None:
    """The store's tables, as `ninelines up api` makes them."""
    api.prepare(settings)


def run_jobs(names: Iterable[str], settings: Settings, say: Say) -> None:
    """Run jobs one after the other; what has nothing to do is passed over. Raises JobFailedError."""
    for name in names:
        say(f"{name}: {run_job(name, settings)}")


def run_job(name: str, settings: Settings, *options: str) -> str:
    """One job in its own process, as Airflow starts it; its result as JSON text."""
    result = settings.state_dir / f"{name}.result.json"
    result.unlink(missing_ok=True)
    code = _run([sys.executable, "-m", "jobs", name, *options], settings, name, result)
    return result.read_text() if code == DONE and result.exists() else "nothing to do"


def warn(settings: Settings, say: Say) -> None:
    """Judge the local day that has the most reports, as a day and hour by hour, against the days before it."""
    days = read_table(settings.lake_uri, "silver.reports", ["day"])["day"].value_counts()
    busiest = days.sort("count", "day", descending=True)["day"][0]
    begin = datetime.combine(busiest, time(), LOCAL)
    window = ("--start", begin.isoformat(), "--end", (begin + timedelta(days=1)).isoformat())
    for name in ("warn_hour", "warn_day"):
        say(f"{name} on {busiest}: {run_job(name, settings, *window)}")


def _run(argv: list[str], settings: Settings, name: str, result: Path) -> int:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NINELINES_")}
    told = inherited | settings.as_environment() | {"JOB_RESULT": str(result)}
    done = subprocess.run(argv, check=False, cwd=ROOT, env=told, capture_output=True, text=True)
    (settings.state_dir / f"{name}.log").write_text(done.stderr)
    if done.returncode not in (DONE, NOTHING_TO_DO):
        raise JobFailedError(f"{name} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.returncode
