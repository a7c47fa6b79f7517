"""Ask the stack's Airflow to run a DAG, and wait for it."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from infra.stack.airflow import passwords_file
from jobs.settings import Settings

Progress = Callable[[str], None]
States = dict[str, str]  # task: success, skipped, failed, upstream_failed, running, queued, up_for_retry, none
PATIENCE = timedelta(minutes=15)
POLL_SECONDS = 0.5


class AirflowError(Exception):
    """A run failed, did not end in time, or could not be asked for; says which task, why, and where its log is."""


class AirflowClient:
    """Airflow's public REST API as its admin."""

    def __init__(self, settings: Settings) -> None:
        self._passwords = passwords_file(settings)
        self._logs = self._passwords.parent / "logs"
        self._http = httpx.Client(base_url=settings.airflow_url, timeout=30)

    def run(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        timeout: timedelta = PATIENCE,
        progress: Progress = print,
    ) -> States:
        """Trigger a DAG and wait until it ends: the state of each task. Raises AirflowError when one failed."""
        return self.wait(dag_id, self.trigger(dag_id, conf), timeout, progress)

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, patience: float = 60) -> str:
        """Start a run and give its id. A DAG that was not parsed yet is waited for, patience in seconds."""
        until = time.monotonic() + patience
        while not self._exists(dag_id):
            _check_time(until, f"Airflow knows no DAG {dag_id}: look for import errors at {self._http.base_url}")
        self._ask("PATCH", f"/dags/{dag_id}", params={"update_mask": "is_paused"}, json={"is_paused": False})
        body = {"logical_date": None, "conf": dict(conf or {})}
        return str(self._ask("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def wait(self, dag_id: str, run_id: str, timeout: timedelta = PATIENCE, progress: Progress = print) -> States:
        """Wait until a run ends; progress is told each change of its tasks. Raises AirflowError when it failed."""
        until, told = time.monotonic() + timeout.total_seconds(), ""
        while (state := self._ask("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"]) not in ("success", "failed"):
            if (now := _sentence(self.task_states(dag_id, run_id))) != told:
                progress(told := now)
            _check_time(until, f"DAG {dag_id} is still {state} after {timeout} ({now or 'no task started'})")
        if state == "failed":
            raise AirflowError(self._why_failed(dag_id, run_id))
        return self.task_states(dag_id, run_id)

    def started_by(self, run_id: str, dag_id: str, of: str, asset: str, timeout: timedelta = PATIENCE) -> str | None:
        """The run of DAG `of` that the asset's event of an ended run started; None when the run sent no such event.

        Events of several runs may have become one run.
        """
        until = time.monotonic() + timeout.total_seconds()
        while events := self._events(dag_id, run_id, asset):
            found = [run["run_id"] for event in events for run in event["created_dagruns"] if run["dag_id"] == of]
            if found:
                return str(found[0])
            _check_time(until, f"{asset} changed, but DAG {of} did not start within {timeout}; is it paused?")
        return None

    def task_states(self, dag_id: str, run_id: str) -> States:
        """State of each task of a run, in the order in which they started."""
        return {task["task_id"]: str(task["state"] or "none") for task in self._tasks(dag_id, run_id)}

    def results(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """What each job of a run gave as its result; skipped jobs give none."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/~/xcomEntries"
        entries = self._ask("GET", path, params={"xcom_key": "return_value"})["xcom_entries"]
        return {entry["task_id"]: self._result(dag_id, run_id, entry["task_id"]) for entry in entries}

    def _result(self, dag_id: str, run_id: str, task_id: str) -> Any:
        return self._ask("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value")[
            "value"
        ]

    def _tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        found = self._ask("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return sorted(found, key=lambda task: task["start_date"] or "9")

    def _events(self, dag_id: str, run_id: str, asset: str) -> list[dict[str, Any]]:
        of_run = {"source_dag_id": dag_id, "source_run_id": run_id}
        return [
            event
            for event in self._ask("GET", "/assets/events", params=of_run)["asset_events"]
            if event["name"] == asset
        ]

    def _why_failed(self, dag_id: str, run_id: str) -> str:
        lines = [f"DAG {dag_id}, run {run_id} failed"]
        for task in self._tasks(dag_id, run_id):
            if task["state"] == "failed":
                log = self._log(dag_id, run_id, task["task_id"], task["try_number"])
                lines.append(
                    f"  task {task['task_id']}, attempt {task['try_number']}: {_last_error(log)}\n  log: {log}"
                )
        return "\n".join(lines)

    def _log(self, dag_id: str, run_id: str, task_id: str, attempt: int) -> Path:
        return self._logs / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task_id}" / f"attempt={attempt}.log"

    def _exists(self, dag_id: str) -> bool:
        return self._http.get(f"/api/v2/dags/{dag_id}", headers=self._headers).status_code == httpx.codes.OK

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            answer = self._http.request(method, f"/api/v2{path}", headers=self._headers, **options)
        except httpx.TransportError as error:
            raise AirflowError(
                f"Airflow does not answer at {self._http.base_url}: {error}; see `ninelines status`"
            ) from error
        if answer.is_error:
            raise AirflowError(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:400]}")
        return answer.json()

    @cached_property
    def _headers(self) -> dict[str, str]:
        password = json.loads(self._passwords.read_text())["admin"]
        answer = self._http.post("/auth/token", json={"username": "admin", "password": password})
        if answer.is_error:
            raise AirflowError(f"Airflow refused the admin's password in {self._passwords}: {answer.text[:200]}")
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _check_time(until: float, message: str) -> None:
    if time.monotonic() > until:
        raise AirflowError(message)
    time.sleep(POLL_SECONDS)


def _sentence(states: States) -> str:
    return ", ".join(f"{task} {state}" for task, state in states.items() if state != "none")


def _last_error(log: Path) -> str:
    """The error that ended the task, from Airflow's log of JSON lines."""
    if not log.exists():
        return "the task left no log"
    lines = [
        line for line in log.read_text(errors="replace").splitlines() if '"level":"error"' in line.replace(" ", "")
    ]
    if not lines:
        return "its log tells no error"
    found = json.loads(lines[-1])
    details = found.get("error_detail") or []
    return str(details[0]["exc_value"] if details else found["event"])
