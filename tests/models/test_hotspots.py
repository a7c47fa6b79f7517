"""Which hours and days become warnings."""

from datetime import UTC, datetime, timedelta

import polars as pl

from jobs.batch._warning_window import whole_periods
from jobs.models.hotspots import hot_spots
from schemas.records import PastCount

TOWN, OTHER = "990101001", "990101101"
DAY = datetime(2026, 11, 20, 16, tzinfo=UTC)  # midnight of 21 November in Shanghai
FOUND_AT = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_burst_is_one_warning_with_its_reports():
    burst = some_reports(12, DAY + timedelta(hours=9))
    rows = hot_spots(burst, a_past(), hours(24), "hour", FOUND_AT)
    assert rows.height == 1
    warning = rows.row(0, named=True)
    assert warning["period_at"] == DAY + timedelta(hours=9)
    assert (warning["category"], warning["township_code"], warning["count"]) == ("noise", TOWN, 12)
    assert warning["report_ids"] == burst["report_id"].to_list()
    assert warning["count"] > warning["upper"] > warning["expected"] > 0


def test_a_day_counts_all_of_its_hours():
    burst = pl.concat([some_reports(8, DAY + timedelta(hours=hour)) for hour in (1, 9, 23)])
    rows = hot_spots(burst, a_past(), [DAY], "day", FOUND_AT)
    assert rows["count"].to_list() == [24]


def test_finding_it_again_gives_the_same_id():
    burst = some_reports(12, DAY)
    first = hot_spots(burst, a_past(), hours(24), "hour", FOUND_AT)
    later = hot_spots(burst, a_past(), hours(1), "hour", FOUND_AT + timedelta(days=1))
    assert first.drop("found_at").equals(later.drop("found_at"))


def test_two_reports_are_no_hot_spot():
    assert hot_spots(some_reports(2, DAY), a_past(), hours(1), "hour", FOUND_AT).is_empty()


def test_ordinary_counts_are_none():
    assert hot_spots(some_reports(1, DAY), a_past(), hours(24), "hour", FOUND_AT).is_empty()


def test_without_a_past_nothing_is_judged():
    assert hot_spots(some_reports(50, DAY), PastCount.create_empty(), hours(1), "hour", FOUND_AT).is_empty()


def test_a_category_the_past_does_not_know_is_not_judged():
    fires = some_reports(50, DAY, category="fire")
    assert hot_spots(fires, a_past(), hours(1), "hour", FOUND_AT).is_empty()


def test_periods_are_whole_and_local():
    half = timedelta(minutes=30)
    assert whole_periods(DAY + half, DAY + timedelta(hours=3), "hour") == hours(3)[1:]
    assert whole_periods(DAY, DAY + timedelta(days=1), "day") == [DAY]
    assert whole_periods(DAY + half, DAY + timedelta(days=1), "day") == []


def hours(count):
    return [DAY + timedelta(hours=hour) for hour in range(count)]


def a_past(weeks=4):
    """Two townships, one report of noise every third hour."""
    starts = [DAY - timedelta(hours=hour) for hour in range(1, weeks * 168, 3)]
    rows = [("noise", town, start, 1) for start in starts for town in (TOWN, OTHER)]
    return pl.DataFrame(rows, schema=PastCount.create_empty().schema, orient="row")


def some_reports(count, start, category="noise", town=TOWN):
    rows = [(f"{start:%H}-{number:02}", category, town, start + timedelta(minutes=number)) for number in range(count)]
    types = PastCount.create_empty().schema
    schema = {
        "report_id": pl.String,
        "category": types["category"],
        "township_code": pl.String,
        "received_at": types["hour_at"],
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
