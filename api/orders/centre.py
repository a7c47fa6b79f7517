"""Steps of the command centre."""

from typing import Any

import sqlalchemy as sa

from api.orders import models
from api.orders.commands import require_later
from api.orders.life import not_now
from api.orders.queries import Row, call_backs_of, events_of
from api.orders.taking import apply, held, known_unit, take, wrong
from api.outbox.writing import send
from api.writing import Change
from schemas.regulation.clock import limit_anew
from schemas.tables import NOTICES, RATINGS, notices_follow


def dispatch(change: Change, order_id: str, body: models.Dispatch) -> Row:
    """An order goes to a unit, or to another one.

    409 where that unit has sent it back before, unless `force` says that it is meant.
    """
    rules = change.rules_of_today
    unit = known_unit(rules, "body.unit_code", body.unit_code)
    order = held(change, order_id, "dispatch")
    if unit.code in order["refused_by"] and not body.force:
        why = f"{unit.code} has sent this order back; send `force` with the reason if it must take it."
        raise not_now(order["state"], change.actor.role, why)
    due = {name: getattr(body, name) or order[name] for name in ("sign_due_at", "finish_due_at")}
    if due["sign_due_at"] > due["finish_due_at"]:
        raise wrong("body.sign_due_at", f"must not be after the time limit, {due['finish_due_at']:%FT%TZ}")
    sent = {
        "unit_code": unit.code,
        "unit_duty_tier": rules.duty_tier(unit).duty_tier,
        "co_unit_codes": [code for code in order["co_unit_codes"] if code != unit.code],
        "dispatched_at": change.now,
        "category": body.category or order["category"],
        **due,
    }
    after = apply(change, order, "dispatch", sent, body.reason)
    change.store.execute(notices_follow(change.now).where(NOTICES.c.order_id == order_id))
    return after


def correct(change: Change, order_id: str, body: models.Correct) -> Row:
    """A dispatcher says what the order is about (更正); where that is what it says already, it is confirmed."""
    return take(change, order_id, "correct", lambda _: {"category": body.category}, body.reason)


def extend(change: Change, order_id: str, body: models.Extend) -> Row:
    """A later time limit (延期), by the centre itself."""

    def later(order: Row) -> Row:
        require_later(order, body)
        return {"finish_due_at": body.finish_due_at}

    return take(change, order_id, "extend", later, body.reason)


def grant_extension(change: Change, order_id: str, body: models.Grant) -> Row:
    """The time asked for, or the one given here (同意延期); the order goes back to where it was."""

    def granted(order: Row) -> Row:
        asked = [event["asked_due_at"] for event in events_of(change.store, order_id) if event["asked_due_at"]]
        due = body.finish_due_at or asked[-1]
        if due <= order["finish_due_at"]:
            raise wrong("body.finish_due_at", f"must be later than the present limit, {order['finish_due_at']:%FT%TZ}")
        return {"finish_due_at": due}

    return take(change, order_id, "grant_extension", granted, body.reason)


def refuse_extension(change: Change, order_id: str, body: models.Because) -> Row:
    """No more time (不同意延期); the order goes back to where it was, with the limit it had."""
    return take(change, order_id, "refuse_extension", reason=body.reason)


def mark(change: Change, order_id: str, event: str, body: models.Because) -> Row:
    """A step of the ladder by a person: event is remind (催办), supervise (督办) or report (通报)."""
    return take(change, order_id, event, reason=body.reason)


def call_back(change: Change, order_id: str, body: models.CallBack) -> Row:
    """Ask the caller (回访). Nobody reached: the order stays closed and waits for the next attempt."""
    order = held(change, order_id, "call_back")
    if order["parent_id"]:
        raise not_now(order["state"], change.actor.role, f"Callers are asked about the whole, {order['parent_id']}.")
    order = apply(change, order, "call_back", {} if body.reached else {"state": "closed"})
    rating = {
        "order_id": order_id,
        "attempt": len(call_backs_of(change.store, order_id)) + 1,
        "unit_code": order["unit_code"],
        "was_reached": body.reached,
        **body.answers,
        "accepted_at": order["accepted_at"],
        "called_back_at": change.now,
    }
    change.store.execute(sa.insert(RATINGS).values(rating))
    send(change.store, "rating", rating)
    return order


def reopen(change: Change, order_id: str, body: models.Reopen) -> Row:
    """Back to the unit in charge, as work of its own (重办): with a new limit, by rule, where the old one is over."""
    order = held(change, order_id, "reopen")
    asked = call_backs_of(change.store, order_id)
    if order["state"] == "called_back" and asked[-1]["was_solved"] and asked[-1]["satisfaction"] != "dissatisfied":
        why = "The last call-back says solved and not dissatisfied: there is nothing to do again."
        raise not_now(order["state"], change.actor.role, why)
    if body.finish_due_at and body.finish_due_at < order["finish_due_at"]:
        raise wrong("body.finish_due_at", "must not be before the present limit")
    return apply(change, order, "reopen", begun_again(change, order, body), body.reason)


def begun_again(change: Change, order: Row, body: models.Reopen | None = None) -> dict[str, Any]:
    """What a reopened order has: no end, and a limit that the unit can keep."""
    again = {"closed_at": None, "outcome": None}
    if body and body.finish_due_at:
        return again | {"finish_due_at": body.finish_due_at}
    if order["finish_due_at"] > change.now:
        return again
    due_at, rule = limit_anew(change.rules, order["reasons"], order["accepted_at"], order["finish_due_at"], change.now)
    return again | {"finish_due_at": due_at, "finish_rule": f"{rule}; from reopen@{order['version'] + 1}"}


def archive(change: Change, order_id: str, body: models.Note) -> Row:
    """Nothing is left to do (归档). What was closed is called back first, unless it is a part of another order."""
    order = held(change, order_id, "archive")
    if order["state"] == "closed" and not order["parent_id"] and not call_backs_of(change.store, order_id):
        raise not_now(order["state"], change.actor.role, "Nobody has tried to reach the caller yet: call back first.")
    return apply(change, order, "archive", {}, body.reason)


def transfer(change: Change, order_id: str, body: models.Transfer) -> Row:
    """To another line or authority (移交): it ends here, and says who has it."""
    return take(
        change, order_id, "transfer", lambda _: {"transferred_to": body.line}, body.reason, transferred_to=body.line
    )


def take_back(change: Change, order_id: str, body: models.Because) -> Row:
    """The other line gave it back: it waits at the command centre to be dispatched."""
    return take(change, order_id, "take_back", lambda _: {"transferred_to": None}, body.reason)
