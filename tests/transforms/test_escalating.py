"""The ladder: each step once for one due time, in order, and only where somebody is late."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.transforms.escalating import steps_due
from schemas.records import Order, OrderEvent
from schemas.regulation import load_regulation
from tests.transforms.decided import MONDAY, rows

SIGN, FINISH = MONDAY + timedelta(hours=1), MONDAY + timedelta(days=3)
NOTHING = OrderEvent.create_empty()


def an_order(**given: Any) -> pl.DataFrame:
    usual = {
        "order_id": "o1", "incident_id": "i1", "state": "handling", "kind": "complaint", "category": "noise",
        "is_urgent": False, "event_grade": "4", "handling_level": "town", "unit_code": "donghu",
        "unit_duty_tier": "tier_3", "co_unit_codes": [], "text": "x", "reasons": ["r"], "urged_count": 0,
        "accepted_at": MONDAY, "sign_due_at": SIGN, "finish_due_at": FINISH, "dispatched_at": MONDAY,
        "updated_at": MONDAY, "version": 3,
    }  # fmt: skip
    return rows(Order, usual | given)


def steps(now: datetime, order: pl.DataFrame, taken: pl.DataFrame = NOTHING) -> pl.DataFrame:
    return steps_due(order, taken, lambda at: load_regulation().on(at.date()).escalations, now)


@pytest.mark.parametrize(
    ("given_", "hours_late", "expected"),
    [
        ({}, -0.1, []),
        ({}, 0, ["remind"]),
        ({}, 23.9, ["remind"]),
        ({}, 24, ["remind", "supervise"]),
        ({}, 72, ["remind", "supervise", "report"]),
        ({"state": "closed"}, 72, []),
        ({"state": "called_back"}, 72, []),
        ({"state": "paused"}, 72, []),  # its clock stands
        ({"state": "returned"}, 72, []),  # it waits for the dispatcher, not for a unit
    ],
)
def test_an_order_climbs_the_ladder_after_its_due_time(given_: dict, hours_late: float, expected: list[str]):
    found = steps(FINISH + timedelta(hours=hours_late), an_order(**given_))
    assert found["event"].to_list() == expected
    assert found["version"].to_list() == [4 + number for number in range(len(expected))]


def test_an_order_that_nobody_signs_is_reminded_and_supervised_by_its_sign_for_time():
    order = an_order(state="dispatched", version=1)
    found = steps(SIGN + timedelta(hours=2), order)
    assert found["event"].to_list() == ["remind", "supervise"]
    assert found["reason"][0] == "nobody_signed@2000-01-01: sign_due_at passed 2.0 h ago"
    assert steps(SIGN + timedelta(hours=2), an_order(state="signed")).is_empty()


def test_what_was_booked_is_not_booked_again_and_an_extension_begins_anew():
    late = FINISH + timedelta(hours=1)
    first = steps(late, an_order())
    assert steps(late + timedelta(hours=1), an_order(version=4), first).is_empty()
    assert steps(late + timedelta(days=1), an_order(version=4), first)["event"].to_list() == ["supervise"]
    extended = an_order(version=5, finish_due_at=FINISH + timedelta(days=2))
    assert steps(late, extended, first).is_empty()
    assert steps(late + timedelta(days=2), extended, first)["event"].to_list() == ["remind"]


@given(st.lists(st.integers(-10, 100), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_however_often_it_is_looked_each_step_is_taken_once(hours: list[int]):
    taken, order = NOTHING, an_order()
    for late in sorted(hours):
        found = steps(FINISH + timedelta(hours=late), order, taken)
        taken = pl.concat([taken, found])
        order = order.with_columns(version=pl.col("version") + found.height)
    names = ("remind", "supervise", "report")
    expected = [name for name, limit in zip(names, (0, 24, 72), strict=True) if max(hours) >= limit]
    assert taken["event"].to_list() == expected
    assert taken["event_id"].n_unique() == taken.height
