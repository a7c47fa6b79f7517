"""Notices (紧急提示): reports in which life or safety is in danger, told to the unit that leads."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.keys.access import Actor, who_may
from api.notices import models, queries
from api.paging import page_model
from api.problems import problems
from api.store import Reading

router = APIRouter(prefix="/v1/notices", tags=["notices 紧急提示"])


@router.get("", response_model=page_model(models.Notice), responses=problems(400))
def list_notices(
    store: Reading, actor: Annotated[Actor, who_may("notices.read")], query: Annotated[models.NoticeQuery, Query()]
) -> Any:
    """Notices, last told first. A department sees those of its own orders. Each urgent report has one."""
    return queries.listed(store, actor, query)
