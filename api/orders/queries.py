"""Orders as the store gives them; a department finds its own only."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.keys.access import Actor
from api.orders.models import OrderQuery
from api.paging import given, page_of
from api.problems import ProblemError
from schemas.order_life import ENDED
from schemas.tables import ORDER_EVENTS, ORDERS, RATINGS

Row = dict[str, Any]


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Which orders the actor may see: a department those it leads or helps with, once they
    are dispatched, other roles all."""
    if actor.role == "department":
        assert actor.unit_code
        return of_unit(actor.unit_code) & (ORDERS.c.state != "to_dispatch")
    return sa.true()


def of_unit(unit_code: str) -> sa.ColumnElement[bool]:
    return (ORDERS.c.unit_code == unit_code) | ORDERS.c.co_unit_codes.contains([unit_code])


def listed(store: sa.Connection, actor: Actor, query: OrderQuery, now: datetime) -> Row:
    """A page of the orders that match, last dispatched first."""
    found = sa.select(ORDERS).where(visible(actor), *_filters(query, now))
    return page_of(store, found, [ORDERS.c.dispatched_at, ORDERS.c.order_id], query)


def one(store: sa.Connection, actor: Actor, order_id: str, is_held: bool = False) -> Row:
    """The order, held against other writers if asked; 404 for those the actor may not see."""
    query = sa.select(ORDERS).where(ORDERS.c.order_id == order_id, visible(actor))
    row = store.execute(query.with_for_update() if is_held else query).mappings().one_or_none()
    if row is None:
        detail = f"There is no order {order_id!r} for you. Check the number; a department sees its own orders only."
        raise ProblemError(404, "not-found", "No such order", detail)
    return dict(row)


def events_of(store: sa.Connection, order_id: str) -> list[Row]:
    """Its steps, the first first."""
    query = sa.select(ORDER_EVENTS).filter_by(order_id=order_id).order_by(ORDER_EVENTS.c.version)
    return [dict(row) for row in store.execute(query).mappings()]


def call_backs_of(store: sa.Connection, order_id: str) -> list[Row]:
    """Its call-backs, the first first."""
    query = sa.select(RATINGS).filter_by(order_id=order_id).order_by(RATINGS.c.attempt)
    return [dict(row) for row in store.execute(query).mappings()]


def _filters(query: OrderQuery, now: datetime) -> list[sa.ColumnElement[bool]]:
    c = ORDERS.c
    return given(query, {
        "state": c.state.in_,
        "unit": of_unit,
        "event_grade": lambda v: c.event_grade == v,
        "handling_level": lambda v: c.handling_level == v,
        "unit_duty_tier": lambda v: c.unit_duty_tier == v,
        "category": lambda v: c.category == v,
        "township": lambda v: c.township_code == v,
        "urgent": lambda v: c.is_urgent == v,
        "overdue": lambda v: _overdue(now) if v else ~_overdue(now),
        "q": lambda v: c.text.contains(v, autoescape=True) | c.place.contains(v, autoescape=True),
    })  # fmt: skip


def _overdue(now: datetime) -> sa.ColumnElement[bool]:
    """Not signed for, or not finished, in time."""
    unsigned = (ORDERS.c.state == "dispatched") & (ORDERS.c.sign_due_at < now)
    # While the clock stands, only what was late already when it stopped.
    unfinished = ORDERS.c.state.not_in(ENDED) & (ORDERS.c.finish_due_at < sa.func.coalesce(ORDERS.c.paused_at, now))
    return unsigned | unfinished
