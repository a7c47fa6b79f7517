"""What the metric routes take and give."""

from typing import Annotated

from pydantic import BaseModel, Field, create_model

from api.paging import Page
from api.shown import Instant, shown
from schemas import records
from schemas.metrics import METRICS


class Definition(BaseModel):
    """What a metric means."""

    code: str
    label_zh: str
    label_en: str
    kind: str = Field(description="`count` or `share`")
    numerator: str
    denominator: str
    window: str
    exclusions: str
    undefined: str = Field(description="when the value is null")
    version: str


class MetricQuery(Page):
    """Filters of the list of figures; all given ones must hold."""

    metric: Annotated[str, Field(pattern=f"^({'|'.join(METRICS)})$")] | None = Field(
        None, description="code of a metric"
    )
    scope: str | None = Field(
        None, max_length=100, examples=["county", "unit:police"], description="`county`, `unit:<code>`, …"
    )
    since: Instant | None = Field(None, description="window starts at or after")
    until: Instant | None = Field(None, description="window starts before")


Metric = create_model(
    "Metric",
    __base__=shown(records.Metric),
    __doc__=records.Metric.__doc__,
    definition=(Definition | None, Field(description="null for a metric that is no longer in the catalogue")),
)
