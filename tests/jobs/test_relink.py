"""relink on a real Delta lake: after it, links tell nothing of the order in which reports came."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from jobs.batch import assign, relink
from jobs.context import Context, DataError, NothingToDoError
from jobs.io.lake import Lake
from jobs.settings import Settings
from jobs.streaming.link import link_new
from schemas.forms import plain
from schemas.ids import incident_id
from schemas.records import Report
from tests.transforms.decided import LOCAL

NOW = datetime(2026, 3, 5, 19, 20, tzinfo=UTC)  # 03:20 of 6 March in China
MORNING = datetime(2026, 3, 4, 1, tzinfo=UTC)
WORDS = ("工地夜间施工噪音太大睡不着", "工地晚上施工太吵了", "路面塌了一个大坑", "路上有个坑很危险", "垃圾没人清运很臭")


def a_report(number: int, minutes: float = 0, **given: Any) -> dict[str, Any]:
    received_at = MORNING + timedelta(minutes=minutes)
    return {
        "report_id": f"r-{number}", "revision": 0, "content_hash": f"{number:064}", "raw_id": f"t/0/{number}",
        "item_no": 0, "feed": "12345", "contract_version": "1.0", "source_id": f"s-{number}", "kind": "complaint",
        "category": "noise", "text": WORDS[0], "received_at": received_at, "updated_at": received_at, "landed_at": NOW,
        "lat": 33.45, "lon": 118.05, "township_code": "990101001",
        "day": received_at.astimezone(LOCAL).date(),
    } | given  # fmt: skip


def as_rows(*reports: dict[str, Any]) -> pl.DataFrame:
    empty = dict.fromkeys(Report.column_names())
    return pl.DataFrame([empty | report for report in reports], schema=plain(Report.create_empty()).schema)


def many(seed: int) -> list[dict[str, Any]]:
    """Reports of four days at a few places, half of them about a matter that others tell of too."""
    rng = Random(seed)
    return [
        a_report(
            number,
            rng.uniform(0, 4 * 24 * 60) - 3 * 24 * 60,
            lat=33.45 + rng.randrange(3) * 0.002,
            text=rng.choice(WORDS),
            category=rng.choice(["noise", "municipal_works", None]),
        )
        for number in range(60)
    ]


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return a_context(tmp_path)


def a_context(folder: Path) -> Context:
    return Context(Settings(state_dir=folder, lake=""), NOW)


def arrive(lake: Lake, *reports: dict[str, Any]) -> None:
    """One batch of the stream: into silver, then linked."""
    lake.append_new("silver.reports", as_rows(*reports))
    link_new(lake, as_rows(*reports), NOW)


def told(lake: Lake) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Links and incidents, but for the moments of linking and incidents without reports."""
    incidents = lake.read("gold.incidents", where=pl.col("merged_into").is_null())
    return lake.read("gold.links").drop("linked_at").sort("report_id"), incidents.sort("incident_id")


@pytest.mark.parametrize("seed", range(2))  # many seeds: tests/transforms/test_relinking.py
def test_links_and_incidents_do_not_depend_on_the_order_of_arrival(tmp_path: Path, seed: int):
    reports = many(seed)
    calm = a_context(tmp_path / "calm")
    arrive(calm.lake, *reports)
    Random(seed).shuffle(reports)
    disturbed = a_context(tmp_path / "disturbed")
    for begin in range(0, len(reports), 15):
        arrive(disturbed.lake, *reports[begin : begin + 15])
        if begin == 15:
            relink.run(disturbed)
    assert not told(disturbed.lake)[0].equals(told(calm.lake)[0])
    for each in (calm, disturbed):
        relink.run(each.at(NOW + timedelta(minutes=5)))
    for ours, theirs in zip(told(disturbed.lake), told(calm.lake), strict=True):
        assert ours.equals(theirs)


def test_every_incident_is_what_its_links_say(context: Context):
    reports = many(9)
    for begin in range(0, len(reports), 20):
        arrive(context.lake, *reports[begin : begin + 20])
    relink.run(context)
    links, incidents = told(context.lake)
    counted = links.group_by("incident_id").len().sort("incident_id")
    assert counted["incident_id"].to_list() == incidents["incident_id"].to_list()
    assert counted["len"].to_list() == incidents["report_count"].to_list()


