"""scorecards on a real Delta lake: one tree, as JSON and as a page."""

import json
from pathlib import Path

import pytest

from jobs.batch import scorecards
from jobs.context import Context, NothingToDoError
from jobs.io.model_files import classifier_folder, train_and_save
from jobs.settings import Settings
from tests.jobs.test_relink import NOW, a_report, as_rows
from tests.models.test_classifier import LABELS, TEXTS
from tests.transforms.decided import classification, classifications, event, events


def test_what_decides_is_told_as_data_and_as_a_page(tmp_path: Path):
    context = Context(Settings(state_dir=tmp_path, lake=""), NOW)
    with pytest.raises(NothingToDoError, match="nothing was classified in the last weeks"):
        scorecards.run(context)
    context.lake.append_new("silver.reports", as_rows(a_report(1), a_report(2)))
    rows = classifications(classification("r-1", "noise"), classification("r-2", "housing", abstained=True))
    context.lake.append_new("gold.classifications", rows)
    told = events(event("o-1", 1, "dispatch", "dispatched", "2026-03-04 10:00", role="system"))
    context.lake.append_new("gold.order_events", told)
    scorecards.run(context)
    tree = json.loads((tmp_path / "scorecards" / "scorecards.json").read_text(encoding="utf-8"))
    assert (tree["classifier"], tree["router"]) == (None, None)
    day = tree["days"][0]
    assert (day["day"], day["reports"], day["abstained"]["value"], day["orders"]) == ("2026-03-04", 2, 0.5, 1)
    assert {"grading.toml", "routing.toml", "units.toml"} <= {rule["rules"] for rule in tree["rules"]}
    assert all(rule["sources"] for rule in tree["rules"])

    train_and_save(TEXTS, LABELS, classifier_folder(tmp_path), "texts of a test")
    scorecards.run(context)
    page = (tmp_path / "scorecards" / "scorecards.html").read_text(encoding="utf-8")
    assert "texts of a test" in page
    assert "50.0 %" in page
    assert "None" not in page
