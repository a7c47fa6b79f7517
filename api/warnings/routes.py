"""Warnings (预警) for analysts: unusual counts of events in places, never about persons."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response
from fastapi.responses import JSONResponse

from api.examples import both
from api.keys.access import Actor, who_may
from api.paging import page_model
from api.problems import problems
from api.store import Reading
from api.warnings import commands, models, queries
from api.writing import Change, changing, etag

router = APIRouter(prefix="/v1/warnings", tags=["warnings 预警"])

WarningId = Annotated[str, Path(max_length=128)]
Reader = Annotated[Actor, who_may("warnings.read")]
Review = Annotated[Change, changing("warnings.review")]

ACKNOWLEDGE = both({"reason": "已通知市政排查"}, {"reason": "the drains are being checked"})
DISMISS = both({"reason": "演练引起"}, {"reason": "caused by a drill"})


@router.get("", response_model=page_model(models.Warning), responses=problems(400))
def list_warnings(store: Reading, _: Reader, query: Annotated[models.WarningQuery, Query()]) -> Any:
    """Warnings, latest period first."""
    return queries.listed(store, query)


@router.get("/{warning_id}", response_model=models.Warning, responses=problems(404))
def get_warning(warning_id: WarningId, store: Reading, _: Reader, response: Response) -> Any:
    """One warning with expected and observed counts; its ETag is the version to send as If-Match."""
    warning = queries.one(store, warning_id)
    response.headers["ETag"] = etag(warning["version"])
    return warning


@router.post("/{warning_id}/acknowledge", response_model=models.Warning, responses=problems(404, 409, 412))
def acknowledge(
    warning_id: WarningId,
    change: Review,
    body: Annotated[models.Acknowledge, Body(default_factory=models.Acknowledge, openapi_examples=ACKNOWLEDGE)],
) -> JSONResponse:
    """Take the warning up (采纳)."""
    return change.answer(lambda: models.Warning(**commands.review(change, warning_id, "acknowledged", body.reason)))


@router.post("/{warning_id}/dismiss", response_model=models.Warning, responses=problems(404, 409, 412))
def dismiss(
    warning_id: WarningId, change: Review, body: Annotated[models.Dismiss, Body(openapi_examples=DISMISS)]
) -> JSONResponse:
    """Set the warning aside, with the reason (排除)."""
    return change.answer(lambda: models.Warning(**commands.review(change, warning_id, "dismissed", body.reason)))
