"""One task, one job: starts `python -m jobs JOB` in the jobs' own environment and tells Airflow how it ended."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from dags.windows import Period, window
from jobs.catalog import DATA_WRONG, DONE, JOBS, NOTHING_TO_DO

ROOT = Path(__file__).resolve().parents[1]
# Airflow's secrets and Python paths are no business of a job.
HIDDEN = ("AIRFLOW", "_AIRFLOW", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
ASSET_ZONES = ("bronze", "silver", "gold", "ops", "store")
ENDING = {NOTHING_TO_DO: AirflowSkipException, DATA_WRONG: AirflowFailException}
GRACE_SECONDS = 3.5  # Airflow's supervisor waits 5 s before it kills a cancelled task


class JobOperator(BaseOperator):
    """Runs one job of the catalogue; gives its result as XCom. With a period, the job is told its window.

    words: further `name=value` words of the job's command line.

    Exit code 0 succeeds, 99 skips the task, 2 fails it without a retry, anything else fails it with retries. What the
    catalogue says the job writes becomes the task's assets: an event tells that the job ran and found something new.
    A stage that found nothing does not stop those after it: they may have work left from an earlier failure.
    """

    ui_color = "#e3eef9"

    def __init__(self, *, job: str, period: Period | None = None, words: tuple[str, ...] = (), **options: Any) -> None:
        about = JOBS[job]
        options = {"task_id": job, "trigger_rule": "none_failed", "doc_md": about.summary} | options
        super().__init__(inlets=_assets(about.reads), outlets=_assets(about.writes), **options)
        self.job, self.period, self.words = job, period, words
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Context) -> dict[str, Any] | None:
        with tempfile.TemporaryDirectory(prefix="job-") as folder:
            answer = Path(folder, "result.json")
            code, last_line = self._run([*_python(), self.job, *self.words, *self._window(context)], answer)
            if code != DONE:
                raise ENDING.get(code, AirflowException)(f"job {self.job} ended with exit code {code}: {last_line}")
            return json.loads(answer.read_text()) if answer.exists() else None

    def on_kill(self) -> None:
        """End the job and all it started: first politely, then for good."""
        process = self._process
        if process is None:
            return
        _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        _signal(process, signal.SIGKILL)  # also what the job left behind in its group

    def _window(self, context: Context) -> list[str]:
        if self.period is None:
            return []
        run = context["dag_run"]
        found = window(self.period, run.logical_date or run.run_after, context["params"])
        return ["--start", found[0].isoformat(), "--end", found[1].isoformat()] if found else []

    def _run(self, argv: list[str], answer: Path) -> tuple[int, str]:
        """Exit code and last line of the job, whose lines become the task's log."""
        self.log.info("%s", " ".join(argv))
        last_line = "it said nothing"
        with subprocess.Popen(
            argv, cwd=ROOT, env=_environment(answer), start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="backslashreplace",
        ) as process:  # fmt: skip
            self._process = process
            assert process.stdout is not None
            for line in process.stdout:
                self.log.info("%s", line.rstrip())
                last_line = line.strip() or last_line
        return process.returncode, last_line


def _python() -> list[str]:
    return [os.environ.get("JOBS_PYTHON") or str(ROOT / ".venv" / "bin" / "python"), "-m", "jobs"]


def _environment(answer: Path) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
    return passed | {"JOB_RESULT": str(answer), "PYTHONUNBUFFERED": "1"}


def _assets(tables: tuple[str, ...]) -> list[Asset]:
    return [Asset(name) for name in tables if name.split(".")[0] in ASSET_ZONES]


def _signal(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)  # the job leads its own session and group
    except ProcessLookupError:
        return
