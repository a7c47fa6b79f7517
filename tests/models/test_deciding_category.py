"""The source's own category counts before the model's."""

from datetime import UTC, datetime

import polars as pl
import pytest

from jobs.models.deciding_category import classified
from jobs.models.scorecard import train
from schemas.records import Report
from tests.models.test_classifier import LABELS, TEXTS

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def model():
    return train(TEXTS, LABELS)[0]


def test_a_category_the_source_names_is_kept(model):
    row = decided(model, category="fire", text="小区停电").row(0, named=True)
    assert (row["category"], row["probability"], row["abstained"], row["top3"]) == ("fire", 1.0, False, ["fire:1.00"])
    assert row["model_version"] == "source"


def test_the_rest_is_the_models_guess(model):
    row = decided(model, category=None, text="小区停电没水").row(0, named=True)
    assert (row["category"], row["model_version"]) == ("utilities", model.version)
    assert 0.3 < row["probability"] <= 1


def test_a_report_that_says_nothing_is_other_and_abstained(model):
    row = decided(model, category=None, text=" ").row(0, named=True)
    assert (row["category"], row["probability"], row["abstained"], row["top3"]) == ("other", 0, True, [])


@pytest.mark.parametrize(
    ("feed", "kind", "category", "text", "is_police"),
    [
        ("12345", "help", "fraud", "", True),
        ("110", "emergency", "noise", "楼下太吵", False),
        ("110", "emergency", None, "", True),  # nobody is sure yet: the police keep it
        ("110", "enquiry", None, "", False),
        ("119", "emergency", "fire", "", False),
    ],
)
def test_what_is_a_police_matter(model, feed, kind, category, text, is_police):
    assert decided(model, category=category, text=text, feed=feed, kind=kind)["is_police"].to_list() == [is_police]


def decided(model, category, text, feed="12345", kind="complaint"):
    types = Report.create_empty().schema
    columns = {"report_id": "r1", "feed": feed, "kind": kind, "category": category, "text": text}
    report = pl.DataFrame([columns], schema={name: types[name] for name in columns})
    urgency = pl.DataFrame(
        {"report_id": "r1", "is_urgent": False, "urgency_terms": [[]]},
        schema_overrides={"urgency_terms": pl.List(pl.String)},
    )
    return classified(report, urgency, model, NOW)
