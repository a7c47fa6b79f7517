"""Two orders that are one matter: the repeat goes into the other, which is urged by it (并单, 催促)."""

import sqlalchemy as sa

from api.orders import models
from api.orders.centre import begun_again
from api.orders.life import not_now
from api.orders.queries import Row, one
from api.orders.taking import apply, held, wrong
from api.writing import Change
from schemas.order_life import OPEN
from schemas.tables import NOTICES, ORDERS, notices_follow

DONE_HERE = ("closed", "called_back")  # a repeat of these reopens them


def merge(change: Change, order_id: str, body: models.Merge) -> Row:
    """The order, merged into another one: that is urged by all its reports, and reopened where it was closed.

    Its notices go to the unit that has the other. 409 for what is archived, elsewhere or merged itself, and where
    sub-orders are open.
    """
    if body.into == order_id:
        raise wrong("body.into", "is the order itself")
    for each in sorted((order_id, body.into)):  # in one order, so that two who merge at once do not wait for each other
        one(change.store, change.actor, each, is_held=True)
    order, into = held(change, order_id, "merge"), one(change.store, change.actor, body.into)
    if into["state"] not in (*OPEN, *DONE_HERE) or into["parent_id"] or order["parent_id"]:
        why = f"{body.into} is {into['state']}: a repeat goes into a whole order that is open or was closed last."
        raise not_now(order["state"], change.actor.role, why)
    if parts := _open_parts(change, order_id):
        raise not_now(order["state"], change.actor.role, f"Its sub-orders are still open: {', '.join(parts)}.")
    _urge(change, into, order)
    gone = {"merged_into": body.into, "unit_code": into["unit_code"], "unit_duty_tier": into["unit_duty_tier"]}
    gone |= {"co_unit_codes": into["co_unit_codes"], "paused_at": None}
    after = apply(change, order, "merge", gone, body.reason, other_order_id=body.into)
    change.store.execute(notices_follow(change.now).where(NOTICES.c.order_id == order_id))
    return after


def _urge(change: Change, into: Row, order: Row) -> None:
    urged = {"urged_count": into["urged_count"] + order["urged_count"] + 1, "is_urgent": into["is_urgent"]}
    urged["is_urgent"] |= order["is_urgent"]
    after = apply(change, into, "urge", urged, other_order_id=order["order_id"])
    if into["state"] in DONE_HERE:
        why = f"{order['order_id']} repeats it"
        apply(change, after | {"state_next": "handling"}, "reopen", begun_again(change, after), why)


def _open_parts(change: Change, order_id: str) -> list[str]:
    query = sa.select(ORDERS.c.order_id).filter_by(parent_id=order_id).where(ORDERS.c.state.in_(OPEN))
    return list(change.store.scalars(query.order_by(ORDERS.c.order_id)))
