"""When a feed is called silent: soon after it stops, and hardly ever while it sends."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from jobs.simulate.day import planned
from jobs.transforms.freshness import ALARM_GAPS, CLOCK, Arrivals, gaps_after, health, is_silent
from schemas.areas import load_county
from schemas.feeds import FEEDS

DAYS = 14
FIRST = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)  # noon in the county
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(scope="module")
def arrivals() -> dict[str, list[datetime]]:
    """When each feed sent something in two simulated weeks of 6,000 reports a day, week-ends and clusters too."""
    county = load_county()
    sent: dict[str, list[datetime]] = {feed: [] for feed in FEEDS}
    for day in range(DAYS):
        for contact in planned(FIRST + timedelta(days=day), 5, 6000, county):
            sent[contact.feed].append(contact.received_at)
    return {feed: sorted(times) for feed, times in sent.items()}


def told_at(feed: str, last: datetime) -> datetime:
    """The first look, one every five minutes, that calls the feed silent."""
    look = NOW.replace(hour=0) + ((last - NOW.replace(hour=0)) // CLOCK + 1) * CLOCK
    while not is_silent(FEEDS[feed], last, look):
        look += CLOCK
    return look


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_that_stops_at_any_time_is_told_within_two_of_its_usual_gaps(arrivals, feed):
    rng, times = Random(feed), arrivals[feed]
    for _ in range(40):
        stop = times[0] + rng.random() * (times[-1] - times[0])
        last = times[max(bisect_left(times, stop) - 1, 0)]
        two_gaps = gaps_after(FEEDS[feed], last, 2)
        one_look_late = gaps_after(FEEDS[feed], last, ALARM_GAPS) + CLOCK
        assert told_at(feed, last) <= max(two_gaps, one_look_late)


def test_feeds_that_send_as_they_should_raise_hardly_an_alarm(arrivals):
    """Eleven feeds for two weeks are five feed-months."""
    false = [
        (feed, last)
        for feed, times in arrivals.items()
        for last, following in pairwise(times)
        if is_silent(FEEDS[feed], last, following)
    ]
    assert len(false) <= 1, false


@pytest.mark.parametrize(
    ("feed", "at", "least", "most"),
    [
        ("12345", "2026-03-02T10:00+08:00", 10 * MINUTE, 20 * MINUTE),  # busy at day
        ("12345", "2026-03-02T02:00+08:00", 30 * MINUTE, 5 * HOUR),  # and slow at night
        ("12350", "2026-03-02T10:00+08:00", 2 * HOUR, 8 * HOUR),  # fifty calls a day
    ],
)
def test_the_alarm_waits_longer_where_less_is_expected(feed, at, least, most):
    last = datetime.fromisoformat(at)
    assert least <= gaps_after(FEEDS[feed], last, ALARM_GAPS) - last <= most


def test_gaps_grow_with_their_number_and_never_fall_below_ten_minutes():
    for feed in FEEDS.values():
        one, half, two = (gaps_after(feed, NOW, gaps) - NOW for gaps in (1, 1.5, 2))
        assert 10 * MINUTE <= one < half < two


def state(feed: str = "12345", **known: object) -> str:
    about = {"last_at": NOW - MINUTE, "a_day": 1800, "known_since": NOW - 72 * HOUR} | known
    row = health([FEEDS[feed]], {feed: Arrivals(**about)}, NOW)
    return row["state"].item()


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "ok"),
        ({"last_at": NOW - HOUR}, "silent"),
        ({"last_at": None}, "never_seen"),
        ({"a_day": 500}, "low_volume"),
        ({"a_day": 500, "known_since": NOW - HOUR}, "ok"),  # a lake in its first day
        ({"a_day": 20_000}, "high_volume"),
        ({"a_day": 1400}, "ok"),  # a Sunday
        ({"waiting": 9, "waiting_since": NOW - MINUTE}, "ok"),
        ({"waiting": 9, "waiting_since": NOW - HOUR}, "landing_stands_still"),
        ({"last_at": NOW - HOUR, "waiting": 9, "waiting_since": NOW - HOUR}, "landing_stands_still"),
    ],
)
def test_each_trouble_has_its_own_name(known, said):
    assert state(**known) == said


def test_an_alarm_says_whom_to_call_and_our_own_fault_says_so():
    rows = health(
        [FEEDS["110"], FEEDS["12345"]],
        {"110": Arrivals(NOW - 5 * HOUR), "12345": Arrivals(NOW, waiting=3, waiting_since=NOW - HOUR)},
        NOW,
    )
    silent, ours = rows["detail"]
    assert "call police" in silent
    assert "`land`" in ours
