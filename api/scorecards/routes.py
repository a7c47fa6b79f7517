"""Scorecards (记分卡) of the live classifier, router and rules, as the job made them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from api.keys.access import Actor, who_may
from api.problems import ProblemError, problems
from api.reports.routes import MEDIA_TYPES
from api.store import AppSettings

router = APIRouter(prefix="/v1/scorecards", tags=["scorecards 记分卡"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The scorecards", "content": {"text/html": {}, "application/json": {}}}
}


@router.get("", response_class=FileResponse, responses={**problems(404), **FILE})
def get_scorecards(
    settings: AppSettings,
    _: Annotated[Actor, who_may("scorecards.read")],
    format: Annotated[Literal["html", "json"], Query(description="page to read, or data")] = "json",
) -> FileResponse:
    """What is known of what decides now, and abstained, sent back, overridden and drift day by day."""
    path = settings.state_dir / "scorecards" / f"scorecards.{format}"
    if not path.is_file():
        detail = "There are none yet. They are made at 17:30; `ninelines run scorecards` makes them now."
        raise ProblemError(404, "not-found", "No scorecards", detail)
    return FileResponse(path, media_type=MEDIA_TYPES[format])