def test_an_incident_left_without_reports_stays_and_says_where_they_went(context: Context):
    lake = context.lake
    arrive(lake, a_report(2, minutes=60))
    assign.run(context)
    arrive(lake, a_report(3, minutes=200, lat=33.49), a_report(4, minutes=300, lat=33.49))
    arrive(lake, a_report(1))  # late: it joins the incident that is known
    assert lake.read("gold.links").filter(pl.col("report_id") == "r-1")["incident_id"].item() == incident_id("r-2")
    assert relink.run(context) == {"first_day": "2026-03-04", "reports": 4, "changed": 2, "merged": 1}
    incidents = {row["incident_id"]: row for row in lake.read("gold.incidents").to_dicts()}
    assert incidents[incident_id("r-2")]["merged_into"] == incident_id("r-1")
    assert incidents[incident_id("r-1")]["report_count"] == 2
    assign.run(context)
    decided = lake.read("gold.assignments")["incident_id"]
    assert set(decided) == set(incidents), "the order there was stays, and the new incident has one"


def test_an_incident_that_was_merged_before_anybody_decided_gets_no_order(context: Context):
    lake = context.lake
    arrive(lake, a_report(2, minutes=60))
    arrive(lake, a_report(1))
    relink.run(context)
    assign.run(context)
    assert lake.read("gold.assignments")["incident_id"].to_list() == [incident_id("r-1")]


def test_without_new_reports_there_is_nothing_to_do_unless_everything_is_asked_for(context: Context):
    with pytest.raises(NothingToDoError):
        relink.run(context)
    arrive(context.lake, a_report(1))
    relink.run(context)
    with pytest.raises(NothingToDoError):
        relink.run(context)
    again = Context(context.settings, NOW + timedelta(hours=1), options=("everything=yes",))
    assert relink.run(again) == {"first_day": "2026-03-04", "reports": 1, "changed": 0, "merged": 0}
    with pytest.raises(DataError, match="not understood: all"):
        relink.run(Context(context.settings, NOW, options=("all",)))


def test_only_days_with_new_reports_and_those_after_them_are_looked_at(context: Context):
    arrive(context.lake, a_report(1, minutes=-3000), a_report(2))
    relink.run(context)
    arrive(context.lake, a_report(3, minutes=5))
    found = relink.run(context.at(NOW + timedelta(days=1)))
    assert (found["first_day"], found["reports"]) == ("2026-03-04", 2)


def test_a_run_cut_short_before_its_links_are_written_completes_itself(
    context: Context, monkeypatch: pytest.MonkeyPatch
):
    arrive(context.lake, a_report(2, minutes=60))
    arrive(context.lake, a_report(1))
    whole = Lake.upsert

    def cut(lake: Lake, name: str, rows: pl.DataFrame, keep: str | None = None) -> None:
        if name == "gold.links":
            raise OSError("killed")
        whole(lake, name, rows, keep)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "upsert", cut)
        with pytest.raises(OSError, match="killed"):
            relink.run(context)
    assert relink.run(context)["changed"] == 2
    links, incidents = told(context.lake)
    assert set(links["incident_id"]) == {incident_id("r-1")}
    assert incidents["report_count"].to_list() == [2]


def test_a_service_links_anew_once_a_night(context: Context):
    two, three, next_night = (NOW - timedelta(hours=1), NOW, NOW + timedelta(days=1))
    assert [relink.is_due(context.lake, moment) for moment in (two, three)] == [False, True]
    arrive(context.lake, a_report(1))
    relink.run(context)
    assert not relink.is_due(context.lake, NOW + timedelta(hours=2))
    assert relink.is_due(context.lake, next_night)


def test_what_is_older_than_five_weeks_keeps_its_links(context: Context):
    old = (date(2026, 3, 4) - timedelta(days=40), -40 * 24 * 60)
    arrive(context.lake, a_report(2, minutes=old[1] + 60))
    arrive(context.lake, a_report(1, minutes=old[1]))
    with pytest.raises(NothingToDoError):
        relink.run(context)
    everything = Context(context.settings, NOW, options=("everything=yes",))
    assert relink.run(everything)["first_day"] == str(old[0])
