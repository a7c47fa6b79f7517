"""Every item has one place: reports, redeliveries or quarantine; doing it twice changes nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.transforms.sorting import POINTER, REPORT_KEY, account, sort_out

T0 = datetime(2026, 3, 1, tzinfo=UTC)
ITEM = {
    "raw_id": pl.String, "item_no": pl.Int32, "report_id": pl.String, "revision": pl.Int32, "content_hash": pl.String,
    "feed": pl.String, "landed_at": pl.Datetime("us", "UTC"), "day": pl.Date, "reasons": pl.List(pl.String),
    "detail": pl.String, "contract_version": pl.String,
}  # fmt: skip
NO_PLACE = pl.DataFrame(schema={name: ITEM[name] for name in POINTER})
NO_REPORTS = pl.DataFrame(schema={name: ITEM[name] for name in [*REPORT_KEY, "raw_id"]})


def an_item(raw_id: str = "t/0/1", says: str = "x", **given: Any) -> dict[str, Any]:
    usual = {
        "raw_id": raw_id, "item_no": 0, "report_id": "r", "revision": 0, "content_hash": says, "feed": "110",
        "landed_at": T0, "day": date(2026, 3, 1), "reasons": [], "detail": "", "contract_version": "1.0",
    }  # fmt: skip
    return usual | given


def items(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ITEM)


def test_the_first_to_land_is_the_report_and_the_others_point_to_it():
    later = T0 + timedelta(seconds=1)
    found = sort_out(
        items(an_item("t/0/5", landed_at=later), an_item("t/0/10"), an_item("t/0/9")), NO_PLACE, NO_REPORTS
    )
    assert found.clean["raw_id"].to_list() == ["t/0/9"]  # offsets are numbers: 9 is before 10
    assert sorted(found.redelivered["raw_id"]) == ["t/0/10", "t/0/5"]
    assert found.redelivered["first_raw_id"].unique().to_list() == ["t/0/9"]


def test_what_a_report_of_an_earlier_batch_says_is_a_redelivery():
    known = pl.DataFrame(
        [{"report_id": "r", "revision": 0, "content_hash": "x", "raw_id": "t/1/1"}], schema=NO_REPORTS.schema
    )
    found = sort_out(items(an_item("t/0/5"), an_item("t/0/6", says="y")), NO_PLACE, known)
    assert found.redelivered.select("raw_id", "first_raw_id").rows() == [("t/0/5", "t/1/1")]
    assert found.clean["raw_id"].to_list() == ["t/0/6"]


def test_a_newer_revision_is_a_report_of_its_own():
    found = sort_out(items(an_item("t/0/1"), an_item("t/0/2", revision=1)), NO_PLACE, NO_REPORTS)
    assert found.clean.height == 2


@pytest.mark.parametrize("reasons", [[], ["bad_time"]])
def test_an_item_that_has_a_place_stays_there(reasons: list[str]):
    rows = items(an_item("t/0/1", reasons=reasons))
    found = sort_out(rows, rows.select(POINTER), NO_REPORTS)
    assert (found.clean.height, found.redelivered.height, found.quarantined.height) == (0, 0, 0)


def test_the_account_has_a_row_a_feed_and_adds_up():
    rows = items(an_item("t/0/1"), an_item("t/0/2"), an_item("t/0/3", feed="119", reasons=["bad_time", "too_large"]))
    booked = account(sort_out(rows, NO_PLACE, NO_REPORTS), "clean", "run", 7, T0)
    counts = booked.select("feed", "rows_in", "rows_clean", "rows_redelivered", "rows_quarantined").sort("feed").rows()
    assert counts == [("110", 2, 1, 1, 0), ("119", 1, 0, 0, 1)]


some_items = st.lists(
    st.builds(
        an_item,
        raw_id=st.integers(0, 60).map(lambda n: f"t/0/{n}"),
        says=st.sampled_from("xyz"),
        revision=st.integers(0, 1),
        reasons=st.sampled_from([[], [], ["bad_time"]]),
    ),
    unique_by=lambda row: row["raw_id"],
    max_size=20,
)


@given(some_items, st.integers(0, 20))
def test_kept_and_set_aside_are_all_however_they_are_cut_into_batches(rows, cut):
    one = sort_out(items(*rows), NO_PLACE, NO_REPORTS)
    assert one.clean.height + one.redelivered.height + one.quarantined.height == len(rows)
    first = sort_out(items(*rows[:cut]), NO_PLACE, NO_REPORTS)
    reports = items(*rows).join(first.clean, on=POINTER, how="semi").select(NO_REPORTS.columns)
    placed = pl.concat(
        [first.clean.select(POINTER), first.redelivered.select(POINTER), first.quarantined.select(POINTER)]
    )
    second = sort_out(items(*rows), placed, reports)  # the first batch is read again with the second
    assert first.clean.height + second.clean.height == one.clean.height
    assert first.redelivered.height + second.redelivered.height == one.redelivered.height
    assert first.quarantined.height + second.quarantined.height == one.quarantined.height
