"""How any step is taken: the order is held, the step checked, the change made, noted and sent out, together."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from api.orders.life import state_after
from api.orders.queries import Row, events_of, one
from api.outbox.writing import send
from api.problems import ProblemError
from api.writing import Change
from schemas.messages import EVENT_ID
from schemas.order_life import BACK, LIFE
from schemas.regulation import RulesOfDay, Unit
from schemas.tables import ORDER_EVENTS, ORDERS

# Of the order after each step, and what only some kinds of steps say.
NOTED = ("order_id", "version", "unit_code", "category", "outcome", "finish_due_at", "finish_rule")
SAID = ("better_unit_code", "better_category", "pause_cause", "asked_due_at", "other_order_id", "transferred_to")


def take(
    change: Change,
    order_id: str,
    event: str,
    change_of: Callable[[Row], dict[str, Any]] = lambda _: {},
    reason: str | None = None,
    **told: Any,
) -> Row:
    """The order after the step. change_of: the order -> columns to set, or a problem. told: what only the event says.

    404, 403, 412, 409 in this order, before any change.
    """
    order = held(change, order_id, event)
    return apply(change, order, event, change_of(order), reason, **told)


def held(change: Change, order_id: str, event: str) -> Row:
    """The order, held until the transaction ends; `state_next` is where the step leads. Errors as `take`."""
    order = one(change.store, change.actor, order_id, is_held=True)
    _require_lead(change, order)
    change.require_version(order["version"])
    came_from = _came_from(change, order) if LIFE[event].to_state == BACK else None
    return order | {"state_next": state_after(order["state"], event, change.actor.role, came_from)}


def apply(
    change: Change, order: Row, event: str, changes: dict[str, Any], reason: str | None = None, **told: Any
) -> Row:
    """The order after a step that was checked: changed, noted, sent out."""
    before = {name: value for name, value in order.items() if name != "state_next"}
    changes = {
        "state": order.get("state_next", order["state"]),
        **_with_rules(event, before, changes),
        "updated_at": change.now,
        "version": before["version"] + 1,
    }
    change.store.execute(sa.update(ORDERS).filter_by(order_id=before["order_id"]).values(changes))
    after = before | changes
    note(change, after, {"event": event, "from_state": before["state"], "reason": reason, **told})
    return after


def note(change: Change, after: Row, step: dict[str, Any]) -> None:
    """The event of a step, for its readers and for the lake. step: event, from_state, reason and what else it says."""
    row = {
        "event_id": EVENT_ID.format(after["order_id"], after["version"]),
        **{name: after[name] for name in NOTED},
        "to_state": after["state"],
        **dict.fromkeys(SAID),
        **step,
        "role": change.actor.role,
        "occurred_at": change.now,
    }
    change.store.execute(sa.insert(ORDER_EVENTS), row)
    send(change.store, "order_event", row)


def known_unit(rules: RulesOfDay, where: str, code: str) -> Unit:
    """The unit; 422 naming those there are."""
    if (unit := rules.units.get(code)) is None:
        raise wrong(where, f"no such unit; known are: {', '.join(rules.units)}")
    return unit


def wrong(where: str, what: str) -> ProblemError:
    """422 for one value of the request."""
    errors = [{"where": where, "what": what}]
    return ProblemError(422, "invalid", "The request cannot be understood", f"{where} {what}", errors=errors)


def _with_rules(event: str, order: Row, changes: Row) -> Row:
    """The changes with what gave each due time that they move: this step, where they name nothing else."""
    by, times = f"{event}@{order['version'] + 1}", {"sign_due_at": "sign_rule", "finish_due_at": "finish_rule"}
    moved = {rule: by for due, rule in times.items() if changes.get(due, order[due]) != order[due]}
    return moved | changes


def _came_from(change: Change, order: Row) -> str | None:
    """The state before the present one."""
    steps = [event for event in events_of(change.store, order["order_id"]) if event["from_state"] != event["to_state"]]
    into = [event["from_state"] for event in steps if event["to_state"] == order["state"]]
    return into[-1] if into else None


def _require_lead(change: Change, order: Row) -> None:
    if change.actor.role == "department" and change.actor.unit_code != order["unit_code"]:
        detail = f"Your unit helps with this order; its lead unit {order['unit_code']} takes the steps."
        raise ProblemError(403, "not-the-lead", "Only the lead unit may do this", detail)
