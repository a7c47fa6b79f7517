"""Duty tiers from a year's volume, on a real Delta lake."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.batch import assign, duty_tiers
from jobs.context import Context, NothingToDoError
from jobs.io.rules import rules_in_use
from jobs.settings import Settings
from jobs.transforms.duty_tiers import tier_of
from schemas.forms import plain
from schemas.records import Assignment
from schemas.regulation import load_regulation
from tests.transforms.decided import incidents

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TIERS = load_regulation().on(date(2026, 3, 2)).duty_tiers


@pytest.mark.parametrize(
    ("volume", "before", "after"),
    [
        (10_000, None, "tier_1"), (9_999, None, "tier_2"), (9_999, "tier_1", "tier_1"), (9_000, "tier_1", "tier_1"),
        (8_999, "tier_1", "tier_2"), (9_999, "tier_2", "tier_2"), (10_000, "tier_2", "tier_1"),
        (1_700, "tier_2", "tier_2"), (1_699, "tier_2", "tier_3"), (1_999, "tier_3", "tier_3"), (0, "tier_1", "tier_3"),
    ],
)  # fmt: skip
def test_a_unit_rises_at_the_border_and_falls_well_below_it(volume: int, before: str | None, after: str):
    assert tier_of(volume, before, TIERS).duty_tier == after


@given(st.lists(st.integers(9_001, 9_999), min_size=1, max_size=30))
def test_between_the_borders_a_unit_never_flaps(volumes: list[int]):
    for start in ("tier_1", "tier_2"):
        now = start
        for volume in volumes:
            now = tier_of(volume, now, TIERS).duty_tier
        assert now == start


@given(st.integers(0, 30_000), st.integers(0, 30_000), st.sampled_from([None, "tier_1", "tier_2", "tier_3"]))
def test_more_orders_never_mean_a_lower_tier(one: int, other: int, before: str | None):
    fewer, more = sorted([one, other])
    assert tier_of(fewer, before, TIERS).duty_tier >= tier_of(more, before, TIERS).duty_tier  # tier_1 is the highest


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(Settings(state_dir=tmp_path, lake=""), NOW)


def orders(context: Context, unit: str, count: int, days_ago: int) -> None:
    """So many orders of a unit, accepted on one day."""
    usual = {
        "incident_id": "i", "kind": "complaint", "category": "noise", "is_urgent": False, "event_grade": "4",
        "handling_level": "village", "unit_code": unit, "unit_duty_tier": "tier_3", "co_unit_codes": [],
        "accepted_at": NOW - timedelta(days=days_ago), "sign_due_at": NOW, "finish_due_at": NOW,
        "reasons": list("abcde"), "urged_count": 0, "decided_at": NOW,
    }  # fmt: skip
    frame = pl.DataFrame([usual] * count, schema=plain(Assignment.create_empty()).drop("order_id").schema)
    named = pl.format("o-{}-{}-{}", pl.lit(unit), pl.lit(days_ago), pl.int_range(pl.len()))
    context.lake.append_new("gold.assignments", frame.with_columns(order_id=named).select(Assignment.column_names()))


def test_orders_of_the_last_year_are_counted_and_assignment_follows_from_the_next_day(context: Context):
    orders(context, "education", 2_100, days_ago=30)
    orders(context, "education", 5_000, days_ago=400)
    orders(context, "market_supervision", 1_699, days_ago=10)
    found = duty_tiers.run(context)
    assert found["valid_from"] == "2026-03-03"
    assert {"education", "market_supervision"} <= set(found["moved"])
    with pytest.raises(NothingToDoError, match="counted for 2026-03-03 already"):
        duty_tiers.run(context)
    rules = rules_in_use(context.settings)
    tiers = {
        day: rules.on(day).duty_tier(rules.on(day).units["education"]).duty_tier
        for day in (date(2026, 3, 2), date(2026, 3, 3))
    }
    assert tiers == {date(2026, 3, 2): "tier_3", date(2026, 3, 3): "tier_2"}
    assert rules_in_use(context.settings) is rules

    later = NOW + timedelta(days=2)
    context.lake.upsert("gold.incidents", incidents({"category": "education", "first_received_at": later}))
    assign.run(context.at(later))
    decided = context.lake.read("gold.assignments", where=pl.col("incident_id") == "i-0").row(0, named=True)
    assert decided["unit_duty_tier"] == "tier_2"
    assert any("2100 in the year before 2026-03-03, kept from 1700" in reason for reason in decided["reasons"])


def test_without_a_year_of_orders_the_written_volumes_hold(context: Context):
    orders(context, "education", 3, days_ago=100)
    with pytest.raises(NothingToDoError, match="a year is needed"):
        duty_tiers.run(context)
