"""Orders as the store gives them; a department finds its own only."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from api.keys.access import Actor
from api.orders.models import OrderFilters, OrderQuery
from api.paging import given, page_of_all
from api.problems import ProblemError
from schemas.order_life import ENDED
from schemas.tables import INCIDENT_REPORTS, ORDER_EVENTS, ORDERS, RATINGS, SAID

Row = dict[str, Any]


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Which orders the actor may see: a department those it leads or helps with, once they are dispatched, other
    roles all.
    """
    return sa.or_(*_seen_as(actor))


def _seen_as(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """The same in parts that have no order in common."""
    if actor.role != "department":
        return [sa.true()]
    assert actor.unit_code
    return [part & (ORDERS.c.state != "to_dispatch") for part in of_unit(actor.unit_code)]


def of_unit(unit_code: str) -> list[sa.ColumnElement[bool]]:
    """What the unit leads, and what it helps with: no order is both."""
    leads = ORDERS.c.unit_code == unit_code
    return [leads, ~leads & ORDERS.c.co_unit_codes.contains([unit_code])]


def listed(store: sa.Connection, actor: Actor, query: OrderQuery, now: datetime) -> Row:
    """A page of the orders that match, last dispatched first."""
    of_units = [sa.true()] if query.unit is None or query.unit == actor.unit_code else of_unit(query.unit)
    parts = [mine & theirs for mine in _seen_as(actor) for theirs in of_units]
    wanted = _filters(query, now)
    found = [sa.select(ORDERS).where(part, *wanted) for part in parts]
    return page_of_all(store, found, [ORDERS.c.dispatched_at, ORDERS.c.order_id], query)


def every(actor: Actor, query: OrderFilters, now: datetime) -> sa.Select[Any]:
    """All orders that match and the actor may see, last dispatched first."""
    found = sa.select(ORDERS).where(visible(actor), *_filters(query, now))
    return found.order_by(ORDERS.c.dispatched_at.desc(), ORDERS.c.order_id.desc())


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


def _filters(query: OrderFilters, now: datetime) -> list[sa.ColumnElement[bool]]:
    c, reports = ORDERS.c, INCIDENT_REPORTS.c
    return given(query, {
        "state": c.state.in_,
        "event_grade": lambda v: c.event_grade == v,
        "handling_level": lambda v: c.handling_level == v,
        "unit_duty_tier": lambda v: c.unit_duty_tier == v,
        "category": lambda v: c.category == v,
        "township": lambda v: c.township_code == v,
        "urgent": lambda v: c.is_urgent == v,
        "overdue": lambda v: _overdue(now) if v else ~_overdue(now),
        "due_before": lambda v: c.finish_due_at < v,
        "due_from": lambda v: c.finish_due_at >= v,
        "accepted_before": lambda v: c.accepted_at < v,
        "accepted_from": lambda v: c.accepted_at >= v,
        "grid": lambda v: c.grid_code.startswith(v, autoescape=True),
        "bbox": _inside,
        "feed": lambda v: sa.exists().where(reports.incident_id == c.incident_id, reports.feed == v),
        "parent": lambda v: c.parent_id == v,
        "q": _says,
    })  # fmt: skip


def _inside(bbox: str) -> sa.ColumnElement[bool]:
    west, south, east, north = map(float, bbox.split(","))
    return ORDERS.c.lon.between(west, east) & ORDERS.c.lat.between(south, north)


def _says(words: str) -> sa.ColumnElement[bool]:
    """Whether text or place holds these words, whatever the case of latin letters.

    The index finds what has all their pairs of signs; one sign alone is looked for in order after order.
    """
    holds = sa.func.lower(sa.literal_column(SAID)).contains(words.lower(), autoescape=True)
    if len(words) == 1:
        return holds
    pairs = sa.literal_column(f"pairs_of_signs({SAID})", postgresql.ARRAY(sa.Text))
    return holds & pairs.contains(sa.func.pairs_of_signs(words, type_=postgresql.ARRAY(sa.Text)))


def _overdue(now: datetime) -> sa.ColumnElement[bool]:
    """Not signed for, or not finished, in time."""
    unsigned = (ORDERS.c.state == "dispatched") & (ORDERS.c.sign_due_at < now)
    # While the clock stands, only what was late already when it stopped.
    unfinished = ORDERS.c.state.not_in(ENDED) & (ORDERS.c.finish_due_at < sa.func.coalesce(ORDERS.c.paused_at, now))
    return unsigned | unfinished
