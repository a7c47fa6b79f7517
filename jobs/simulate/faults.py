"""The broken deliveries of a day: every fault that a feed can have, as many as asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from jobs.simulate.breaking import FAULTS, Fault
from jobs.simulate.contacts import Contact
from jobs.simulate.load import Fate
from jobs.simulate.messages import Delivery, item_of, message_of, source_of
from schemas.areas import County
from schemas.feeds.contract import TOPIC_PREFIX, Feed

A_MINUTE = timedelta(minutes=1)
UNREGISTERED = "12333"  # a line that this county has not joined
UNREGISTERED_PAYLOAD = '{"id": "R-1", "time": "2025-03-04 10:00:00", "content": "咨询社保"}'.encode()


def broken(
    contacts: Sequence[Contact], how_many: int, county: County, feeds: Mapping[str, Feed], rng: Random
) -> list[Delivery]:
    """Deliveries that a contract must refuse, made from contacts of the day under ids of their own.

    They go through the possible pairs of feed and fault in random order; one message is of a feed nobody registered.
    """
    pairs = [(feed, fault) for feed in feeds.values() for fault in FAULTS if fault.fits(feed)]
    rng.shuffle(pairs)
    of_feed = {code: [contact for contact in contacts if contact.feed == code] for code in feeds}
    found = [_of_nobody(contacts[0], county, feeds)]
    for number in range(how_many - 1):
        feed, fault = pairs[number % len(pairs)]
        model = rng.choice(of_feed[feed.code] or contacts)
        source_id = f"{feed.code}-{model.incident.incident.rsplit('-', 1)[0]}-x{number:04d}"
        contact = replace(
            model, feed=feed.code, source_id=source_id, revision=0, updated_at=model.received_at + A_MINUTE
        )
        found.append(_broken(contact, feed, fault, county, rng))
    return found


def _broken(contact: Contact, feed: Feed, fault: Fault, county: County, rng: Random) -> Delivery:
    item = item_of(contact, feed, rng)
    if item["kind"] not in feed.admits:
        item["kind"] = feed.admits[0]
    sent_at = contact.updated_at + timedelta(seconds=rng.uniform(1, 90))
    source, name = source_of(feed, county), contact.source_id
    message = message_of(feed, fault.bytes_of(feed, item), source=source, ce_id=name, key=name, at=sent_at)
    return Delivery(sent_at, message, (Fate(feed.code, contact.source_id, 0, 0, "quarantined", fault.reasons),))


def _of_nobody(model: Contact, county: County, feeds: Mapping[str, Feed]) -> Delivery:
    """A message of an unregistered feed."""
    feed = replace(next(iter(feeds.values())), code=UNREGISTERED, topic=TOPIC_PREFIX + UNREGISTERED, format="json")
    ce_id = f"{UNREGISTERED}-{model.source_id}"
    message = message_of(
        feed, UNREGISTERED_PAYLOAD, source=source_of(feed, county), ce_id=ce_id, key=ce_id, at=model.received_at
    )
    return Delivery(model.received_at, message, (Fate(feed.code, ce_id, 0, 0, "quarantined", ("unknown_feed",)),))
