"""`python -m jobs`: exit codes, and what is told to whom."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs import run
from jobs.batch import quality
from jobs.catalog import JOBS
from jobs.context import Context, DataError, NothingToDoError
from jobs.io.locks import Owner, held
from jobs.settings import Settings
from jobs.streaming import decide


@pytest.fixture(autouse=True)
def a_state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NINELINES_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("JOB_RESULT", str(tmp_path / "result.json"))


def job_that(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
    """Makes the job `quality` end at once: with this error, or well."""

    def end(context: Context) -> dict[str, int]:
        if error:
            raise error
        return {"rows": 5}

    monkeypatch.setattr(quality, "run", end)


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (NothingToDoError("nothing new"), 99, "nothing_to_do"),
        (DataError("feed 110: no column received_at"), 2, "job quality: feed 110: no column received_at\n"),
        (RuntimeError("disk full\nmore"), 1, "job quality: RuntimeError: disk full\n"),
    ],
)
def test_the_exit_code_says_what_to_do_next(monkeypatch, capsys, error, code, told):
    job_that(monkeypatch, error)
    assert run.main(["quality"]) == code
    assert told in capsys.readouterr().err


def test_the_result_goes_to_standard_output_and_to_the_file(monkeypatch, capsys, tmp_path: Path):
    job_that(monkeypatch)
    assert run.main(["quality", "--start", "2026-03-01T00:00", "name=value"]) == 0
    assert json.loads(capsys.readouterr().out) == {"rows": 5}
    assert json.loads((tmp_path / "result.json").read_text()) == {"rows": 5}


@pytest.mark.parametrize("job", ["escalate", "publish"])
def test_without_postgres_a_job_says_how_to_start_it_and_may_be_tried_again(job, monkeypatch, capsys):
    monkeypatch.setenv("NINELINES_DATABASE_URL", "postgresql+psycopg://postgres@127.0.0.1:1/ninelines")
    assert run.main([job]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(f"job {job}: PostgreSQL gives no connection (")
    assert "Connection refused" in told and "`make up`" in told and "NINELINES_DATABASE_URL" in told


def test_without_spark_a_stream_says_how_to_start_it(monkeypatch, capsys):
    monkeypatch.setenv("NINELINES_SPARK_REMOTE", "sc://127.0.0.1:9")
    assert run.main(["clean"]) == 1
    assert "start it with `ninelines up spark`" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["no_such_job"], ["quality", "--continuous"], ["quality", "--start", "yesterday"]])
def test_wrong_arguments_end_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        run.main(words)
    assert ended.value.code == 2


def test_a_time_without_a_zone_is_the_countys():
    assert run.moment("2026-03-01T08:00") == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("job", ["classify", "assign", "publish"])
def test_what_the_service_decide_does_is_nothing_to_do_for_airflow(job, tmp_path: Path, capsys):
    service = Owner("decide", "a session", is_continuous=True, since="2026-03-01T00:00:00+08:00")
    with held(tmp_path / "locks", JOBS["decide"].writes, service):
        assert run.main([job]) == 99
    assert "the service has the work" in capsys.readouterr().err


def test_one_round_of_decide_passes_over_steps_without_work(monkeypatch, tmp_path: Path):
    def nothing(_: Context) -> dict[str, int]:
        raise NothingToDoError

    context = Context(Settings(), datetime(2026, 3, 1, tzinfo=UTC))
    monkeypatch.setattr(decide, "STEPS", {"classify": nothing, "assign": lambda _: {"new": 2}, "publish": nothing})
    assert decide.decided(context) == {"assign": {"new": 2}}
    monkeypatch.setattr(decide, "STEPS", {"classify": nothing})
    with pytest.raises(NothingToDoError):
        decide.run(context)
