"""Airflow reads its settings when first imported, so they are set here before that; all state is temporary."""

import os
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_home = tempfile.TemporaryDirectory(prefix="airflow-home-")  # deleted when the tests end

for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
    del os.environ[name]
os.environ.update(
    {
        "AIRFLOW_HOME": _home.name,
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{_home.name}/airflow.db",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }
)
sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags"))


@pytest.fixture(scope="session")
def runnable(bag):
    """The bag, with a database its DAGs can run on."""
    from airflow.utils.db import initdb

    initdb()
    return bag


@dataclass(frozen=True)
class Interpreter:
    """A stand-in for the jobs' Python: notes what it was asked, answers as told by environment variables."""

    folder: Path

    @property
    def calls(self) -> list[str]:
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []

    @property
    def environment(self) -> str:
        return (self.folder / "environment").read_text()

    @property
    def process_ids(self) -> list[int]:
        log = self.folder / "pids"
        return [int(line) for line in log.read_text().split()] if log.exists() else []


@pytest.fixture
def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Interpreter]:
    """STUB_EXIT: the exit code. STUB_EXIT_<job>: of one job. STUB_STUBBORN: hang, with a child, and ignore SIGTERM."""
    program = tmp_path / "python"
    script = f"""\
        #!/bin/bash
        shift 2
        echo "$@" >> {tmp_path}/calls
        env > {tmp_path}/environment
        code_of_job=STUB_EXIT_$1
        code="${{!code_of_job:-${{STUB_EXIT:-0}}}}"
        echo "{{\\"job\\": \\"$1\\", \\"rows\\": 5}}" > "$JOB_RESULT"
        echo "the last words of $1" >&2
        if [ -n "$STUB_STUBBORN" ]; then
            trap '' TERM
            sleep 60 &
            echo $$ $! >> {tmp_path}/pids
            while true; do sleep 0.1; done
        fi
        exit $code
    """
    program.write_text(textwrap.dedent(script))
    program.chmod(0o755)
    monkeypatch.setenv("JOBS_PYTHON", str(program))
    yield Interpreter(tmp_path)
