"""What all DAGs share: retries and limits, the window a person may ask for, the documentation shown in the console."""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, Param

from jobs.catalog import JOBS, TIME_ZONE

# No start date: the first run waits for its time, so that bringing the house up does not start every DAG at once.
DEFAULTS: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "dagrun_timeout": timedelta(hours=3),
    "default_args": {
        "retries": 3,
        "retry_delay": timedelta(seconds=20),  # another run may hold the job's lock: it is short
        "execution_timeout": timedelta(minutes=30),
    },
}

WINDOW = {
    "start": Param(None, type=["null", "string"], description="start of the window, e.g. 2026-11-22T00:00:00+08:00"),
    "end": Param(None, type=["null", "string"], description="end of the window, exclusive; without both: by schedule"),
}


def local(cron: str) -> CronTriggerTimetable:
    """Local times of day, as clocks in the county show them."""
    return CronTriggerTimetable(cron, timezone=TIME_ZONE)


def document(dag: DAG, text: str | None) -> None:
    """Show the DAG file's own words in the console, and what its jobs read and write by the catalogue."""
    rows = [JOBS[task.job] for task in dag.topological_sort()]
    table = "\n".join(f"| `{job.name}` | {job.summary} | {_list(job.reads)} | {_list(job.writes)} |" for job in rows)
    heading = "## Reads and writes\n\n| job | what | reads | writes |\n|---|---|---|---|"
    dag.doc_md = f"{text}\n\n{heading}\n{table}\n"


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "every table"
