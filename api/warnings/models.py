"""What the warning routes take and give."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, create_model

from api.paging import Page
from api.shown import Instant, Reason, code_of, shown
from schemas import records
from schemas.records.findings import PERIODS
from schemas.vocabulary import CATEGORIES, WARNING_STATES

Warning = create_model(
    "Warning",
    __base__=(shown(records.Warning), shown(records.WarningReview)),
    __doc__="Our finding that the count of reports in a place is unusual (预警), and what an analyst made of it.",
)


class WarningQuery(Page):
    """Filters of the list of warnings; all given ones must hold."""

    state: Annotated[str, code_of(WARNING_STATES)] | None = None
    period: Annotated[str, Field(pattern=f"^({'|'.join(PERIODS)})$")] | None = None
    category: Annotated[str, code_of(CATEGORIES)] | None = None
    township: str | None = Field(None, pattern=r"^\d{9}$", description="township code")
    since: Instant | None = Field(None, description="period starts at or after")
    until: Instant | None = Field(None, description="period starts before")


class Acknowledge(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason | None = Field(None, description="what is done about it")


class Dismiss(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(description="why it is none, for those who tune the model")
