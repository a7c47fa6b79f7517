"""The express lane goes on deciding while a file that it reads again is damaged."""

import json
from pathlib import Path

import polars as pl
import pytest
from structlog.testing import capture_logs

from jobs.context import DataError
from jobs.io import model_files, router_files
from jobs.settings import Settings
from jobs.streaming import express
from tests.models.test_classifier import LABELS, TEXTS

ROWS = pl.DataFrame({"category": ["noise", "fire"] * 60, "kind": "complaint", "unit": ["ecology", "fire"] * 60})


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    model_files.train_and_save(TEXTS, LABELS, model_files.classifier_folder(folder))
    router_files.train_and_save(ROWS, "unit", ["category", "kind"], folder / "models" / "router")
    return folder


@pytest.fixture
def lane(trained: Path, tmp_path: Path) -> express._Lane:
    return express._Lane(Settings(state_dir=trained, lake=str(tmp_path / "lake")))


def file_of(lane: express._Lane, name: str) -> Path:
    classifier = model_files.classifier_folder(lane.settings.state_dir)
    places = {
        "router.json": next(lane.settings.state_dir.glob("models/router/**/router.json")),
        "model.npz": next(classifier.glob("*/model.npz")),
        "live": classifier / "live",
    }
    return places[name]


@pytest.mark.parametrize("damage", [b"", b"\xff{", b"PK\x03\x04 no archive"])
@pytest.mark.parametrize(
    ("name", "told"),
    [("router.json", "the router in "), ("model.npz", "train it again"), ("live", "models/classifier")],
)
def test_a_damaged_file_leaves_the_lane_as_it_was_and_is_told_once(lane, name, told, damage):
    file = file_of(lane, name)
    whole, before = file.read_bytes(), lane.by
    file.write_bytes(damage)
    try:
        with capture_logs() as logs:
            lane._renew()
            lane._renew()
    finally:
        file.write_bytes(whole)
    assert lane.by is before
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["decides_as_before"]
    assert told in logs[0]["why"]


def test_the_good_version_is_taken_when_it_is_back(lane):
    file = file_of(lane, "router.json")
    whole, before = file.read_bytes(), lane.by
    file.write_bytes(b"{")
    lane._renew()
    file.write_text(json.dumps(json.loads(whole) | {"version": "mended"}))
    try:
        lane._renew()
    finally:
        file.write_bytes(whole)
    assert (before.router.version != "mended", lane.by.router.version) == (True, "mended")


def test_a_lane_does_not_start_on_a_damaged_file(lane):
    file = file_of(lane, "router.json")
    whole = file.read_bytes()
    file.write_bytes(b"{")
    try:
        with pytest.raises(DataError, match="damaged"):
            express._Lane(lane.settings)
    finally:
        file.write_bytes(whole)
