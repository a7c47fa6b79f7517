"""Airflow without containers, in its own environment: API server and DAG processor, then the scheduler.

A task that starts before the API server answers is marked failed, and one that ends after it is gone, too:
so the API server is the first to start and the last to stop.
"""

import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from infra.stack.environment import keep_private, secret
from infra.stack.postgres import airflow_url, has_table
from infra.stack.process import Process, run_to_end
from jobs.settings import ROOT, Settings

PROGRAM = ROOT / ".venv-airflow" / "bin" / "airflow"
LOCK = ROOT / "infra" / "locks" / "airflow.txt"
USERS = {"admin": "admin", "viewer": "viewer"}  # name: role


def processes(settings: Settings) -> list[Process]:
    return [
        _process(settings, "airflow-api", "api-server", part="metadatabase", port="airflow"),
        _process(settings, "airflow-dags", "dag-processor", part="dag_processor"),
        _process(settings, "airflow-scheduler", "scheduler", "--skip-serve-logs", part="scheduler"),
    ]


def prepare(settings: Settings) -> None:
    """Make the users' passwords and bring Airflow's database to its version."""
    home = _home(settings)
    home.mkdir(parents=True, exist_ok=True)
    if not passwords_file(settings).exists():
        keep_private(passwords_file(settings), json.dumps({name: secrets.token_urlsafe(12) for name in USERS}))
    stamp, version = home / "migrated", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == version and has_table(airflow_url(settings), "alembic_version"):
        return  # asking Airflow itself takes six seconds
    command = [str(PROGRAM), "db", "migrate"]
    run_to_end("airflow: its database could not be migrated", command, home, variables(settings))
    stamp.write_text(version)


def passwords_file(settings: Settings) -> Path:
    """JSON, user name to password; its owner alone may read it."""
    return _home(settings) / "passwords.json"


def variables(settings: Settings) -> dict[str, str]:
    """Airflow's settings, and ours for the jobs its tasks start."""
    options = {f"AIRFLOW__{name}": value for name, value in _options(settings).items()}
    ours = {"AIRFLOW_HOME": str(_home(settings)), "PYTHONPATH": str(ROOT), "JOBS_PYTHON": sys.executable}
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    quiet = {"SCARF_ANALYTICS": "false", "DO_NOT_TRACK": "1"}
    return settings.as_environment() | options | ours | quiet | {"PATH": path}


def _options(settings: Settings) -> dict[str, str]:
    home, url = _home(settings), settings.airflow_url
    database = airflow_url(settings).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    return {
        "API__HOST": "127.0.0.1",
        "API__PORT": str(settings.port("airflow")),
        "API__BASE_URL": url,
        "API__WORKERS": "1",
        "API_AUTH__JWT_SECRET": secret(home / "jwt_secret"),
        "API__SECRET_KEY": secret(home / "secret_key"),
        "CORE__FERNET_KEY": "",
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__PARALLELISM": "4",
        "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in USERS.items()),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings)),
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DATABASE__SQL_ALCHEMY_CONN": database,
        "LOGGING__WORKER_LOG_SERVER_PORT": str(settings.port("airflow_logs")),
        "USAGE_DATA_COLLECTION__ENABLED": "False",
        # A task's end is noticed after one second, not five; a dead scheduler's tasks are taken up in half a minute.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
    }


def _process(settings: Settings, name: str, *words: str, part: str, port: str = "") -> Process:
    return Process(
        name=name,
        argv=[str(PROGRAM), *words],
        state_dir=settings.state_dir,
        cwd=_home(settings),
        env=variables(settings),
        stop_seconds=10,
        starts_last=part == "scheduler",
        ports=(settings.port(port),) if port else (),
        is_ready=lambda: _is_healthy(settings, part),
    )


def _is_healthy(settings: Settings, part: str) -> bool:
    """What Airflow says of one of its parts. A dead part's heartbeat counts for half a minute more."""
    try:
        with urlopen(f"{settings.airflow_url}/api/v2/monitor/health", timeout=10) as answer:  # noqa: S310 - our own server
            health = json.load(answer)
    except (URLError, OSError, ValueError):
        return False
    return bool((health.get(part) or {}).get("status") == "healthy")


def _home(settings: Settings) -> Path:
    return settings.state_dir.absolute() / "airflow"
