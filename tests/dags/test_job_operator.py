"""The operator against a stand-in for the jobs' interpreter: real processes, real exit codes."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from dags.job_operator import JobOperator

RUN = SimpleNamespace(logical_date=None, run_after=datetime(2026, 3, 2, 1, 12, tzinfo=UTC))


def execute(job: str, **options):
    params = {"start": None, "end": None}
    return JobOperator(job=job, **options).execute({"dag_run": RUN, "params": params})


def test_a_job_gives_its_result(interpreter):
    assert execute("classify") == {"job": "classify", "rows": 5}
    assert interpreter.calls == ["classify"]


def test_a_job_with_a_period_is_told_its_window(interpreter):
    execute("warn_hour", period="last hour")
    assert interpreter.calls == ["warn_hour --start 2026-03-02T08:00:00+08:00 --end 2026-03-02T09:00:00+08:00"]


@pytest.mark.parametrize(
    ("code", "ending"),
    [(99, AirflowSkipException), (2, AirflowFailException), (1, AirflowException), (137, AirflowException)],
)
def test_the_exit_code_decides_how_the_task_ends(interpreter, monkeypatch, code, ending):
    monkeypatch.setenv("STUB_EXIT", str(code))
    with pytest.raises(ending, match=f"job land ended with exit code {code}: the last words of land") as raised:
        execute("land")
    assert type(raised.value) is ending  # AirflowFailException is an AirflowException, too: only it forbids a retry


def test_a_job_sees_our_settings_and_none_of_airflows(interpreter, monkeypatch):
    monkeypatch.setenv("NINELINES_PORT_BASE", "27000")
    monkeypatch.setenv("PYTHONPATH", "of-airflow")
    execute("land")
    assert "NINELINES_PORT_BASE=27000" in interpreter.environment
    assert "AIRFLOW" not in interpreter.environment
    assert "PYTHONPATH" not in interpreter.environment


def test_cancelling_ends_the_job_and_its_children(interpreter, monkeypatch):
    monkeypatch.setenv("STUB_STUBBORN", "1")
    operator = JobOperator(job="land")
    endings = []

    def run():
        try:
            operator.execute({"dag_run": RUN, "params": {}})
        except AirflowException as ending:
            endings.append(str(ending))

    thread = threading.Thread(target=run)
    thread.start()
    assert soon(lambda: interpreter.process_ids)
    operator.on_kill()
    thread.join(timeout=10)
    assert endings == ["job land ended with exit code -9: the last words of land"]
    assert soon(lambda: not any(is_running(pid) for pid in interpreter.process_ids))


def test_an_unknown_job_is_found_while_the_dag_is_read():
    with pytest.raises(KeyError, match="no_such_job"):
        JobOperator(job="no_such_job")


def soon(check) -> bool:
    deadline = time.monotonic() + 10
    while not check() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(check())


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
