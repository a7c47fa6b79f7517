"""Does a feed send as its contract expects? Silence, volume, and whether its messages only wait for us.

A feed's rhythm and daily volume give the messages expected in any stretch of time; independent callers leave a
stretch with `m` expected messages empty with the chance exp(-m). The contract's **usual gap** is the stretch that is
exceeded once a month by chance; see docs/adr/0011-a-silent-feed.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from zoneinfo import ZoneInfo

import polars as pl
from scipy.stats import poisson

from schemas.feeds.contract import Feed
from schemas.records import FeedHealth

CLOCK = timedelta(minutes=5)  # how often somebody looks
LEAST_GAP = timedelta(minutes=10)  # no gap is called shorter: sources send in batches, and we look every five minutes
ALARM_GAPS = 1.5  # silent after so many usual gaps, so that a look five minutes later is still within two of them
DAYS_A_MONTH = 30
LONGEST_LANDING = timedelta(minutes=20)  # catch_up runs every ten minutes
LEAST_SHARE, MOST_SHARE = 0.5, 4.0  # of the expected volume: holidays below, storms above are no fault of the feed
RARE = 1e-4  # and the count must be that improbable as well: rare feeds vary
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Arrivals:
    """What is known of one feed's messages. Instants have a zone.

    last_at: the newest, None when there never was one. a_day: landed in the 24 hours before the look. waiting: in
    Kafka and not landed, the oldest since waiting_since. known_since: when the lake's first message landed.
    """

    last_at: datetime | None
    a_day: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    known_since: datetime | None = None


def health(feeds: Iterable[Feed], arrivals: dict[str, Arrivals], now: datetime) -> pl.DataFrame:
    """One row of FeedHealth a feed."""
    rows = [_row(feed, arrivals.get(feed.code, Arrivals(None)), now) for feed in feeds]
    return FeedHealth.validate(pl.DataFrame(rows, schema=FeedHealth.create_empty().schema), cast=True)


def gaps_after(feed: Feed, last_at: datetime, gaps: float) -> datetime:
    """The time at which a silence that began at last_at has lasted so many usual gaps."""
    if not feed.expected_a_day:
        return datetime.max.replace(tzinfo=last_at.tzinfo)
    return max(last_at + gaps * LEAST_GAP, _after_mass(feed, last_at, gaps * _usual_mass(feed)))


def is_silent(feed: Feed, last_at: datetime, now: datetime) -> bool:
    """Whether the silence since last_at is longer than chance explains."""
    return now >= gaps_after(feed, last_at, ALARM_GAPS)


def _usual_mass(feed: Feed) -> float:
    """Messages expected in the gap that is exceeded once a month: a month has about as many gaps as messages."""
    return log(max(feed.expected_a_day * DAYS_A_MONTH, 2))


def _after_mass(feed: Feed, start: datetime, mass: float) -> datetime:
    """When so many messages were to be expected since start, walking the rhythm hour by hour."""
    whole_days, mass = divmod(mass, feed.expected_a_day)
    moment = start + timedelta(days=whole_days)
    zone = ZoneInfo(feed.time_zone)
    while True:
        local = moment.astimezone(zone)
        hourly = feed.expected_a_day * feed.rhythm[local.hour]
        left = HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        expected = hourly * (left / HOUR)
        if expected >= mass and hourly > 0:
            return moment + HOUR * (mass / hourly)
        mass -= expected
        moment += left


def _row(feed: Feed, known: Arrivals, now: datetime) -> dict[str, object]:
    state, detail = _judged(feed, known, now)
    gap = gaps_after(feed, known.last_at, 1) - known.last_at if known.last_at else None
    return {
        "feed": feed.code,
        "checked_at": now,
        "state": state,
        "last_message_at": known.last_at,
        "alarm_at": gaps_after(feed, known.last_at, ALARM_GAPS) if known.last_at else None,
        "usual_gap_minutes": gap.total_seconds() / 60 if gap is not None else None,
        "messages_a_day": known.a_day,
        "expected_a_day": feed.expected_a_day,
        "waiting": known.waiting,
        "waiting_since": known.waiting_since,
        "detail": detail,
    }


def _judged(feed: Feed, known: Arrivals, now: datetime) -> tuple[str, str]:
    """State and what to do. Our own fault comes first: what waits for us says nothing of the feed."""
    if known.waiting_since and now - known.waiting_since > LONGEST_LANDING:
        return "landing_stands_still", f"{known.waiting} messages wait in Kafka: look at `land`, not at the feed"
    if known.last_at is None:
        return "never_seen", "no message yet: is the source connected?"
    if is_silent(feed, known.last_at, now):
        return "silent", f"no message since {known.last_at:%Y-%m-%dT%H:%M}Z: call {feed.owner_unit}"
    return _volume(feed, known, now)


def _volume(feed: Feed, known: Arrivals, now: datetime) -> tuple[str, str]:
    """The last 24 hours against the contract; not judged in the lake's first day."""
    expected = feed.expected_a_day
    if known.known_since is None or now - known.known_since < timedelta(days=1) or known.waiting:
        return "ok", ""
    told = f"{known.a_day} messages in 24 hours, {expected:.0f} expected"
    if known.a_day < poisson.ppf(RARE, expected * LEAST_SHARE):
        return "low_volume", told
    if known.a_day > poisson.isf(RARE, expected * MOST_SHARE):
        return "high_volume", told
    return "ok", ""
