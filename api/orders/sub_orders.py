"""Sub-orders (分办): a part of an order that a co-handler does, with a life of its own."""

import sqlalchemy as sa

from api.orders import models
from api.orders.life import not_now
from api.orders.queries import Row
from api.orders.taking import apply, held, known_unit, note, wrong
from api.writing import Change
from schemas.tables import ORDERS


def delegate(change: Change, order_id: str, body: models.Delegate) -> Row:
    """The new sub-order, dispatched to its unit; the lead of the whole sees it. Its limit is never later than the
    whole's.
    """
    rules = change.rules_of_today
    unit = known_unit(rules, "body.unit_code", body.unit_code)
    order = held(change, order_id, "delegate")
    if order["parent_id"]:
        raise not_now(order["state"], change.actor.role, f"It is a part of {order['parent_id']} itself.")
    if unit.code == order["unit_code"]:
        raise wrong("body.unit_code", "is the lead unit itself: name a co-handler")
    due_at = body.finish_due_at or order["finish_due_at"]
    if not change.now < due_at <= order["finish_due_at"]:
        told = f"must be in the future and not after the limit of the whole, {order['finish_due_at']:%FT%TZ}"
        raise wrong("body.finish_due_at", told)
    siblings = sa.select(sa.func.count()).select_from(ORDERS).where(ORDERS.c.parent_id == order_id)
    part_id = f"{order_id}-{(change.store.scalar(siblings) or 0) + 1}"
    helpers = [*order["co_unit_codes"], *({unit.code} - set(order["co_unit_codes"]))]
    apply(change, order, "delegate", {"co_unit_codes": helpers}, body.reason, other_order_id=part_id)
    time_to_sign = order["sign_due_at"] - order["accepted_at"]
    part = {name: value for name, value in order.items() if name != "state_next"} | {
        "order_id": part_id,
        "parent_id": order_id,
        "state": "dispatched",
        "unit_code": unit.code,
        "unit_duty_tier": rules.duty_tier(unit).duty_tier,
        "co_unit_codes": [order["unit_code"]],
        "reasons": [f"unit_code: delegate@{order['version'] + 1}: {body.reason}", *order["reasons"]],
        "urged_count": 0,
        "refused_by": [],
        "dispatched_at": change.now,
        "sign_due_at": min(change.now + time_to_sign, due_at),
        "sign_rule": f"delegate@{order['version'] + 1}",
        "finish_due_at": due_at,
        "finish_rule": f"delegate@{order['version'] + 1}" if body.finish_due_at else order["finish_rule"],
        "signed_at": None,
        "paused_at": None,
        "updated_at": change.now,
        "version": 1,
    }
    change.store.execute(sa.insert(ORDERS).values(part))
    note(change, part, {"event": "dispatch", "from_state": None, "reason": body.reason, "other_order_id": order_id})
    return part
