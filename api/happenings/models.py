"""What the routes of happenings take and give."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.shown import code_of
from schemas.vocabulary import CATEGORIES, EVENT_GRADES, HANDLING_LEVELS, ORDER_EVENTS, ORDER_STATES

POSITION = r"^\d{1,18}-\d{1,18}$"
MAX_PART = 200
Told = Literal[("notice", *ORDER_EVENTS)]  # type: ignore[valid-type]  # the codes are a vocabulary's


class Happening(BaseModel):
    """One thing that is new of an order: a step, or an urgent report (notice). What was said stands in the order."""

    id: str = Field(pattern=POSITION, description="its place; send it as `after` or `Last-Event-ID` to go on behind it")
    event: Told = Field(description="the step, or `notice` (紧急提示)")
    order_id: str
    version: int | None = Field(description="the order's after the step; null: a notice")
    report_id: str | None = Field(description="of a notice: the report")
    state: Annotated[str, code_of(ORDER_STATES)] = Field(description="the order's after the step; of a notice: now")
    unit_code: str = Field(description="that leads")
    category: Annotated[str, code_of(CATEGORIES)]
    event_grade: Annotated[str, code_of(EVENT_GRADES)]
    handling_level: Annotated[str, code_of(HANDLING_LEVELS)]
    is_urgent: bool
    township_code: str | None
    sign_due_at: datetime
    finish_due_at: datetime
    happened_at: datetime


class Wanted(BaseModel):
    """Which happenings are told; all given filters must hold."""

    model_config = ConfigDict(extra="forbid")

    events: list[Told] | None = Field(None, description="one or more; left out: all")
    urgent: bool = Field(False, description="only of orders in which life or safety is in danger")


class HappeningQuery(Wanted):
    """A part of the list."""

    after: str | None = Field(
        None, pattern=POSITION, description="`id` of the last one you have; left out: the oldest kept"
    )
    limit: int = Field(50, ge=1, le=MAX_PART)


class HappeningList(BaseModel):
    """What happened, the oldest first."""

    items: list[Happening]
    next_after: str = Field(description="send it as `after` to get what comes next, also when nothing came now")
