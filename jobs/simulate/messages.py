"""Contacts as deliveries: put into their feeds' payloads, some in batches, some late, with the fate of each record."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from jobs.simulate.contacts import Contact
from jobs.simulate.encoding import encode, encoded_source_id
from jobs.simulate.encoding_video import HIK_EVENTS, encode_video, video_source_id
from jobs.simulate.load import Fate, Message
from schemas.areas import County
from schemas.feeds.contract import Feed

BATCHED = {"12350": 6, "12369": 4, "grid": 5}  # most records in one payload; the other feeds send one by one
BATCH_SPAN = timedelta(minutes=20)
SOURCE_NAMES_CATEGORY = 0.55  # share of hand-written reports whose clerk filled the category in
LATE = 0.02


@dataclass(frozen=True)
class Delivery:
    """A message, when it leaves its source, and the fates of its records."""

    sent_at: datetime
    message: Message
    fates: tuple[Fate, ...]


def deliveries(
    contacts: Iterable[Contact], county: County, feeds: Mapping[str, Feed], rng: Random
) -> Iterator[Delivery]:
    """Every contact in one clean delivery; contacts of a batching feed share payloads."""
    of_feed: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        of_feed[contact.feed].append(contact)
    for code, found in sorted(of_feed.items()):
        ours = sorted(found, key=lambda c: (c.updated_at, c.source_id, c.revision))
        for number, group in enumerate(_groups(ours, feeds[code], rng)):
            yield _delivery(group, feeds[code], county, rng, number)


def again(delivery: Delivery, copy_no: int, rng: Random) -> Delivery:
    """The same bytes under the same id, minutes to hours later."""
    message = replace(delivery.message, copy_no=copy_no)
    fates = tuple(replace(fate, outcome="redelivered", copy_no=copy_no) for fate in delivery.fates)
    return Delivery(
        delivery.sent_at + timedelta(minutes=rng.choice((1, 5, 30, 120, 360)) * rng.uniform(0.5, 1.5)), message, fates
    )


def item_of(contact: Contact, feed: Feed, rng: Random) -> dict[str, Any]:
    """What the source says of a contact, by canonical field; absent fields are None."""
    says_category = contact.voice != "written" or feed.default_category or rng.random() < SOURCE_NAMES_CATEGORY
    spot = contact.incident.spot
    return {
        "source_id": contact.source_id,
        "revision": contact.revision,
        "received_at": contact.received_at,
        "updated_at": contact.updated_at,
        "kind": contact.kind,
        "category": contact.incident.category
        if says_category and contact.incident.category in feed.categories.values()
        else None,
        "text": contact.said.text,
        "title": None,
        "place": contact.place,
        "area_code": spot.township.code[:6] if contact.voice in ("grid", "device") else spot.township.code,
        "area_name": spot.township.name,
        "grid_code": spot.grid_code if contact.voice == "grid" else None,
        "lat": contact.lat,
        "lon": contact.lon,
        "caller_phone": contact.phone,
        "device_id": contact.device_id,
    }


def message_of(feed: Feed, payload: bytes, *, source: str, ce_id: str, key: str, at: datetime) -> Message:
    """A message with its CloudEvents attributes. at: aware; becomes ce_time in UTC."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": ce_id,
        "ce_source": source,
        "ce_type": f"ninelines.feed.{feed.code}.received",
        "ce_time": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "content-type": feed.content_type,
    }
    return Message(feed.code, feed.topic, key, payload, headers)


def source_of(feed: Feed, county: County) -> str:
    """The CloudEvents source of a county's feed."""
    return f"/counties/{county.code}/feeds/{feed.code}"


def clean_fate(contact: Contact, ce_id: str, item_no: int) -> Fate:
    incident = contact.incident
    return Fate(
        contact.feed, ce_id, 0, item_no, "clean", (), contact.source_id, contact.revision, contact.received_at, contact.kind,
        incident.category, contact.is_urgent, incident.spot.township.code, incident.incident, incident.outbreak,
        contact.said.text, contact.said.spans,
    )  # fmt: skip


def _delivery(group: Sequence[Contact], feed: Feed, county: County, rng: Random, number: int) -> Delivery:
    first = group[0]
    is_batch = _most(feed) > 1
    ce_id = f"{first.source_id}-b{number}" if is_batch else f"{first.source_id}-r{first.revision}"
    sent_at = max(contact.updated_at for contact in group) + _delay(rng)
    items = [item_of(contact, feed, rng) for contact in group]
    payload, ids = _payload(feed, items)
    message = message_of(feed, payload, source=source_of(feed, county), ce_id=ce_id, key=first.source_id, at=sent_at)
    named = (replace(contact, source_id=name) for contact, name in zip(group, ids, strict=True))
    return Delivery(sent_at, message, tuple(clean_fate(contact, ce_id, place) for place, contact in enumerate(named)))


def _payload(feed: Feed, items: Sequence[dict[str, Any]]) -> tuple[bytes, list[str]]:
    """The bytes, and each record's id as cleaning will find it. Every other camera is of Hikvision's make."""
    if feed.code == "video" and items[0]["category"] in HIK_EVENTS and int(items[0]["device_id"]) % 2:
        return encode_video(items[0], "hikvision"), [video_source_id(items[0], "hikvision")]
    return encode(feed, items), [encoded_source_id(feed, item) for item in items]


def _groups(contacts: Sequence[Contact], feed: Feed, rng: Random) -> Iterator[list[Contact]]:
    """Contacts that travel together: a few within minutes where the feed sends batches, else one by one."""
    group: list[Contact] = []
    size = 1
    for contact in contacts:
        if group and (len(group) >= size or contact.updated_at - group[0].updated_at > BATCH_SPAN):
            yield group
            group = []
        if not group:
            size = rng.randint(1, _most(feed))
        group.append(contact)
    if group:
        yield group


def _most(feed: Feed) -> int:
    return BATCHED.get(feed.code, 1)


def _delay(rng: Random) -> timedelta:
    """From the source to us: seconds as a rule, hours for a few."""
    return timedelta(hours=rng.uniform(2, 10)) if rng.random() < LATE else timedelta(seconds=rng.uniform(1, 90))
