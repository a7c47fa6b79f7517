"""The daily report 《每日工作情况》 as the job made it."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from api.keys.access import Actor, who_may
from api.problems import ProblemError, problems
from api.store import AppSettings

router = APIRouter(prefix="/v1/reports", tags=["reports 日报"])

MEDIA_TYPES = {"html": "text/html; charset=utf-8", "json": "application/json"}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The report", "content": {"text/html": {}, "application/json": {}}}
}


@router.get("/daily/{day}", response_class=FileResponse, responses={**problems(404), **FILE})
def get_daily_report(
    day: date,
    settings: AppSettings,
    _: Annotated[Actor, who_may("reports.read")],
    format: Annotated[Literal["html", "json"], Query(description="page to read, or data")] = "html",
) -> FileResponse:
    """The report of one local day (Asia/Shanghai)."""
    path = next((settings.state_dir / "reports" / day.isoformat()).glob(f"*.{format}"), None)
    if path is None:
        detail = f"There is no report of {day}. It is made at 17:30; `ninelines run daily_report` makes it now."
        raise ProblemError(404, "not-found", "No such report", detail)
    return FileResponse(path, media_type=MEDIA_TYPES[format])
