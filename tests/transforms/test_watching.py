"""Scorecards day by day: shares with their parts, drift with a known answer."""

from datetime import date, timedelta
from math import log
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.transforms.watching import FEWEST, days_of, psi
from tests.transforms.decided import at, event, events

NOON = at("2026-03-02 12:00")


def classified(*parts: tuple[int, dict[str, Any]]) -> pl.DataFrame:
    usual = {
        "feed": "12345", "received_at": NOON, "category": "noise", "abstained": False, "is_urgent": False,
        "model_version": "m1",
    }  # fmt: skip
    rows = [usual | part for count, part in parts for _ in range(count)]
    return pl.DataFrame(rows).with_row_index("report_id").with_columns(pl.col("received_at").dt.cast_time_unit("us"))


def test_the_index_of_a_known_shift():
    half, most = {"a": 500, "b": 500}, {"a": 900, "b": 100}
    exact = 2 * 0.4 * (log(0.9 / 0.5) - log(0.1 / 0.5)) / 2
    assert psi(most, half) == pytest.approx(exact, abs=0.01)
    assert psi(half, half) == 0


@pytest.mark.parametrize(("now", "before"), [(FEWEST - 1, 900), (900, FEWEST - 1)])
def test_few_reports_say_nothing_of_drift(now: int, before: int):
    assert psi({"a": now}, {"a": before}) is None


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(FEWEST, 5_000), min_size=1),
       st.dictionaries(st.sampled_from("abcd"), st.integers(FEWEST, 5_000), min_size=1))  # fmt: skip
def test_the_index_is_never_negative_and_the_same_both_ways(one: dict[str, int], other: dict[str, int]):
    assert psi(one, other) == psi(other, one)
    assert psi(one, other) >= 0  # type: ignore[operator]  # enough on both sides


def test_a_day_tells_what_was_abstained_urgent_sent_back_and_overridden():
    rows = classified(
        (6, {}),
        (2, {"abstained": True}),
        (1, {"feed": "119", "abstained": True}),
        (1, {"model_version": "source", "is_urgent": True}),
        (3, {"received_at": NOON - timedelta(days=1)}),
    )
    told = events(
        event("o-1", 1, "dispatch", "dispatched", "2026-03-02 09:00", role="system"),
        event("o-1", 2, "send_back", "returned", "2026-03-03 09:00"),
        event("o-1", 3, "dispatch", "dispatched", "2026-03-03 10:00", role="dispatcher"),
        event("o-2", 1, "dispatch", "dispatched", "2026-03-02 23:59", role="system"),
        event("o-3", 1, "dispatch", "dispatched", "2026-03-01 23:59", role="system"),
    )
    today, before = days_of(rows, told, date(2026, 3, 1), date(2026, 3, 2))
    assert (today["day"], today["reports"], today["guessed"], today["orders"]) == ("2026-03-02", 10, 9, 2)
    shares = {name: today[name]["value"] for name in ("abstained", "urgent", "sent_back", "overridden")}
    assert shares == {"abstained": 0.3333, "urgent": 0.1, "sent_back": 0.5, "overridden": 0.5}
    assert {feed: share["numerator"] for feed, share in today["by_feed"].items()} == {"119": 1, "12345": 2}
    assert (before["reports"], before["orders"], before["overridden"]["value"]) == (3, 1, 0.0)
