"""The file of caller keys: made once, its owner's alone, rotated whole or not at all."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli import app
from jobs.context import DataError
from jobs.io.caller_key import caller_keys, forget, has_keys, rotate
from jobs.settings import Settings

TODAY = date(2026, 3, 1)
TOMORROW = date(2026, 3, 2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, caller_key="")


def path_of(settings: Settings) -> Path:
    return settings.state_dir / "caller_key"


def test_the_first_key_is_made_once(settings: Settings):
    assert not has_keys(settings)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: caller_keys(settings), range(8)))
    assert len(made) == 1
    assert has_keys(settings)


def test_keys_of_before_stay_what_they_were(settings: Settings):
    before = caller_keys(settings)
    rotate(settings, TOMORROW, TODAY)
    rotate(settings, TOMORROW + timedelta(days=30), TODAY)
    after = caller_keys(settings)
    assert after[:1] == before
    assert [(key.id, key.valid_from) for key in after] == [("1", None), ("2", TOMORROW), ("3", date(2026, 4, 1))]
    assert len({key.secret for key in after}) == 3


def test_only_the_owner_reads_the_file_before_and_after_a_rotation(settings: Settings):
    caller_keys(settings)
    modes = [stat.S_IMODE(path_of(settings).stat().st_mode)]
    rotate(settings, TOMORROW, TODAY)
    modes.append(stat.S_IMODE(path_of(settings).stat().st_mode))
    assert modes == [0o600, 0o600]
    path_of(settings).chmod(0o644)
    with pytest.raises(DataError, match="chmod 600"):
        caller_keys(settings)


def test_of_two_rotations_at_once_for_a_day_one_is_refused(settings: Settings):
    def added(_: int) -> str:
        try:
            return rotate(settings, TOMORROW, TODAY).id
        except DataError:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(added, range(8))) == ["2"] + ["refused"] * 7
    assert [key.id for key in caller_keys(settings)] == ["1", "2"]
    assert sorted(path.name for path in settings.state_dir.iterdir()) == ["caller_key", "locks"]


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1)])
def test_a_key_is_never_valid_for_a_day_that_has_begun(settings: Settings, day: date):
    with pytest.raises(DataError, match="2026-03-02 at the earliest"):
        rotate(settings, day, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", '{"keys": []}', '{"keys": [{"id": "1"}]}', '{"keys": [{"id": "1", "valid_from": "2026-01-01"}]}',
        '{"keys": [{"id": "1", "valid_from": null, "secret": 5}]}',
        '{"keys": [{"id": "1", "valid_from": null, "secret": "hush"}, {"id": "2", "valid_from": "soon"}]}',
    ],
)  # fmt: skip
def test_a_broken_file_says_so_and_keeps_its_secrets(settings: Settings, text: str):
    path_of(settings).write_text(text)
    path_of(settings).chmod(0o600)
    with pytest.raises(DataError, match="is no list of caller keys; put its backup back") as told:
        caller_keys(settings)
    assert "hush" not in str(told.value)
    assert told.value.__cause__ is None
    with pytest.raises(DataError):
        rotate(settings, TOMORROW, TODAY)
    assert path_of(settings).read_text() == text


def test_a_key_from_the_environment_is_the_first_and_is_not_written_down(tmp_path: Path):
    given = Settings(state_dir=tmp_path, caller_key="from the environment")
    rotate(given, TOMORROW, TODAY)
    assert caller_keys(given)[0].secret == b"from the environment"
    assert "environment" not in path_of(given).read_text()
    with pytest.raises(DataError, match="NINELINES_CALLER_KEY"):
        caller_keys(Settings(state_dir=tmp_path, caller_key=""))


def test_a_key_is_forgotten_when_its_bytes_have_expired_and_not_before(settings: Settings):
    rotate(settings, TOMORROW, TODAY)
    with pytest.raises(DataError, match="kept until 2026-04-01"):
        forget(settings, "1", date(2026, 4, 1), retention_days=30)
    secret = caller_keys(settings)[0].secret
    forget(settings, "1", date(2026, 4, 2), retention_days=30)
    assert [key.secret is None for key in caller_keys(settings)] == [True, False]
    assert secret.decode() not in path_of(settings).read_text()
    with pytest.raises(DataError, match="newest"):
        forget(settings, "2", date(2026, 9, 1), retention_days=30)
    with pytest.raises(DataError, match="no key 7"):
        forget(settings, "7", date(2026, 9, 1), retention_days=30)


def test_the_command_shows_periods_and_no_key(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NINELINES_STATE_DIR", str(settings.state_dir))
    monkeypatch.delenv("NINELINES_CALLER_KEY", raising=False)
    run = CliRunner().invoke
    assert "none yet" in run(app, ["caller-key", "list"]).stdout
    rotated, shown = run(app, ["caller-key", "rotate"]), run(app, ["caller-key", "list"])
    refused = run(app, ["caller-key", "rotate", "--from", "2020-01-01"])
    assert re.fullmatch(r"1  from ever\n2  from \d{4}-\d\d-\d\d\n", shown.stdout)
    assert (rotated.exit_code, refused.exit_code) == (0, 2)
    secrets = [key.secret.decode() for key in caller_keys(settings)]
    assert not any(secret in rotated.output + shown.output + refused.output for secret in secrets)
    assert run(app, ["caller-key", "forget", "1"]).exit_code == 2
