"""Steps of the unit that has the order."""

from typing import Any

import sqlalchemy as sa

from api.orders import models
from api.orders.life import not_now
from api.orders.pausing import due_after_pauses
from api.orders.queries import Row, events_of
from api.orders.taking import apply, held, known_unit, take, wrong
from api.writing import Change
from schemas.order_life import OPEN
from schemas.tables import ORDERS


def sign(change: Change, order_id: str, body: models.Note) -> Row:
    """The unit signs for the order (签收)."""
    return take(change, order_id, "sign", lambda _: {"signed_at": change.now}, body.reason)


def handle(change: Change, order_id: str, body: models.Note) -> Row:
    """The unit works on it, or notes how far it is (办理)."""
    return take(change, order_id, "handle", reason=body.reason)


def ask_extension(change: Change, order_id: str, body: models.Extend) -> Row:
    """The unit asks for more time (延期申请); the clock goes on until the command centre has answered."""

    def asked(order: Row) -> dict[str, Any]:
        require_later(order, body)
        return {}

    return take(change, order_id, "ask_extension", asked, body.reason, asked_due_at=body.finish_due_at)


def pause(change: Change, order_id: str, body: models.Pause) -> Row:
    """The clock stands while the unit waits for somebody else (挂起)."""
    return take(change, order_id, "pause", lambda _: {"paused_at": change.now}, body.reason, pause_cause=body.cause)


def resume(change: Change, order_id: str, body: models.Note) -> Row:
    """The clock goes on (恢复) with what remained."""

    def going_on(order: Row) -> Row:
        steps = events_of(change.store, order_id)
        return {"paused_at": None, **due_after_pauses(order, steps, change.now, change.rules)}

    return take(change, order_id, "resume", going_on, body.reason)


def send_back(change: Change, order_id: str, body: models.SendBack) -> Row:
    """The unit gives the order back to the command centre (退单); it may say whose it is, or what it is about."""
    if body.better_unit_code is not None:
        known_unit(change.rules_of_today, "body.better_unit_code", body.better_unit_code)

    def returned(order: Row) -> Row:
        for name, present in (("better_unit_code", "unit_code"), ("better_category", "category")):
            if getattr(body, name) == order[present]:
                raise wrong(f"body.{name}", f"is what the order has: name another one than {order[present]}, or none")
        refused = [unit for unit in order["refused_by"] if unit != order["unit_code"]]
        return {"signed_at": None, "refused_by": [*refused, order["unit_code"]]}

    better = {"better_unit_code": body.better_unit_code, "better_category": body.better_category}
    return take(change, order_id, "send_back", returned, body.reason, **better)


def close(change: Change, order_id: str, body: models.Close) -> Row:
    """The unit is done, with this outcome (办结). 409 while a sub-order is open; closed ones are archived with it."""
    order = held(change, order_id, "close")
    parts = _sub_orders(change, order_id)
    if is_open := [part["order_id"] for part in parts if part["state"] in OPEN]:
        why = f"Sub-orders are still open: {', '.join(is_open)}. Close the order when they are closed."
        raise not_now(order["state"], change.actor.role, why)
    for part in parts:
        if part["state"] == "closed":
            apply(change, part | {"state_next": "archived"}, "archive", {}, f"with {order_id}")
    return apply(change, order, "close", {"closed_at": change.now, "outcome": body.outcome}, body.reason)


def require_later(order: Row, body: models.Extend) -> None:
    """422 unless the time limit is later than the present one."""
    if body.finish_due_at <= order["finish_due_at"]:
        raise wrong("body.finish_due_at", f"must be later than the present limit, {order['finish_due_at']:%FT%TZ}")


def _sub_orders(change: Change, order_id: str) -> list[Row]:
    query = sa.select(ORDERS).filter_by(parent_id=order_id).order_by(ORDERS.c.order_id).with_for_update()
    return [dict(row) for row in change.store.execute(query).mappings()]
