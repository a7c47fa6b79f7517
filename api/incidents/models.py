"""What the incident routes take and give."""

from typing import Annotated, Any

from pydantic import Field, create_model

from api.paging import Page
from api.shown import Instant, code_of, list_of, shown
from schemas import records
from schemas.tables import REPORT_SAID
from schemas.vocabulary import CATEGORIES, KINDS, LINK_REASONS

Incident = shown(records.Incident)

_said: dict[str, Any] = {
    name: (field.annotation, field) for name, field in shown(records.Report).model_fields.items() if name in REPORT_SAID
}
_why = Field(description="; ".join(f"`{code}` {term.zh} {term.en}" for code, term in LINK_REASONS.items()))
LinkedReport = create_model(
    "LinkedReport",
    __base__=shown(records.Link),
    __doc__="A report of the incident, redacted, with the score and the reasons of its link.",
    **_said | {"reasons": (list[str], _why)},
)
IncidentWithReports = create_model(
    "IncidentWithReports",
    __base__=Incident,
    __doc__="An incident, its reports in order of receipt, and its orders.",
    reports=(list_of(LinkedReport), Field()),
    order_ids=(list[str], Field(description="orders the asker may see")),
)


class IncidentQuery(Page):
    """Filters of the list of incidents; all given ones must hold."""

    kind: Annotated[str, code_of(KINDS)] | None = None
    category: Annotated[str, code_of(CATEGORIES)] | None = None
    township: str | None = Field(None, pattern=r"^\d{9}$", description="township code")
    since: Instant | None = Field(None, description="first received at or after")
    until: Instant | None = Field(None, description="first received before")
    min_reports: int | None = Field(None, ge=1, description="told by at least so many reports")
