"""What the route that tries rules takes and gives."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.shown import Instant

FILES = r"^(units|duty_tiers|routing|grading|handling_levels|deadlines|urgency)\.toml$"


class Trial(BaseModel):
    """Rules to be tried on a past period. What is not sent stays as it is."""

    model_config = ConfigDict(extra="forbid")

    start: Instant = Field(description="incidents first received at or after")
    end: Instant = Field(description="and before")
    files: dict[str, str] = Field(min_length=1, max_length=7, description="whole rule files (TOML) by their name")
    examples: int = Field(20, ge=0, le=200, description="orders shown")


class Gain(BaseModel):
    field: str = Field(description="unit_code, event_grade, handling_level or unit_duty_tier")
    value: str
    before: int
    after: int
    gained: int
    lost: int


class Move(BaseModel):
    orders: int
    median_hours: float | None


class Overdue(BaseModel):
    before: float | None = Field(description="share of the period's orders closed too late, or open past their time")
    after: float | None


class Difference(BaseModel):
    """What the rules would have changed."""

    orders: int = Field(description="decided twice")
    changed: int
    counts: list[Gain]
    due_later: Move
    due_earlier: Move
    overdue: Overdue
    examples: list[dict[str, Any]] = Field(description="orders that change: `X`, `new_X` and `new_reasons`")
