"""Which version is in use, and the way back, for both models."""

import shutil
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from infra.commands import models
from jobs.context import DataError
from jobs.io import router_files
from jobs.io.model_files import classifier_folder, train_and_save
from jobs.io.model_versions import CARD, LIVE, changes, go_live, live_version, roll_back, rolled_back
from jobs.io.router_files import ROUTED_BY, live_router, router_folder
from tests.models.test_classifier import LABELS, TEXTS

APP = typer.Typer(pretty_exceptions_enable=False)
models.register(APP)


def has_versions(folder: Path, *versions: str) -> None:
    for version in versions:
        (folder / version).mkdir(parents=True)
        (folder / version / CARD).write_text("{}")
        go_live(version, folder)


def a_router(state_dir: Path, unit: str) -> str:
    past = [("noise", "complaint", "990101001", unit)] * 60 + [("labour", "help", "990101002", "housing")] * 60
    rows = pl.DataFrame(past, schema=[*ROUTED_BY, "who"], orient="row")
    return router_files.train_and_save(rows, "who", list(ROUTED_BY), router_folder(state_dir)).version


def test_going_back_twice_goes_back_two_versions(tmp_path: Path):
    has_versions(tmp_path, "one", "two", "three")
    assert [roll_back(tmp_path).version, roll_back(tmp_path).version] == ["two", "one"]
    assert rolled_back(tmp_path) == {"two", "three"}
    with pytest.raises(DataError, match="no version was live before one"):
        roll_back(tmp_path)
    go_live("three", tmp_path)
    assert (rolled_back(tmp_path), roll_back(tmp_path).version) == ({"two"}, "one")
    assert [change.why for change in changes(tmp_path)] == ["trained"] * 3 + ["rolled_back"] * 2 + [
        "trained", "rolled_back",
    ]  # fmt: skip


def test_a_version_that_is_named_comes_into_use(tmp_path: Path):
    has_versions(tmp_path, "one", "two", "three")
    assert roll_back(tmp_path, "one").version == live_version(tmp_path) == "one"
    for version, why in (("one", "is the live version already"), ("four", "there are: one, two, three")):
        with pytest.raises(DataError, match=why):
            roll_back(tmp_path, version)


def test_a_challenger_of_another_champion_does_not_go_live(tmp_path: Path):
    has_versions(tmp_path, "one", "two")
    with pytest.raises(DataError, match="held against one, but two is live now and stays"):
        go_live("three", tmp_path, instead_of="one")
    assert live_version(tmp_path) == "two"


def test_a_file_that_holds_a_version_only_still_reads(tmp_path: Path):
    has_versions(tmp_path, "one", "two")
    (tmp_path / LIVE).write_text("one\n")
    assert live_version(tmp_path) == "one"
    go_live("two", tmp_path)
    assert roll_back(tmp_path).version == "one"


def test_a_router_that_lies_in_the_folder_itself_is_read_and_becomes_a_version(tmp_path: Path):
    first, folder = a_router(tmp_path, "police"), router_folder(tmp_path)
    for file in (folder / first).iterdir():
        shutil.move(file, folder)
    (folder / first).rmdir()
    (folder / LIVE).unlink()
    assert live_router(tmp_path).version == first
    second = a_router(tmp_path, "ecology")
    assert live_router(tmp_path).version == second != first
    assert roll_back(folder).version == live_router(tmp_path).version == first


def test_the_command_lists_and_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NINELINES_STATE_DIR", str(tmp_path))
    one = train_and_save(pl.Series(TEXTS), pl.Series(LABELS), classifier_folder(tmp_path)).card
    two = train_and_save(pl.Series(TEXTS[1:]), pl.Series(LABELS[1:]), classifier_folder(tmp_path)).card
    listed = run("list")
    assert f"  {one.version}\n    data {one.data_hash[:12]}, code {one.code_version}, macro_f1 " in listed
    assert f"* {two.version}" in listed
    assert "router 派单历史\n  none yet" in listed
    assert f"classifier: {one.version} is in use since" in run("rollback", "classifier")
    assert f"* {one.version}" in run("list", "classifier")
    assert "no version was live before" in run("rollback", "classifier", code=2)
    assert "there are classifier, router" in run("rollback", "linker", code=2)


def run(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(APP, ["models", *words])
    assert done.exit_code == code, done.output
    return done.output
