"""Rules tried over HTTP: the difference, or every fault with file and entry."""

from datetime import timedelta

import pytest

from jobs.io.lake import Lake
from schemas.areas import RULES
from tests.api.conftest import County
from tests.transforms.decided import MONDAY, classification, classifications, incidents, links

ROUTING = (RULES / "routing.toml").read_text(encoding="utf-8")


@pytest.fixture
def lake(county: County) -> Lake:
    found = Lake(county.settings)
    found.append_new("gold.incidents", incidents({"category": "education"}, {"category": "noise"}))
    found.append_new("gold.links", links(**{"r-0": "i-0", "r-1": "i-1"}))
    rows = classifications(classification("r-0", "education"), classification("r-1", "noise"))
    found.append_new("gold.classifications", rows)
    return found


def trial(**files: str) -> dict:
    period = {"start": MONDAY.isoformat(), "end": (MONDAY + timedelta(days=1)).isoformat()}
    return period | {"files": {name.replace("__", "."): text for name, text in files.items()}}


def test_who_gains_and_loses_is_told_and_nothing_is_written(county: County, lake: Lake):
    before = lake.read("gold.incidents")
    changed = ROUTING.replace('unit = "education"', 'unit = "housing"\nco_units = ["education"]')
    answer = county.client("dispatcher").post("/v1/whatif", json=trial(routing__toml=changed))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["orders"], found["changed"]) == (2, 1)
    units = {row["value"]: (row["gained"], row["lost"]) for row in found["counts"] if row["field"] == "unit_code"}
    assert units == {"education": (0, 1), "housing": (1, 0)}
    assert found["examples"][0]["new_unit_code"] == "housing"
    assert lake.read("gold.incidents").equals(before)


def test_rules_that_cannot_be_used_are_told_with_file_and_entry(county: County, lake: Lake):
    changed = ROUTING.replace('unit = "education"', 'unit = "nobody"')
    answer = county.client("engineer").post("/v1/whatif", json=trial(routing__toml=changed))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:ninelines:problem:bad-rules")
    assert "routing.toml education: unit nobody is not in units.toml" in answer.json()["detail"]
    assert "/tmp" not in answer.text


@pytest.mark.parametrize("name", ["../routing__toml", "areas__toml", "routing__py"])
def test_only_rule_files_are_taken(county: County, name: str):
    answer = county.client("engineer").post("/v1/whatif", json=trial(**{name: "x"}))
    assert answer.status_code == 400
    assert "no rule file is called" in answer.json()["detail"]
