"""Steps in an order's life: each changes the order, notes the event and sends it out, together."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from api.orders import models
from api.orders.life import state_after
from api.orders.pausing import due_after_pauses
from api.orders.queries import Row, call_backs_of, events_of, one
from api.outbox.writing import send
from api.problems import ProblemError
from api.writing import Change
from schemas.messages import EVENT_ID
from schemas.regulation import Regulation, RulesOfDay, Unit
from schemas.tables import NOTICES, ORDER_EVENTS, ORDERS, RATINGS, notices_follow

# Of the order after each step, and what only some kinds of steps say.
NOTED = ("order_id", "version", "unit_code", "category", "outcome", "finish_due_at", "finish_rule")
SAID = ("better_unit_code", "better_category", "pause_cause")


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


def pause(change: Change, order_id: str, body: models.Pause) -> Row:
    """The clock stands while the unit waits for somebody else (挂起)."""
    return _take(change, order_id, "pause", lambda _: {"paused_at": change.now}, body.reason, pause_cause=body.cause)


def resume(change: Change, order_id: str, body: models.Note, rules: Regulation) -> Row:
    """The clock goes on (恢复) with what remained; rules: of all times, they know how the order's limit counts."""

    def going_on(order: Row) -> Row:
        return {"paused_at": None, **due_after_pauses(order, events_of(change.store, order_id), change.now, rules)}

    return _take(change, order_id, "resume", going_on, body.reason)


def send_back(change: Change, order_id: str, body: models.SendBack, rules: RulesOfDay) -> Row:
    """The unit gives the order back to the command centre (退单), and may say who should have it or what it is about.

    rules: of today, they know the units.
    """
    if body.better_unit_code is not None:
        _known_unit(rules, "body.better_unit_code", body.better_unit_code)

    def returned(order: Row) -> Row:
        for name, present in (("better_unit_code", "unit_code"), ("better_category", "category")):
            if getattr(body, name) == order[present]:
                raise _wrong(f"body.{name}", f"is what the order has: name another one than {order[present]}, or none")
        return {"signed_at": None}

    better = {"better_unit_code": body.better_unit_code, "better_category": body.better_category}
    return _take(change, order_id, "send_back", returned, body.reason, **better)


def close(change: Change, order_id: str, body: models.Close) -> Row:
    """The unit is done, with this outcome (办结)."""
    done = {"closed_at": change.now, "outcome": body.outcome}
    return _take(change, order_id, "close", lambda _: done, body.reason)


def dispatch(change: Change, order_id: str, body: models.Dispatch, rules: RulesOfDay) -> Row:
    """A returned order goes to a unit again; rules: of today, they know the units and their duty tiers."""
    unit = _known_unit(rules, "body.unit_code", body.unit_code)
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
            "category": body.category or order["category"],
            **due,
        }

    order = _take(change, order_id, "dispatch", sent, body.reason)
    change.store.execute(notices_follow(change.now).where(NOTICES.c.order_id == order_id))
    return order


def correct(change: Change, order_id: str, body: models.Correct) -> Row:
    """A dispatcher says what the order is about (更正); where that is what it says already, it is confirmed."""
    return _take(change, order_id, "correct", lambda _: {"category": body.category}, body.reason)


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
    change: Change,
    order_id: str,
    event: str,
    change_of: Callable[[Row], dict[str, Any]],
    reason: str | None = None,
    **told: str | None,
) -> Row:
    """The order after the step; told: what only the event says. 404, 403, 412, 409 in this order, before any change."""
    order = one(change.store, change.actor, order_id, is_held=True)
    _require_lead(change, order)
    change.require_version(order["version"])
    state = state_after(order["state"], event, change.actor.role)
    changes = {
        "state": state,
        **_with_rules(event, order, change_of(order)),
        "updated_at": change.now,
        "version": order["version"] + 1,
    }
    change.store.execute(sa.update(ORDERS).filter_by(order_id=order_id).values(changes))
    after = order | changes
    step = {"event": event, "from_state": order["state"], "to_state": after["state"], "reason": reason}
    _note(change, after, {**step, **dict.fromkeys(SAID), **told})
    return after


def _with_rules(event: str, order: Row, changes: Row) -> Row:
    """The changes with what gave each due time that they move: this step, where they name nothing else."""
    by, times = f"{event}@{order['version'] + 1}", {"sign_due_at": "sign_rule", "finish_due_at": "finish_rule"}
    moved = {rule: by for due, rule in times.items() if changes.get(due, order[due]) != order[due]}
    return moved | changes


def _note(change: Change, after: Row, step: dict[str, Any]) -> None:
    row = {
        "event_id": EVENT_ID.format(after["order_id"], after["version"]),
        **{name: after[name] for name in NOTED},
        **step,
        "role": change.actor.role,
        "occurred_at": change.now,
    }
    change.store.execute(sa.insert(ORDER_EVENTS).values(row))
    send(change.store, "order_event", row)


def _require_lead(change: Change, order: Row) -> None:
    if change.actor.role == "department" and change.actor.unit_code != order["unit_code"]:
        detail = f"Your unit helps with this order; its lead unit {order['unit_code']} takes the steps."
        raise ProblemError(403, "not-the-lead", "Only the lead unit may do this", detail)


def _known_unit(rules: RulesOfDay, where: str, code: str) -> Unit:
    if (unit := rules.units.get(code)) is None:
        raise _wrong(where, f"no such unit; known are: {', '.join(rules.units)}")
    return unit


def _wrong(where: str, what: str) -> ProblemError:
    errors = [{"where": where, "what": what}]
    return ProblemError(422, "invalid", "The request cannot be understood", f"{where} {what}", errors=errors)
