"""What is planted in a day beside the ordinary: incidents told by several, callers who urge, and one outbreak."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from jobs.simulate.contacts import Contact, Switchboard
from jobs.simulate.places import choose_spot, spots
from jobs.simulate.profile import CLUSTERS, FULL_DAY, LINES, Cluster

FIRE_CALLS = (("119", 0), ("110", 1), ("119", 2), ("120", 4), ("110", 5), ("119", 7), ("120", 9))  # feed, minutes
OUTBREAK = "water_pollution"
OUTBREAK_FEEDS = {"12369": 55, "12345": 32, "grid": 13}
URGING = 0.04  # share of ordinary callers who call again


def big_fire(board: Switchboard) -> Iterator[Contact]:
    """One fire with people inside, told by seven callers on three lines within ten minutes."""
    incident = board.incident("fire", style="urgent")
    begin = board.at(14, 12)
    for feed, minutes in FIRE_CALLS:
        yield board.contact(feed, incident, begin + timedelta(minutes=minutes, seconds=board.rng.randrange(50)))


def outbreak(board: Switchboard, events: int) -> Iterator[Contact]:
    """Foul water along one township's river: 25 to 40 reports from different spots within three hours."""
    township = board.county.townships[min(1, len(board.county.townships) - 1)]
    banks = board.rng.sample(list(spots(township)), min(24, len(spots(township))))
    for _ in range(board.rng.randint(25, 40) if events >= FULL_DAY / 4 else 25):
        incident = board.incident(OUTBREAK, board.rng.choice(banks), "told", f"{board.series}-outbreak")
        feed = board.rng.choices(list(OUTBREAK_FEEDS), list(OUTBREAK_FEEDS.values()))[0]
        yield board.contact(feed, incident, board.at(9, 30 + board.rng.triangular(0, 178, 70)))


def clusters(board: Switchboard, events: int) -> Iterator[Contact]:
    """Incidents that several people tell of, as many as such a day has."""
    for kind in CLUSTERS:
        for _ in range(_how_many(kind.per_day * events / FULL_DAY, board.rng)):
            yield from _tellers(board, kind)


def urging(board: Switchboard, contacts: list[Contact]) -> Iterator[Contact]:
    """The same callers again, 20 minutes to 5 hours later, about the same matter on the same line (催促)."""
    for contact in contacts:
        if contact.phone and contact.kind in ("help", "complaint") and board.rng.random() < URGING:
            at = board.at(0, _minute(contact.received_at) + board.rng.uniform(20, 300))
            yield board.contact(contact.feed, contact.incident, at, repeats=contact)


def _tellers(board: Switchboard, kind: Cluster) -> Iterator[Contact]:
    spot = choose_spot(board.county, board.rng)
    incident = board.incident(kind.category, spot, kind.style)
    begin, first = board.moment(kind.feeds[0]), None
    for place in range(board.rng.randint(*kind.callers)):
        feed = kind.feeds[0] if place == 0 else board.rng.choice(kind.feeds)
        is_known = (
            first is not None and first.phone and LINES[feed].voice != "grid" and board.rng.random() < kind.same_caller
        )
        at = begin if place == 0 else board.at(0, _minute(begin) + board.rng.uniform(0.5, kind.minutes))
        contact = board.contact(feed, incident, at, repeats=first if is_known else None)
        first = first or contact
        yield contact


def _minute(at: datetime) -> float:
    return at.hour * 60 + at.minute + at.second / 60


def _how_many(mean: float, rng: Random) -> int:
    """A whole number around the mean: the part behind the point is left to chance."""
    return int(mean) + (rng.random() < mean % 1)
