"""One step for many orders (批量办理): all of them or none, or each for itself with its own answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from api.keys.access import require_right
from api.orders import centre, commands, merging, models
from api.orders.queries import Row
from api.problems import FieldError, Problem, ProblemError, as_problem, invalid
from api.writing import Change

MOST = 200
Do = Callable[[Change, str, Any], Row]


def _mark(event: str) -> Do:
    return lambda change, order_id, body: centre.mark(change, order_id, event, body)


# Steps that mean the same for many orders. The answers of one caller and the parts of one order are not among them.
STEPS: dict[str, tuple[type[BaseModel], Do]] = {
    "sign": (models.Note, commands.sign),
    "handle": (models.Note, commands.handle),
    "ask_extension": (models.Extend, commands.ask_extension),
    "grant_extension": (models.Grant, centre.grant_extension),
    "refuse_extension": (models.Because, centre.refuse_extension),
    "extend": (models.Extend, centre.extend),
    "pause": (models.Pause, commands.pause),
    "resume": (models.Note, commands.resume),
    "send_back": (models.SendBack, commands.send_back),
    "dispatch": (models.Dispatch, centre.dispatch),
    "close": (models.Close, commands.close),
    "reopen": (models.Reopen, centre.reopen),
    "archive": (models.Note, centre.archive),
    "transfer": (models.Transfer, centre.transfer),
    "take_back": (models.Because, centre.take_back),
    "merge": (models.Merge, merging.merge),
    "correct": (models.Correct, centre.correct),
    "remind": (models.Because, _mark("remind")),
    "supervise": (models.Because, _mark("supervise")),
    "report": (models.Because, _mark("report")),
}


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order_id: str = Field(min_length=1, max_length=128)
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="that you saw; 412 where it is another by now")


class Bulk(BaseModel):
    """The same step for many orders."""

    model_config = ConfigDict(extra="forbid")

    step: Literal[tuple(STEPS)]  # type: ignore[valid-type]  # the codes are the table's
    mode: Literal["all", "each"] = Field(
        "all", description="`all`: every order or none (409 names those that cannot); `each`: every one for itself"
    )
    orders: list[Item] = Field(min_length=1, max_length=MOST)
    body: dict[str, Any] = Field(default_factory=dict, description="what the step takes for one order")

    @model_validator(mode="after")
    def _once(self) -> "Bulk":
        if len({item.order_id for item in self.orders}) < len(self.orders):
            raise ValueError("name each order once")
        return self


class Done(BaseModel):
    """What came of one order: the order after the step, or the problem."""

    order_id: str
    status: int = Field(description="as the step alone would answer")
    order: models.Order | None = None
    problem: Problem | None = None


class BulkDone(BaseModel):
    """One answer an order, as they were named."""

    done: int = Field(description="orders that took the step")
    refused: int
    items: list[Done]


def take_all(change: Change, bulk: Bulk, path: str) -> BulkDone:
    """The step for each order, in one transaction. path: of the request, for the problems.

    403 without the right to the step, 422 where its body is wrong; in mode `all` 409 where any order cannot take it,
    and nothing is changed.
    """
    body = _body(change, bulk)
    # In the order of their numbers: two who take many orders at once then never wait for each other in a circle.
    found = {item.order_id: _one(change, item, body, bulk.step, path) for item in _sorted(bulk.orders)}
    items = [found[item.order_id] for item in bulk.orders]
    refused = [item for item in items if item.problem]
    if refused and bulk.mode == "all":
        raise _none(items)
    return BulkDone(done=len(items) - len(refused), refused=len(refused), items=items)


def _one(change: Change, item: Item, body: BaseModel, step: str, path: str) -> Done:
    seen = replace(change, if_match=None if item.version is None else f'"{item.version}"')
    try:
        with change.store.begin_nested():
            order = STEPS[step][1](seen, item.order_id, body)
    except ProblemError as error:
        return Done(order_id=item.order_id, status=error.status, problem=as_problem(error, path))
    return Done(order_id=item.order_id, status=200, order=models.Order(**order))


def _body(change: Change, bulk: Bulk) -> BaseModel:
    require_right(change.actor, f"orders.{bulk.step}")
    try:
        found: BaseModel = TypeAdapter(STEPS[bulk.step][0]).validate_python(bulk.body)
    except ValidationError as error:
        raise invalid([{**one, "loc": ("body", "body", *one["loc"])} for one in error.errors()]) from None
    return found


def _none(items: list[Done]) -> ProblemError:
    errors = [
        FieldError(where=f"body.orders.{place}", what=f"{item.order_id}: {item.problem.detail}")
        for place, item in enumerate(items)
        if item.problem
    ]
    detail = f"{len(errors)} of {len(items)} orders cannot take the step, so none did. Leave them out, or send `each`."
    return ProblemError(409, "none-taken", "Not all orders can take the step", detail, errors=errors)


def _sorted(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.order_id)
