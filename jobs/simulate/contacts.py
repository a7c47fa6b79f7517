"""Who calls whom about what on one day, before it is written in any feed's format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zlib import crc32
from zoneinfo import ZoneInfo

from jobs.simulate import personal
from jobs.simulate.grammar import Said, mark, phrases, plain, templates, words_for
from jobs.simulate.places import Spot, choose_spot, near
from jobs.simulate.profile import CALM_STYLES, LINES, URGENT, URGENT_STYLES, Voice
from jobs.simulate.telling import style_for, tell
from schemas.areas import County
from schemas.feeds.contract import Feed

LOCAL = ZoneInfo("Asia/Shanghai")
NO_COORDINATES, ZERO_COORDINATES = 0.15, 0.02  # share of calls without a point, or with 0/0 in its place
DOOR_IS_NAMED, NUMBER_IS_SHOWN = 0.25, 0.93


@dataclass(frozen=True)
class Incident:
    """What happened, as all its tellers know it. outbreak: the common cause of several incidents, if any."""

    incident: str
    category: str
    spot: Spot
    words: dict[str, str] = field(default_factory=dict)
    style: str | None = None  # None: as the kind of each report has it
    outbreak: str | None = None


@dataclass(frozen=True)
class Contact:
    """One report as its source holds it. Points are WGS84, times aware; None and 0/0 are gaps that real feeds have."""

    feed: str
    source_id: str
    revision: int
    received_at: datetime
    updated_at: datetime
    kind: str
    said: Said
    place: str
    lat: float | None
    lon: float | None
    phone: str | None
    device_id: str | None
    incident: Incident
    is_urgent: bool | None  # None where sensible people would differ
    style: str
    template: str

    @property
    def voice(self) -> Voice:
        return LINES[self.feed].voice


class Switchboard:
    """Makes the contacts of one day; numbers them in the order in which they are asked for."""

    def __init__(self, day: date, county: County, feeds: Mapping[str, Feed], rng: Random, series: str) -> None:
        self.day, self.county, self.feeds, self.rng, self.series = day, county, feeds, rng, series
        self.count = self.incidents = 0
        self.regulars = [personal.phone(rng) for _ in range(25)]

    def incident(
        self, category: str, spot: Spot | None = None, style: str | None = None, outbreak: str | None = None
    ) -> Incident:
        """Something that happens, at a spot of the county."""
        self.incidents += 1
        place = spot or choose_spot(self.county, self.rng)
        return Incident(
            f"{self.series}-{self.incidents:05d}", category, place, words_for(category, self.rng), style, outbreak
        )

    def moment(self, feed: str) -> datetime:
        """A time of the day by the feed's rhythm."""
        hour = self.rng.choices(range(24), self.feeds[feed].rhythm)[0]
        return self.at(hour, self.rng.uniform(0, 60))

    def at(self, hour: int, minute: float) -> datetime:
        """A local time of the day, to the second; what would pass midnight stays on the day."""
        begin = datetime.combine(self.day, time(), LOCAL)
        return min(begin + timedelta(hours=hour, seconds=int(minute * 60)), begin + timedelta(hours=24, seconds=-1))

    def contact(self, feed: str, incident: Incident, at: datetime, repeats: Contact | None = None) -> Contact:
        """One call, push or finding. repeats: what the same caller told before, and now tells again."""
        self.count += 1
        voice = LINES[feed].voice
        kind = self._kind(feed, is_settled=repeats is not None or incident.style is not None)
        caller = (repeats.phone if repeats else None) or self._phone()
        style, template = (repeats.style, repeats.template) if repeats else self._template(incident, kind)
        where = self._where(incident.spot, feed)
        said = tell(
            incident.category,
            template,
            voice,
            self.rng,
            where=where,
            number=caller,
            given=incident.words,
            is_repeat=repeats is not None,
        )
        lat, lon = self._point(feed, incident.spot)
        return Contact(
            feed, f"{feed}-{self.series}-{self.count:05d}", 0, at, at, _sent_as(kind, incident.category), said, plain(where).text, lat, lon,
            caller if voice in ("spoken", "written") and (repeats or self.rng.random() < NUMBER_IS_SHOWN) else None,
            self._device(feed, incident.spot), incident, _is_urgent(incident.category, style), style, template,
        )  # fmt: skip

    def _template(self, incident: Incident, kind: str) -> tuple[str, str]:
        """The style in which it is told, and one of that style's templates."""
        style = incident.style or style_for(incident.category, kind, self.rng)
        return style, self.rng.choice(templates(incident.category, style))

    def revised(self, contact: Contact) -> Contact:
        """The same contact as the source has it later, with more said."""
        more = self.rng.choice(phrases("revision", "more"))
        later = contact.updated_at + timedelta(minutes=self.rng.randint(8, 240))
        said = replace(contact.said, text=contact.said.text + more)
        return replace(contact, revision=contact.revision + 1, updated_at=later, said=said)

    def _kind(self, feed: str, is_settled: bool) -> str:
        """A kind that the feed may send. Who calls again, or tells what others told, does not ask or suggest."""
        admitted = [kind for kind in LINES[feed].kinds if kind in self.feeds[feed].admits]
        telling = [kind for kind in admitted if not (is_settled and kind in ("enquiry", "suggestion"))] or admitted
        weights = {kind: LINES[feed].kinds[kind] for kind in telling}
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def _phone(self) -> str:
        return self.rng.choice(self.regulars) if self.rng.random() < 0.02 else personal.phone(self.rng)

    def _where(self, spot: Spot, feed: str) -> str:
        """The spot in words; inside an estate some name their door."""
        if spot.is_estate and LINES[feed].voice != "device" and self.rng.random() < DOOR_IS_NAMED:
            return spot.name + mark("door", personal.door(self.rng))
        return spot.name

    def _point(self, feed: str, spot: Spot) -> tuple[float | None, float | None]:
        chance = self.rng.random()
        if LINES[feed].voice == "device":
            return spot.lat, spot.lon
        if chance < NO_COORDINATES:
            return None, None
        if chance < NO_COORDINATES + ZERO_COORDINATES and self.feeds[feed].coordinate_system == "WGS84":
            return 0.0, 0.0
        return near(spot, self.rng)

    def _device(self, feed: str, spot: Spot) -> str | None:
        """A GB/T 28181 number: eight digits of place, then 00, 132 for a camera, network and serial."""
        if LINES[feed].voice != "device":
            return None
        number = crc32(spot.name.encode()) % 10**6
        return f"{spot.township.code[:6]}00001320{number:06d}"


def _sent_as(kind: str, category: str) -> str:
    """What a device says of itself is a fault, no alarm."""
    return "device_fault" if (kind, category) == ("device_alarm", "equipment_fault") else kind


def _is_urgent(category: str, style: str) -> bool | None:
    """True in words of life danger; a plain fire or accident, or a device's word for it, leaves room for both."""
    if style in URGENT_STYLES:
        return True
    return None if category in URGENT and style not in CALM_STYLES else False


def singles(board: Switchboard, how_many: int) -> Iterator[Contact]:
    """Ordinary reports, each of its own incident."""
    feeds = list(LINES)
    for feed in board.rng.choices(feeds, [LINES[feed].share for feed in feeds], k=how_many):
        categories = LINES[feed].categories
        category = board.rng.choices(list(categories), list(categories.values()))[0]
        yield board.contact(feed, board.incident(category), board.moment(feed))
