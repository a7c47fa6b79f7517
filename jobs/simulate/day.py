"""One simulated day of the county: everything it sends, and the truth about it. Same arguments, same bytes."""

from collections.abc import Iterator, Mapping
from datetime import date
from random import Random

from jobs.simulate.contacts import Contact, Switchboard, singles
from jobs.simulate.faults import broken
from jobs.simulate.history import ordinary
from jobs.simulate.incidents import big_fire, clusters, outbreak, urging
from jobs.simulate.load import Load, Truth
from jobs.simulate.messages import Delivery, again, deliveries
from schemas.areas import County
from schemas.feeds import FEEDS
from schemas.feeds.contract import Feed

EVENTS = 6_000
LEAST = 100
REVISED, REDELIVERED, BROKEN = 0.06, 0.05, 0.01


def simulated(day: date, seed: int, events: int, county: County, feeds: Mapping[str, Feed] = FEEDS) -> Load:
    """A day (local, Asia/Shanghai) of about `events` first reports, and their revisions, redeliveries and broken records.

    Messages are in the order in which they arrive: a few late, so not the order of what they tell. ValueError below 100.
    """
    if events < LEAST:
        raise ValueError(f"a day needs at least {LEAST} events, to hold its planted fire and outbreak; not {events}")
    contacts = planned(day, seed, events, county, feeds)
    rng = Random(f"deliveries {seed} {day}")
    sound = list(deliveries(contacts, county, feeds, rng))
    copies = [delivery for first in sound for delivery in _copies(first, rng)]
    bad = broken(contacts, max(round(events * BROKEN), 1), county, feeds, rng)
    in_order = sorted([*sound, *copies, *bad], key=lambda one: (one.sent_at, one.message.ce_id, one.message.copy_no))
    return Load(tuple(one.message for one in in_order), Truth(tuple(fate for one in in_order for fate in one.fates)))


def planned(day: date, seed: int, events: int, county: County, feeds: Mapping[str, Feed] = FEEDS) -> list[Contact]:
    """Who calls about what on the day, revisions too."""
    board = Switchboard(day, county, feeds, Random(f"day {seed} {day}"), f"{day:%Y%m%d}-{seed}")
    planted = [*big_fire(board), *outbreak(board, events), *clusters(board, events)]
    alone = list(singles(board, ordinary(events)))
    contacts = [*planted, *alone, *urging(board, alone)]
    return contacts + [later for contact in contacts for later in _revisions(board, contact, feeds[contact.feed])]


def _revisions(board: Switchboard, contact: Contact, feed: Feed) -> Iterator[Contact]:
    while "revision" in feed.mapping and board.rng.random() < REVISED:
        contact = board.revised(contact)
        yield contact


def _copies(first: Delivery, rng: Random) -> Iterator[Delivery]:
    copy_no = 0
    while rng.random() < REDELIVERED:
        copy_no += 1
        yield again(first, copy_no, rng)
