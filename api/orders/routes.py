"""Orders (工单): read them, and take the steps of the unit that has them. The centre's: `centre_routes`."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response
from fastapi.responses import JSONResponse

from api.keys.access import Actor, who_may
from api.orders import commands, examples, models, queries, sub_orders
from api.paging import page_model
from api.problems import problems
from api.shown import list_of
from api.store import Now, Reading
from api.writing import Change, changing, etag

router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])

OrderId = Annotated[str, Path(max_length=128, description="the order's number")]
Reader = Annotated[Actor, who_may("orders.read")]
STEP: dict[str, Any] = {"response_model": models.Order, "responses": {**problems(404, 409, 412), **examples.ORDER}}
AnyNote = Annotated[models.Note, Body(default_factory=models.Note, openapi_examples=examples.NOTE)]


@router.get("", response_model=page_model(models.Order), responses=problems(400))
def list_orders(store: Reading, actor: Reader, now: Now, query: Annotated[models.OrderQuery, Query()]) -> Any:
    """Orders, last dispatched first. A department sees those it leads or helps with."""
    return queries.listed(store, actor, query, now)


@router.get("/{order_id}", response_model=models.Order, responses={**problems(404), **examples.ORDER})
def get_order(order_id: OrderId, store: Reading, actor: Reader, response: Response) -> Any:
    """One order; its ETag is the version to send as If-Match."""
    order = queries.one(store, actor, order_id)
    response.headers["ETag"] = etag(order["version"])
    return order


@router.get("/{order_id}/events", response_model=list_of(models.OrderEvent), responses=problems(404))
def list_events(order_id: OrderId, store: Reading, actor: Reader) -> Any:
    """What happened to the order, the first step first."""
    return queries.events_of(store, queries.one(store, actor, order_id)["order_id"])


@router.get("/{order_id}/call-backs", response_model=list_of(models.Rating), responses=problems(404))
def list_call_backs(order_id: OrderId, store: Reading, actor: Reader) -> Any:
    """The call-backs (回访) of the order, the first attempt first."""
    return queries.call_backs_of(store, queries.one(store, actor, order_id)["order_id"])


@router.post("/{order_id}/sign", **STEP)
def sign(order_id: OrderId, change: Annotated[Change, changing("orders.sign")], body: AnyNote) -> JSONResponse:
    """Sign for the order (签收)."""
    return change.answer(lambda: models.Order(**commands.sign(change, order_id, body)))


@router.post("/{order_id}/handle", **STEP)
def handle(order_id: OrderId, change: Annotated[Change, changing("orders.handle")], body: AnyNote) -> JSONResponse:
    """Begin handling, or note how far it is (办理)."""
    return change.answer(lambda: models.Order(**commands.handle(change, order_id, body)))


@router.post("/{order_id}/ask-extension", **STEP)
def ask_extension(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.ask_extension")],
    body: Annotated[models.Extend, Body(openapi_examples=examples.EXTEND)],
) -> JSONResponse:
    """Ask for more time, with the reason (延期申请); the clock goes on until the command centre answers."""
    return change.answer(lambda: models.Order(**commands.ask_extension(change, order_id, body)))


@router.post("/{order_id}/pause", **STEP)
def pause(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.pause")],
    body: Annotated[models.Pause, Body(openapi_examples=examples.PAUSE)],
) -> JSONResponse:
    """Stop the clock while work waits for somebody else (挂起)."""
    return change.answer(lambda: models.Order(**commands.pause(change, order_id, body)))


@router.post("/{order_id}/resume", **STEP)
def resume(order_id: OrderId, change: Annotated[Change, changing("orders.resume")], body: AnyNote) -> JSONResponse:
    """Go on (恢复): what remained of the time limit when it was paused remains now, counted as the limit counts."""
    return change.answer(lambda: models.Order(**commands.resume(change, order_id, body)))


@router.post("/{order_id}/send-back", **STEP)
def send_back(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.send_back")],
    body: Annotated[models.SendBack, Body(openapi_examples=examples.SEND_BACK)],
) -> JSONResponse:
    """Give the order back to the command centre, with the reason (退单); best with the unit that should have it."""
    return change.answer(lambda: models.Order(**commands.send_back(change, order_id, body)))


@router.post("/{order_id}/sub-orders", status_code=201, **STEP)
def delegate(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.delegate")],
    body: Annotated[models.Delegate, Body(openapi_examples=examples.DELEGATE)],
) -> JSONResponse:
    """Give a part of the order to a co-handler (分办); the answer is the sub-order, which has a life of its own."""
    return change.answer(lambda: models.Order(**sub_orders.delegate(change, order_id, body)), 201)


@router.post("/{order_id}/close", **STEP)
def close(
    order_id: OrderId,
    change: Annotated[Change, changing("orders.close")],
    body: Annotated[models.Close, Body(openapi_examples=examples.CLOSE)],
) -> JSONResponse:
    """Close the order with its outcome (办结); the call-back comes next. Its sub-orders are closed before."""
    return change.answer(lambda: models.Order(**commands.close(change, order_id, body)))
