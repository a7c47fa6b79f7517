"""Notices as the store gives them; a department finds those of its own orders only."""

from typing import Any

import sqlalchemy as sa

from api.keys.access import Actor
from api.notices.models import NoticeQuery
from api.orders.queries import visible
from api.paging import given, page_of
from schemas.tables import NOTICES, ORDERS

Row = dict[str, Any]


def listed(store: sa.Connection, actor: Actor, query: NoticeQuery) -> Row:
    """A page of the notices that match, last told first."""
    found = sa.select(NOTICES).where(_seen_by(actor), *_filters(query))
    return page_of(store, found, [NOTICES.c.noticed_at, NOTICES.c.report_id], query)


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    if actor.role != "department":
        return sa.true()
    return sa.exists().where(ORDERS.c.order_id == NOTICES.c.order_id, visible(actor))


def _filters(query: NoticeQuery) -> list[sa.ColumnElement[bool]]:
    c = NOTICES.c
    return given(query, {
        "feed": lambda v: c.feed == v,
        "unit": lambda v: c.unit_code == v,
        "is_confirmed": lambda v: c.confirmed_at.is_not(None) == v,
        "since": lambda v: c.noticed_at >= v,
        "until": lambda v: c.noticed_at < v,
    })  # fmt: skip
