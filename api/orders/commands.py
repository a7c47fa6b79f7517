"""Steps in an order's life: each changes the order, notes the event and sends it out, together."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from api.orders import models
from api.orders.life import state_after
from api.orders.queries import Row, call_backs_of, one
from api.outbox.writing import send
from api.problems import ProblemError
from api.writing import Change
from schemas.messages import EVENT_ID
from schemas.regulation import RulesOfDay
from schemas.tables import ORDER_EVENTS, ORDERS, RATINGS


def sign(change: Change, order_id: str, body: models.Note) -> Row:
    """The unit signs for the order (签收)."""
    return _take(change, order_id, "sign", lambda _: {"signed_at": change.now}, body.reason)


def handle(change: Change, order_id: str, body: models.Note) -> Row:
    """The unit works on it, or notes how far it is (办理)."""
    return _take(change, order_id, "handle", lambda _: {}, body.reason)


def extend(change: Change, order_id: str, body: models.Extend) -> Row:
    """A later time limit (延期)."""

    def later(order: Row) -> Row:
        if body.finish_due_at <= order["finish_due_at"]:
            raise _wrong("body.finish_due_at", f"must be later than the present limit, {order['finish_due_at']:%FT%TZ}")
        return {"finish_due_at": body.finish_due_at}

    return _take(change, order_id, "extend", later, body.reason)


def send_back(change: Change, order_id: str, body: models.SendBack) -> Row:
    """The unit gives the order back to the command centre (退单)."""
    return _take(change, order_id, "send_back", lambda _: {"signed_at": None}, body.reason)


def close(change: Change, order_id: str, body: models.Close) -> Row:
    """The unit is done, with this outcome (办结)."""
    done = {"closed_at": change.now, "outcome": body.outcome}
    return _take(change, order_id, "close", lambda _: done, body.reason)


def dispatch(change: Change, order_id: str, body: models.Dispatch, rules: RulesOfDay) -> Row:
    """A returned order goes to a unit again; rules: of today, they know the units and their duty tiers."""
    unit = rules.units.get(body.unit_code)
    if unit is None:
        raise _wrong("body.unit_code", f"no such unit; known are: {', '.join(rules.units)}")
    tier = rules.duty_tier(unit).duty_tier

    def sent(order: Row) -> Row:
        due = {name: getattr(body, name) or order[name] for name in ("sign_due_at", "finish_due_at")}
        if due["sign_due_at"] > due["finish_due_at"]:
            raise _wrong("body.sign_due_at", f"must not be after the time limit, {due['finish_due_at']:%FT%TZ}")
        helpers = [code for code in order["co_unit_codes"] if code != unit.code]
        return {
            "unit_code": unit.code,
            "unit_duty_tier": tier,
            "co_unit_codes": helpers,
            "dispatched_at": change.now,
            **due,
        }

    return _take(change, order_id, "dispatch", sent, body.reason)


def call_back(change: Change, order_id: str, body: models.CallBack) -> Row:
    """Ask the caller (回访). Nobody reached: the order stays closed and waits for the next attempt."""
    order = _take(change, order_id, "call_back", lambda _: {} if body.reached else {"state": "closed"})
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
    """An order whose caller is not content goes back to the unit (重办)."""

    def again(order: Row) -> Row:
        last = call_backs_of(change.store, order_id)[-1]
        if last["was_solved"] and last["satisfaction"] != "dissatisfied":
            detail = "The last call-back says solved and not dissatisfied: there is nothing to do again."
            raise ProblemError(409, "step-not-allowed", "Step not allowed", detail, allowed_next=[])
        due = body.finish_due_at or order["finish_due_at"]
        if due < order["finish_due_at"]:
            raise _wrong("body.finish_due_at", "must not be before the present limit")
        return {"closed_at": None, "outcome": None, "finish_due_at": due}

    return _take(change, order_id, "reopen", again, body.reason)


def _take(
    change: Change, order_id: str, event: str, change_of: Callable[[Row], dict[str, Any]], reason: str | None = None
) -> Row:
    """The order after the step. 404, 403, 412, 409 in this order, before anything is changed."""
    order = one(change.store, change.actor, order_id, is_held=True)
    _require_lead(change, order)
    change.require_version(order["version"])
    state = state_after(order["state"], event, change.actor.role)
    changes = {"state": state, **change_of(order), "updated_at": change.now, "version": order["version"] + 1}
    change.store.execute(sa.update(ORDERS).filter_by(order_id=order_id).values(changes))
    after = order | changes
    _note(change, event, order["state"], after, reason)
    return after


def _note(change: Change, event: str, from_state: str, after: Row, reason: str | None) -> None:
    row = {
        "event_id": EVENT_ID.format(after["order_id"], after["version"]),
        **{name: after[name] for name in ("order_id", "version", "unit_code", "outcome", "finish_due_at")},
        "event": event,
        "from_state": from_state,
        "to_state": after["state"],
        "role": change.actor.role,
        "reason": reason,
        "occurred_at": change.now,
    }
    change.store.execute(sa.insert(ORDER_EVENTS).values(row))
    send(change.store, "order_event", row)


def _require_lead(change: Change, order: Row) -> None:
    if change.actor.role == "department" and change.actor.unit_code != order["unit_code"]:
        detail = f"Your unit helps with this order; its lead unit {order['unit_code']} takes the steps."
        raise ProblemError(403, "not-the-lead", "Only the lead unit may do this", detail)


def _wrong(where: str, what: str) -> ProblemError:
    errors = [{"where": where, "what": what}]
    return ProblemError(422, "invalid", "The request cannot be understood", f"{where} {what}", errors=errors)
