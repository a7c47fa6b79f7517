"""assign, metrics and daily_report on a real Delta lake: once or twice, the same rows and the same report."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from jobs.batch import assign, daily_report, metrics
from jobs.context import Context, DataError, NothingToDoError
from jobs.io.router_files import train_and_save
from jobs.settings import Settings
from schemas.records import Batch
from tests.transforms.decided import MONDAY, at, event, events, incidents, links, rating, ratings, rows

pytestmark = pytest.mark.stack
DAY = (at("2026-03-02 00:00"), at("2026-03-03 00:00"))
NEXT_DAY = (DAY[1], at("2026-03-04 00:00"))
TUESDAY = at("2026-03-03 12:00")


@pytest.fixture
def context(stack: Settings, tmp_path: Path) -> Context:
    """A lake of its own with two incidents of Monday, which were taken in on Tuesday."""
    settings = stack.model_copy(update={"lake": str(tmp_path / "lake"), "state_dir": tmp_path})
    context = Context(settings, TUESDAY)
    context.lake.upsert("gold.incidents", incidents({"category": "fire", "text": "着火了"}, {"category": "noise"}))
    context.lake.upsert("gold.links", links(**{"r-0": "i-0", "r-1": "i-1"}))
    batch = {"job": "clean", "run": "a", "batch_id": 1, "feed": "12345", "finished_at": TUESDAY}
    account = {"rows_in": 4, "rows_clean": 2, "rows_redelivered": 1, "rows_quarantined": 1}
    context.lake.append_new("ops.batches", rows(Batch, batch | account))
    return context


def later(context: Context, **window: object) -> Context:
    return Context(context.settings, TUESDAY + timedelta(hours=1), **window)  # type: ignore[arg-type]  # start and end


def test_assigning_twice_writes_once_and_an_urged_incident_is_decided_anew(context: Context):
    assert assign.run(context) == {"incidents": 2, "decisions": 2, "new": 2}
    with pytest.raises(NothingToDoError, match="every decision stands"):
        assign.run(later(context))
    context.lake.upsert("gold.incidents", incidents({"category": "fire", "text": "着火了", "report_count": 2}))
    assert assign.run(later(context)) == {"incidents": 2, "decisions": 1, "new": 0}
    decided = context.lake.read("gold.assignments").sort("order_id")
    assert decided["urged_count"].to_list() == [1, 0]
    assert decided["decided_at"].to_list() == [TUESDAY + timedelta(hours=1), TUESDAY]


def test_without_orders_there_is_nothing_to_measure(stack: Settings, tmp_path: Path):
    settings = stack.model_copy(update={"lake": str(tmp_path / "lake"), "state_dir": tmp_path})
    for job in (metrics, daily_report):
        with pytest.raises(NothingToDoError):
            job.run(Context(settings, TUESDAY))


def test_the_report_of_the_newest_day_shows_its_figures_and_the_account_of_the_day_it_came_in(context: Context):
    assign.run(context)
    context.lake.append_new("gold.order_events", events(event("o-0", 1, "sign", "signed", "2026-03-02 09:05")))
    context.lake.append_new(
        "gold.ratings", ratings(rating("o-0", 1, True, True, "satisfied") | {"called_back_at": MONDAY})
    )
    for run in (context, later(context)):
        assert metrics.run(run)["orders"] == 2
    found = context.lake.read("gold.metrics")
    assert found.select("metric", "scope", "window_start").is_duplicated().sum() == 0
    assert found.filter(metric="rows_in", scope="county").sort("window_start")["numerator"].to_list() == [0, 4]

    told = daily_report.run(context)
    assert {name: told[name] for name in ("day", "orders", "urgent_orders")} == {
        "day": "2026-03-02", "orders": 2, "urgent_orders": 1,
    }  # fmt: skip
    report = json.loads(Path(told["files"][1]).read_text("utf-8"))
    assert report["quality"]["total"]["rows_in"] == 4
    assert report["three_rates"][2] == {
        "metric": "satisfaction_rate", "label": "满意率", "numerator": 1, "denominator": 1, "value": 1.0,
        "shown": "100.0%",
    }  # fmt: skip


def test_a_window_measures_that_window_only(context: Context):
    assign.run(context)
    assert metrics.run(later(context, start=NEXT_DAY[0], end=NEXT_DAY[1]))["orders"] == 0
    assert set(context.lake.read("gold.metrics")["window_start"].dt.date()) == {date(2026, 3, 2)}  # in UTC
    assert context.lake.read("gold.metrics").filter(pl.col("window_start") == NEXT_DAY[0]).height > 0


def test_the_report_wants_one_local_day(context: Context):
    with pytest.raises(DataError, match="one local day"):
        daily_report.run(later(context, start=DAY[0], end=NEXT_DAY[1]))


def test_the_countys_own_router_is_asked_and_a_strange_one_refused(context: Context, tmp_path: Path):
    folder = tmp_path / "models" / "router"
    past = [("other", "complaint", "990101001", "housing")] * 60 + [("noise", "complaint", "990101001", "police")] * 60
    rows = pl.DataFrame(past, schema=["category", "kind", "township_code", "who"], orient="row")
    train_and_save(rows, "who", ["category", "kind", "township_code"], folder)
    context.lake.upsert("gold.incidents", incidents({"category": "other"}))
    assign.run(context)
    decided = context.lake.read("gold.assignments").filter(pl.col("incident_id") == "i-0")
    assert decided["unit_code"].to_list() == ["housing"]
    train_and_save(rows.rename({"kind": "weather"}), "who", ["category", "weather"], folder)
    with pytest.raises(DataError, match="looks at weather; train it on category,kind,township_code only"):
        assign.run(later(context))
