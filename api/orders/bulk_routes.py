"""One step for many orders."""

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse

from api.orders import bulk, examples
from api.problems import problems
from api.writing import Change, changing

router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])


@router.post("/bulk", response_model=bulk.BulkDone, responses=problems(409))
def take_steps(
    request: Request,
    change: Annotated[Change, changing("orders.bulk")],
    body: Annotated[bulk.Bulk, Body(openapi_examples=examples.BULK)],
) -> JSONResponse:
    """Take one step for up to 200 orders (批量办理): all or none, or each for itself with an answer of its own.

    Versions go with the orders; If-Match has no meaning here.
    """
    return change.answer(lambda: bulk.take_all(change, body, request.url.path))
