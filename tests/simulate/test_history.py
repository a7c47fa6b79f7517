"""The past weeks must look like the day without its outbreak."""

from datetime import UTC, date, datetime
from functools import cache

import polars as pl

from jobs.simulate.day import planned
from jobs.simulate.history import past_counts
from schemas.areas import load_county
from schemas.feeds import FEEDS
from schemas.records import PastCount

DAY, EVENTS, WEEKS = date(2025, 11, 21), 3000, 4


@cache
def the_past() -> pl.DataFrame:
    return past_counts(DAY, 5, EVENTS, load_county(), FEEDS, WEEKS)


def per_day(category: str) -> float:
    return the_past().filter(category=category)["count"].sum() / (7 * WEEKS)


def test_rows_keep_their_contract():
    assert PastCount.is_valid(the_past())


def test_the_same_seed_gives_the_same_past():
    assert the_past().equals(past_counts(DAY, 5, EVENTS, load_county(), FEEDS, WEEKS))


def test_the_past_ends_with_the_local_day_before():
    hours = the_past()["hour_at"]
    assert hours.max() < datetime(2025, 11, 20, 16, tzinfo=UTC)  # midnight in Asia/Shanghai
    assert hours.min() >= datetime(2025, 10, 23, 16, tzinfo=UTC)


def test_an_ordinary_category_is_as_frequent_as_on_the_day():
    today = [contact for contact in planned(DAY, 5, EVENTS, load_county()) if contact.revision == 0]
    for category in ("city_appearance", "public_security", "medical", "housing"):
        count = sum(contact.incident.category == category for contact in today)
        assert abs(count - per_day(category)) < 5 * count**0.5


def test_the_past_has_no_outbreak():
    today = [c for c in planned(DAY, 5, EVENTS, load_county()) if c.incident.category == "water_pollution"]
    most = the_past().filter(category="water_pollution")["count"].max()
    assert most <= 6
    assert len(today) > 1.5 * per_day("water_pollution")
