"""What `ninelines up` says before any server starts."""

import fcntl
import socket
import stat

import pytest
from typer.testing import CliRunner

from infra.cli import app
from infra.setup.objects import PROGRAM
from infra.stack import lifecycle
from infra.stack.environment import secret
from infra.stack.ports import StackError, require_free
from jobs.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(state_dir=tmp_path / "state", port_base=31000)


def test_a_taken_port_is_named_with_its_holder_and_the_setting_to_change(settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=rf"kafka: port {port} .* by .*NINELINES_PORT_BASE=32000 \(now 31000\)"):
            require_free("kafka", (port,), settings)


def test_a_free_port_is_no_matter(settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    require_free("kafka", (port,), settings)


@pytest.mark.parametrize(
    ("asked", "started"),
    [
        (["kafka"], ["kafka"]),
        (["api"], ["postgres", "api"]),
        (["airflow", "spark"], ["postgres", "spark", "airflow"]),
        ([], []),
    ],
)
def test_a_server_brings_those_it_needs(asked, started):
    assert lifecycle.with_needs(asked) == started


def test_an_unknown_server_is_told_with_those_there_are():
    with pytest.raises(
        StackError, match="no server is called kakfa; there are postgres, objects, kafka, spark, api, airflow"
    ):
        lifecycle.with_needs(["kakfa"])


def test_two_ups_at_once_do_not_collide(settings):
    settings.state_dir.mkdir()
    with (settings.state_dir / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StackError, match="another `ninelines up` or `down` is at work"):
            lifecycle.up(settings, ["kafka"])


def test_status_of_a_stack_that_never_ran_is_down_with_exit_code_1(settings, monkeypatch):
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["status"])
    lines = result.output.splitlines()
    objects = ["objects"] if PROGRAM.exists() else []
    names = ["postgres", *objects, "kafka", "spark", "api", "airflow-api", "airflow-dags", "airflow-scheduler"]
    assert [line.split()[0] for line in lines[1:]] == names
    assert all("down" in line for line in lines[1:])
    assert result.exit_code == 1


def test_a_server_somebody_else_runs_is_not_ours_to_start(tmp_path):
    theirs = Settings(
        state_dir=tmp_path,
        database_url="postgresql+psycopg://u:p@db/ninelines",
        kafka_bootstrap="k:9092",
        spark_remote="sc://s",
        s3_endpoint="https://s3.example",
    )
    names = [state.name for state in lifecycle.status(theirs)]
    assert names == ["api", "airflow-api", "airflow-dags", "airflow-scheduler"]


def test_children_are_given_our_settings(settings):
    given = settings.as_environment()
    assert given["NINELINES_PORT_BASE"] == "31000"
    assert given["NINELINES_STATE_DIR"] == str(settings.state_dir)
    assert "NINELINES_CALLER_KEY" not in given


def test_a_secret_is_made_once_and_readable_by_its_owner_only(tmp_path):
    path = tmp_path / "caller_key"
    first = secret(path)
    assert len(first) >= 48
    assert secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_airflow_listens_here_only_and_its_scheduler_starts_last(settings):
    from infra.stack import airflow

    environment = airflow.variables(settings)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["NINELINES_STATE_DIR"] == str(settings.state_dir)
    assert [process.starts_last for process in airflow.processes(settings)] == [False, False, True]
