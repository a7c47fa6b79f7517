"""The steps of an order that the command centre takes, and leaders' marks."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from api.orders import centre, examples, merging, models, registering
from api.orders.routes import STEP, AnyNote, OrderId
from api.writing import Change, changing

router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])

Why = Annotated[models.Because, Body(openapi_examples=examples.BECAUSE)]


@router.post("", status_code=201, **STEP)
def register(
    change: Annotated[Change, changing("orders.register")],
    body: Annotated[models.Register, Body(openapi_examples=examples.REGISTER)],
) -> JSONResponse:
    """Note by hand what somebody calls for (登记): an order that waits to be dispatched, or goes to its unit at once.

    Unit, grade, level and due times are what the rules say, with reasons; its report goes through the lake like any.
    """
    return change.answer(lambda: models.Order(**registering.register(change, body)), 201)


@router.post("/{order_id}/dispatch", **STEP)
def dispatch(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.dispatch")],
    body: Annotated[models.Dispatch, Body(openapi_examples=examples.DISPATCH)],
) -> JSONResponse:
    """Send an order to a unit (派发), or a returned one to another (改派)."""
    return change.answer(lambda: models.Order(**centre.dispatch(change, order_id, body)))


@router.post("/{order_id}/correct", **STEP)
def correct(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.correct")],
    body: Annotated[models.Correct, Body(openapi_examples=examples.CORRECT)],
) -> JSONResponse:
    """Correct or confirm the category (更正); the order stays where it is."""
    return change.answer(lambda: models.Order(**centre.correct(change, order_id, body)))


@router.post("/{order_id}/extend", **STEP)
def extend(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.extend")],
    body: Annotated[models.Extend, Body(openapi_examples=examples.EXTEND)],
) -> JSONResponse:
    """Set a later time limit, with the reason (延期)."""
    return change.answer(lambda: models.Order(**centre.extend(change, order_id, body)))


@router.post("/{order_id}/grant-extension", **STEP)
def grant_extension(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.grant_extension")],
    body: Annotated[models.Grant, Body(default_factory=models.Grant, openapi_examples=examples.GRANT)],
) -> JSONResponse:
    """Give the time that was asked for, or another (同意延期)."""
    return change.answer(lambda: models.Order(**centre.grant_extension(change, order_id, body)))


@router.post("/{order_id}/refuse-extension", **STEP)
def refuse_extension(
    order_id: OrderId, change: Annotated[Change, changing("orders.refuse_extension")], body: Why
) -> JSONResponse:
    """Give no more time (不同意延期)."""
    return change.answer(lambda: models.Order(**centre.refuse_extension(change, order_id, body)))


@router.post("/{order_id}/remind", **STEP)
def remind(order_id: OrderId, change: Annotated[Change, changing("orders.remind")], body: Why) -> JSONResponse:
    """Remind the unit (催办)."""
    return change.answer(lambda: models.Order(**centre.mark(change, order_id, "remind", body)))


@router.post("/{order_id}/supervise", **STEP)
def supervise(order_id: OrderId, change: Annotated[Change, changing("orders.supervise")], body: Why) -> JSONResponse:
    """Supervise the order (督办)."""
    return change.answer(lambda: models.Order(**centre.mark(change, order_id, "supervise", body)))


@router.post("/{order_id}/report", **STEP)
def report(order_id: OrderId, change: Annotated[Change, changing("orders.report")], body: Why) -> JSONResponse:
    """Report the unit to the leaders (通报)."""
    return change.answer(lambda: models.Order(**centre.mark(change, order_id, "report", body)))


@router.post("/{order_id}/call-back", **STEP)
def call_back(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.call_back")],
    body: Annotated[models.CallBack, Body(openapi_examples=examples.CALL_BACK)],
) -> JSONResponse:
    """Note a call-back (回访). Reached: called back. Not reached: stays closed, the attempt is kept."""
    return change.answer(lambda: models.Order(**centre.call_back(change, order_id, body)))


@router.post("/{order_id}/reopen", **STEP)
def reopen(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.reopen")],
    body: Annotated[models.Reopen, Body(openapi_examples=examples.REOPEN)],
) -> JSONResponse:
    """Back to the unit (重办): when the last call-back says not solved or dissatisfied, or the matter is back."""
    return change.answer(lambda: models.Order(**centre.reopen(change, order_id, body)))


@router.post("/{order_id}/archive", **STEP)
def archive(order_id: OrderId, change: Annotated[Change, changing("orders.archive")], body: AnyNote) -> JSONResponse:
    """Nothing is left to do (归档); what was never called back is called back first."""
    return change.answer(lambda: models.Order(**centre.archive(change, order_id, body)))


@router.post("/{order_id}/transfer", **STEP)
def transfer(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.transfer")],
    body: Annotated[models.Transfer, Body(openapi_examples=examples.TRANSFER)],
) -> JSONResponse:
    """Hand the order to another line or authority (移交), such as 12345 to 110: it ends here."""
    return change.answer(lambda: models.Order(**centre.transfer(change, order_id, body)))


@router.post("/{order_id}/take-back", **STEP)
def take_back(order_id: OrderId, change: Annotated[Change, changing("orders.take_back")], body: Why) -> JSONResponse:
    """Take back what the other line returned (移交退回); it waits to be dispatched."""
    return change.answer(lambda: models.Order(**centre.take_back(change, order_id, body)))


@router.post("/{order_id}/merge", **STEP)
def merge(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.merge")],
    body: Annotated[models.Merge, Body(openapi_examples=examples.MERGE)],
) -> JSONResponse:
    """Merge a repeat into the order that it repeats (并单), which is urged by it (催促)."""
    return change.answer(lambda: models.Order(**merging.merge(change, order_id, body)))
