"""What the notice routes take and give."""

from typing import Annotated

from pydantic import Field

from api.paging import Page
from api.shown import Instant, shown
from schemas import records
from schemas.vocabulary import FEED_CODES

Notice = shown(records.Notice)


class NoticeQuery(Page):
    """Filters of the list of notices; all given ones must hold."""

    feed: Annotated[str, Field(pattern=f"^({'|'.join(FEED_CODES)})$")] | None = None
    unit: str | None = Field(None, max_length=128, description="code of the unit that was told")
    is_confirmed: bool | None = Field(None, description="whether the way through the lake came to the same")
    since: Instant | None = Field(None, description="told at or after")
    until: Instant | None = Field(None, description="told before")
