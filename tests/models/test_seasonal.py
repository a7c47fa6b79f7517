"""The warning engine on whole tables."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.models.seasonal import judge


def test_a_burst_is_an_alarm_and_its_numbers_agree():
    row = judge(a_series([2, 1, 3, 2] * 20 + [15])).row(0, named=True)
    assert row["alarm"]
    assert row["reason"] == "judged"
    assert row["period"] == "80"
    assert 1.5 < row["expected"] < 2.6
    assert row["count"] > row["upper"]
    assert row["p_value"] < 1e-6


def test_an_ordinary_count_is_none():
    row = judge(a_series([2, 1, 3, 2] * 20 + [4])).row(0, named=True)
    assert not row["alarm"]
    assert row["p_value"] > 0.01


@pytest.mark.parametrize("count, alarm", [(0, False), (3, True)])
def test_a_constant_zero_still_expects_a_little(count, alarm):
    row = judge(a_series([0] * 100 + [count])).row(0, named=True)
    assert row["expected"] == pytest.approx(0.005)
    assert row["alarm"] is alarm


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([5] * 10 + [50], "short_history"),
        ([5] * 20 + [None], "gap"),
        ([40] * 50 + [0], "gap"),  # a busy source does not fall silent by chance
        ([5] * 20 + [50], "judged"),
    ],
)
def test_what_cannot_be_judged_says_why(counts, reason):
    row = judge(a_series(counts)).row(0, named=True)
    assert row["reason"] == reason
    assert row["alarm"] == (reason == "judged")
    assert (row["p_value"] is None) == (reason != "judged")


def test_a_missing_row_is_zero_where_another_series_was_counted():
    weeks = [week for week in range(60) if week % 2]
    rare = pl.DataFrame({"series": "rare", "period": weeks, "count": [2] * 30})
    steady = a_series([1] * 60, name="steady")
    alone = judge(rare).row(0, named=True)
    together = judge(pl.concat([rare, steady])).filter(pl.col("series") == "rare").row(0, named=True)
    assert alone["expected"] == pytest.approx(2, abs=0.1)
    assert together["expected"] < 1.4


def test_an_old_outbreak_hardly_raises_the_bound():
    quiet = [2, 1, 3, 2] * 20
    outbreak = [*quiet[:40], 40, 60, 40, *quiet[43:]]
    assert bound(outbreak) <= bound(quiet) + 2


def test_a_known_season_is_expected():
    season = [round(20 + 15 * np.sin(2 * np.pi * week / 52)) for week in range(52 * 5 + 14)]
    high = judge(a_series(season)).row(0, named=True)  # week 13: the peak
    assert high["expected"] == pytest.approx(35, rel=0.06)
    assert not high["alarm"]


def test_days_know_their_weekday():
    first = date(2026, 1, 5)  # a Monday
    days = [first + timedelta(days=number) for number in range(7 * 20 + 6)]
    counts = [20 if day.weekday() == 5 else 2 for day in days]
    rows = judge(pl.DataFrame({"series": "s", "period": days, "count": counts}), last=2)
    assert rows["period"].to_list() == ["2026-05-29", "2026-05-30"]
    assert rows["expected"].to_list() == pytest.approx([2, 20], rel=0.2)


@pytest.mark.parametrize("step", [7, 30])
def test_weeks_and_months_are_no_days_with_gaps(step):
    periods = [
        date(2020 + n // 12, n % 12 + 1, 1) if step == 30 else date(2024, 1, 1) + n * timedelta(7) for n in range(40)
    ]
    row = judge(pl.DataFrame({"series": "s", "period": periods, "count": [3] * 40})).row(0, named=True)
    assert (row["reason"], row["expected"]) == ("judged", pytest.approx(3, rel=0.05))


def test_each_series_is_judged_for_its_own_last_periods_from_its_own_past():
    both = pl.concat([a_series([3] * 50, name="a"), a_series([4] * 30, name="b")])
    rows = judge(both, last=2)
    assert rows.select("series", "period").rows() == [("a", "48"), ("a", "49"), ("b", "28"), ("b", "29")]
    assert rows.filter(pl.col("series") == "a").equals(judge(a_series([3] * 50, name="a"), last=2))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=70), st.sampled_from([0.001, 0.01, 0.1]), st.sampled_from([7, 52])
)
def test_an_alarm_is_a_count_above_its_bound_and_nothing_else(counts, alpha, season):
    for row in judge(a_series(counts), alpha, season, last=3).iter_rows(named=True):
        if row["reason"] == "judged":
            assert row["alarm"] == (row["count"] > row["upper"]) == (row["p_value"] < alpha)
            assert row["expected"] > 0
        else:
            assert not row["alarm"]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=20, max_size=60))
def test_the_p_value_falls_as_the_count_grows(past):
    p_values = [judge(a_series([*past, count])).row(0, named=True)["p_value"] for count in (1, 5, 20, 80)]
    assert p_values == sorted(p_values, reverse=True)


@pytest.mark.parametrize(("mean", "dispersion"), [(0.1, 1), (3, 1), (8, 3)])
def test_false_alarms_stay_near_alpha(mean, dispersion):
    chance = np.random.default_rng(1)
    if dispersion == 1:
        drawn = chance.poisson(mean, (2000, 80))
    else:
        drawn = chance.negative_binomial(mean / (dispersion - 1), 1 / dispersion, (2000, 80))
    rows = pl.concat([a_series(counts, name=str(number)) for number, counts in enumerate(drawn)])
    share = judge(rows, alpha=0.05)["alarm"].mean()
    assert 0.001 < share < 0.065


def bound(past):
    return judge(a_series([*past, 2])).row(0, named=True)["upper"]


def a_series(counts, name="s"):
    return pl.DataFrame(
        {"series": name, "period": range(len(counts)), "count": list(counts)},
        schema={"series": pl.String, "period": pl.Int64, "count": pl.Int64},
    )
