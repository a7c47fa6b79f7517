"""One class a kind of rule: what an entry of a rules file may say."""

from datetime import date, time
from typing import Annotated, Literal, Protocol

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.vocabulary import CATEGORIES, DUTY_TIERS, EVENT_GRADES, HANDLING_LEVELS, KINDS, Vocabulary

ANY = "*"
EACH = "each"  # a route that holds in every township of the county; its unit is that township's government
TOWNSHIP_GOVERNMENT = "township_government"
MIDNIGHT = 24 * 60
FinishUnit = Literal["minutes", "calendar_days", "working_days"]


def _one_of(vocabulary: Vocabulary) -> AfterValidator:
    def check(found: str) -> str:
        if found not in vocabulary:
            raise ValueError(f"{found!r} is none of {', '.join(vocabulary)}")
        return found

    return AfterValidator(check)


Category = Annotated[str, _one_of(CATEGORIES)]
Kind = Annotated[str, _one_of(KINDS)]
EventGrade = Annotated[str, _one_of(EVENT_GRADES)]
HandlingLevel = Annotated[str, _one_of(HANDLING_LEVELS)]
DutyTierCode = Annotated[str, _one_of(DUTY_TIERS)]


def _compiles(found: str) -> str:
    try:
        pl.Series([""]).str.contains(found)
    except pl.exceptions.ComputeError as error:
        raise ValueError(f"no pattern: {error}") from None
    return found


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compiles)]
Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Rule(BaseModel):
    """What every entry has: a name, where it comes from, and the local days it holds, both ends included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Unit(Rule):
    """A unit that takes orders (承办单位); `name` is its code. Its yearly volume gives its duty tier.

    up: the unit that takes what it cannot take while off duty, where its tier says so; by default the fallback.
    """

    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    yearly_volume: int = Field(ge=0, description="orders a year, as counted for the year before")
    township: str | None = Field(None, description="code of the township whose government it is")
    is_fallback: bool = Field(False, description="takes what no rule sends elsewhere: the command centre")
    up: str | None = None

    @property
    def code(self) -> str:
        return self.name


class DutyTier(Rule):
    """A rank of units by yearly volume, and the hours units of that rank are on duty.

    A unit gets the tier from `from_yearly_volume` on, and keeps it while its volume is not below `kept_from`, so that
    it does not flap (none given: the same). off_duty: how an order reaches the unit that must be signed for by the
    clock: by its duty phone, or it goes up one level, to another unit, and the unit helps.
    """

    duty_tier: DutyTierCode
    from_yearly_volume: int = Field(ge=0)
    kept_from: int | None = Field(None, ge=0)
    off_duty: Literal["duty_phone", "up"] = "duty_phone"
    starts: time
    ends: time  # 00:00 is the midnight that ends the day
    only_working_days: bool

    @property
    def keeps_from(self) -> int:
        return self.from_yearly_volume if self.kept_from is None else self.kept_from

    @property
    def first_minute(self) -> int:
        return self.starts.hour * 60 + self.starts.minute

    @property
    def last_minute(self) -> int:
        """Minute of the day when duty ends, exclusive."""
        return self.ends.hour * 60 + self.ends.minute or MIDNIGHT


class CountedTier(Rule):
    """A unit's duty tier as counted from a year of orders (`jobs.batch.duty_tiers`); `name` is the unit's code."""

    duty_tier: DutyTierCode
    yearly_volume: int = Field(ge=0)


class Route(Rule):
    """Who leads. Category, township and kind given count more than `*`; an empty list of categories is every one."""

    categories: tuple[Category, ...] = ()
    township: str = ANY  # a code, `each` or `*`
    kind: Literal["*"] | Kind = ANY
    unit: str
    co_units: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        """The matching route with the greatest weight wins: category before named township, each township, kind."""
        townships = {ANY: 0, EACH: 2}
        return 8 * bool(self.categories) + townships.get(self.township, 4) + (self.kind != ANY)

    def takes(self, category: str, township: str | None, kind: str) -> bool:
        return (
            (not self.categories or category in self.categories)
            and (self.township in (ANY, township) or (self.township == EACH and township is not None))
            and self.kind in (ANY, kind)
        )


class Learned(Rule):
    """From which probability on history decides what no route sends anywhere but to the fallback."""

    from_probability: float = Field(gt=0, le=1)


class Grade(Rule):
    """An event grade and the points from which on it is reached."""

    event_grade: EventGrade
    from_points: int = Field(ge=0)


class Points(Rule):
    """Points of one criterion for what matches every condition given; of a criterion the first match counts.

    words: a pattern (Rust regex) looked for in what was said and in the place; unless: what is taken out before.
    """

    criterion: Literal["urgency", "matter", "reports", "harm", "place"]
    points: int = Field(ge=0, le=100)
    only_urgent: bool = False
    categories: tuple[Category, ...] = ()
    kinds: tuple[Kind, ...] = ()
    min_reports: int = Field(1, ge=1)
    words: Pattern | None = None
    unless: Pattern | None = None

    def takes(self, case: "Case") -> bool:
        return (
            (case.is_urgent or not self.only_urgent)
            and (not self.categories or case.category in self.categories)
            and (not self.kinds or case.kind in self.kinds)
            and case.report_count >= self.min_reports
            and (self.words is None or self.name in case.signs.split(","))
        )

    def covers(self, other: "Points") -> bool:
        """Does every event that `other` takes match here too?"""
        return (
            self.criterion == other.criterion
            and (not self.only_urgent or other.only_urgent)
            and _wider(self.categories, other.categories)
            and _wider(self.kinds, other.kinds)
            and self.min_reports <= other.min_reports
            and self.words in (None, other.words)
        )


class Case(Protocol):
    """What points look at. signs: names of the entries whose words were found, with commas between."""

    @property
    def category(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def is_urgent(self) -> bool: ...
    @property
    def report_count(self) -> int: ...
    @property
    def signs(self) -> str: ...


class Level(Rule):
    """The handling level of what matches every condition given. The first entry of the file that matches decides."""

    handling_level: HandlingLevel
    event_grades: tuple[EventGrade, ...] = ()
    categories: tuple[Category, ...] = ()
    kinds: tuple[Kind, ...] = ()

    def takes(self, event_grade: str, category: str, kind: str) -> bool:
        return (
            (not self.event_grades or event_grade in self.event_grades)
            and (not self.categories or category in self.categories)
            and (not self.kinds or kind in self.kinds)
        )

    @property
    def takes_everything(self) -> bool:
        return not (self.event_grades or self.categories or self.kinds)

    def covers(self, other: "Level") -> bool:
        return (
            _wider(self.event_grades, other.event_grades)
            and _wider(self.categories, other.categories)
            and _wider(self.kinds, other.kinds)
        )


class FinishLimit(Rule):
    """How long an order may take that matches every condition given. The first entry of the file that matches decides.

    One of: minutes by the clock; calendar_days or working_days, up to 23:59:59 of the last one, 0 being the same day.
    """

    handling_levels: tuple[HandlingLevel, ...] = ()
    event_grades: tuple[EventGrade, ...] = ()
    kinds: tuple[Kind, ...] = ()
    only_urgent: bool = False
    minutes: int | None = Field(None, ge=1)
    calendar_days: int | None = Field(None, ge=0)
    working_days: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _one_limit(self) -> "FinishLimit":
        if sum(limit is not None for limit in (self.minutes, self.calendar_days, self.working_days)) != 1:
            raise ValueError("exactly one of minutes, calendar_days and working_days is needed")
        return self

    @property
    def counted_in(self) -> FinishUnit:
        return "minutes" if self.minutes else "calendar_days" if self.calendar_days is not None else "working_days"

    @property
    def amount(self) -> int:
        found: int = getattr(self, self.counted_in)
        return found

    def takes(self, handling_level: str, event_grade: str, kind: str, is_urgent: bool) -> bool:
        return (
            (not self.handling_levels or handling_level in self.handling_levels)
            and (not self.event_grades or event_grade in self.event_grades)
            and (not self.kinds or kind in self.kinds)
            and (is_urgent or not self.only_urgent)
        )

    def covers(self, other: "FinishLimit") -> bool:
        """Does every order that `other` takes match here too?"""
        return (
            _wider(self.handling_levels, other.handling_levels)
            and _wider(self.event_grades, other.event_grades)
            and _wider(self.kinds, other.kinds)
            and (not self.only_urgent or other.only_urgent)
        )


class SignLimit(Rule):
    """Minutes to sign for an order of one event grade, by the clock or in the unit's duty hours."""

    event_grade: EventGrade
    minutes: int = Field(ge=1)
    counted_in: Literal["clock", "duty_hours"]


class Escalation(Rule):
    """A step of the ladder, so many minutes by the clock after a due time; after sign_due_at: while nobody signed."""

    step: Literal["remind", "supervise", "report"]
    after: Literal["sign_due_at", "finish_due_at"]
    minutes: int = Field(ge=0)


class WorkingDay(Rule):
    """What is accepted at or after `accepted_until` counts as accepted on the next working day."""

    accepted_until: time


class UrgencyTerms(Rule):
    """Words that say life or safety is in danger; `name` is the danger."""

    terms: Words


class UrgencySign(Rule):
    """Words of danger with anything short between them (Rust regex); `name` is the danger."""

    pattern: str = Field(min_length=1)


class UrgencyPattern(Rule):
    """A pattern (Rust regex, `{term}` stands for any term) that takes words out of the search, or guards them."""

    acts: Literal["keep", "drop_all", "drop_sentence", "drop"]
    pattern: str = Field(min_length=1)


class UrgencyModel(Rule):
    """From which probability on a model raises what no word or sign finds to urgent. It never lowers."""

    from_probability: float = Field(gt=0.5, le=1)


def _wider(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return not ours or (bool(theirs) and set(theirs) <= set(ours))
