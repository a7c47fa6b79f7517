"""What the order routes take and give."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from api.paging import Page
from api.shown import Instant, Reason, code_of, shown
from schemas import records
from schemas.feeds.desk import KINDS as AT_THE_DESK
from schemas.vocabulary import (
    CATEGORIES,
    DUTY_TIERS,
    EVENT_GRADES,
    FEED_CODES,
    HANDLING_LEVELS,
    KINDS,
    ORDER_STATES,
    OUTCOMES,
    PAUSE_CAUSES,
    RECEIVING_LINES,
    SATISFACTIONS,
)

Order = shown(records.Order)
OrderEvent = shown(records.OrderEvent)
Rating = shown(records.Rating)

_DEGREES = r"-?\d{1,3}(\.\d{1,8})?"
BBOX = rf"^{_DEGREES},{_DEGREES},{_DEGREES},{_DEGREES}$"

UnitCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]


FeedCode = Literal[FEED_CODES]  # type: ignore[valid-type]  # the codes are a tuple of texts


class OrderFilters(BaseModel):
    """Which orders are asked for; all given filters must hold."""

    model_config = ConfigDict(extra="forbid")

    state: list[Annotated[str, code_of(ORDER_STATES)]] | None = Field(None, description="one or more")
    unit: UnitCode | None = Field(None, description="lead unit or co-handler (承办单位)")
    event_grade: Annotated[str, code_of(EVENT_GRADES)] | None = None
    handling_level: Annotated[str, code_of(HANDLING_LEVELS)] | None = None
    unit_duty_tier: Annotated[str, code_of(DUTY_TIERS)] | None = None
    category: Annotated[str, code_of(CATEGORIES)] | None = None
    township: str | None = Field(None, pattern=r"^\d{9}$", description="township code")
    urgent: bool | None = None
    overdue: bool | None = Field(None, description="past a due time and the step still to be taken")
    due_before: Instant | None = Field(None, description="the time limit is before this instant")
    due_from: Instant | None = Field(None, description="the time limit is at or after this instant")
    accepted_before: Instant | None = None
    accepted_from: Instant | None = None
    grid: str | None = Field(None, pattern=r"^\d{9,15}$", description="beginning of the grid's code")
    bbox: str | None = Field(
        None, pattern=BBOX, description="west,south,east,north in degrees (WGS84)", examples=["118.0,33.4,118.1,33.5"]
    )
    feed: FeedCode | None = Field(None, description="one of its incident's reports came from this feed (来源)")
    parent: str | None = Field(None, max_length=128, description="sub-orders of this order")
    q: str | None = Field(None, min_length=1, max_length=100, description="words found in text or place")


class OrderQuery(OrderFilters, Page):
    """A page of orders."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Note(_Body):
    """A step that needs no more than itself."""

    reason: Reason | None = Field(None, description="a remark for those who read the order later")


class Because(_Body):
    """A step that needs its reason and no more."""

    reason: Reason


class Grant(_Body):
    finish_due_at: Instant | None = Field(
        None, description="another time than the unit asks for, later than the present limit"
    )
    reason: Reason | None = None


class Extend(_Body):
    finish_due_at: Instant = Field(description="the new time limit, later than the present one")
    reason: Reason


class Pause(_Body):
    cause: Annotated[str, code_of(PAUSE_CAUSES)]
    reason: Reason = Field(description="what is waited for, and until when it is likely to come")


class SendBack(_Body):
    """Give the order back (退单). Say whose it is, or what it is about, where you know: the models learn from it."""

    reason: Reason
    better_unit_code: UnitCode | None = Field(None, description="the unit that should have it; another one than yours")
    better_category: Annotated[str, code_of(CATEGORIES)] | None = None


class Close(_Body):
    outcome: Annotated[str, code_of(OUTCOMES)]
    reason: Reason | None = Field(None, description="what was done")


class CallBack(_Body):
    """A call-back (回访). The three answers belong to a caller who was reached, and only to one."""

    reached: StrictBool = Field(description="reached and answered (有效回访)")
    was_contacted: StrictBool | None = Field(None, description="did the unit contact the caller (联系)")
    was_solved: StrictBool | None = Field(None, description="was the matter solved (解决)")
    satisfaction: Annotated[str, code_of(SATISFACTIONS)] | None = None

    @model_validator(mode="after")
    def _answers_only_when_reached(self) -> "CallBack":
        given = [answer is not None for answer in self.answers.values()]
        if self.reached and not all(given):
            raise ValueError(f"the caller was reached: give {', '.join(self.answers)}")
        if not self.reached and any(given):
            raise ValueError(f"the caller was not reached: leave out {', '.join(self.answers)}")
        return self

    @property
    def answers(self) -> dict[str, Any]:
        names = ("was_contacted", "was_solved", "satisfaction")
        return {name: getattr(self, name) for name in names}


class Reopen(_Body):
    reason: Reason
    finish_due_at: Instant | None = Field(
        None, description="a new time limit; left out, the old one stays, or begins anew by its rule where it is over"
    )


class Register(_Body):
    """Note by hand what somebody calls for (登记). Names and numbers of persons are taken out of text and place."""

    text: str = Field(min_length=2, max_length=2000, description="what is asked for")
    kind: Annotated[str, code_of({code: KINDS[code] for code in AT_THE_DESK})]
    category: Annotated[str, code_of(CATEGORIES)]
    place: str | None = Field(None, min_length=2, max_length=200)
    township_code: str | None = Field(None, pattern="^[0-9]{9}$")
    lat: float | None = Field(None, ge=-90, le=90, description="WGS84; with `lon`")
    lon: float | None = Field(None, ge=-180, le=180, description="WGS84; with `lat`")
    is_urgent: StrictBool = Field(False, description="life or safety is in danger, whatever the words say")
    unit_code: UnitCode | None = Field(None, description="dispatch it to this unit at once; else it waits (待派发)")

    @model_validator(mode="after")
    def _whole_points(self) -> "Register":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("give lat and lon, or neither")
        return self


class Dispatch(_Body):
    """Send an order to a unit: one noted by hand (待派发), or one that came back (退单)."""

    unit_code: UnitCode
    reason: Reason
    category: Annotated[str, code_of(CATEGORIES)] | None = None
    sign_due_at: Instant | None = Field(None, description="new time to sign for it; the old one stays when left out")
    finish_due_at: Instant | None = Field(None, description="new time limit; the old one stays when left out")
    force: bool = Field(False, description="to a unit that has sent the order back before; say why in `reason`")


class Delegate(_Body):
    """A part of the order for a co-handler (分办)."""

    unit_code: UnitCode
    reason: Reason = Field(description="what the co-handler is to do")
    finish_due_at: Instant | None = Field(None, description="not after the limit of the whole, which it has else")


class Transfer(_Body):
    line: Annotated[str, code_of(RECEIVING_LINES)]
    reason: Reason


class Merge(_Body):
    into: str = Field(min_length=1, max_length=128, description="the order that this one repeats")
    reason: Reason


class Correct(_Body):
    """Say what an order is about (更正); the pipeline leaves it so, and the classifier learns from it."""

    category: Annotated[str, code_of(CATEGORIES)]
    reason: Reason
