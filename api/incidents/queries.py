"""Incidents as the store gives them; a department finds those behind its own orders only."""

from typing import Any

import sqlalchemy as sa

from api.incidents.models import IncidentQuery
from api.keys.access import Actor
from api.orders.queries import visible
from api.paging import given, page_of
from api.problems import ProblemError
from schemas.tables import INCIDENT_REPORTS, INCIDENTS, ORDERS

Row = dict[str, Any]


def listed(store: sa.Connection, actor: Actor, query: IncidentQuery) -> Row:
    """A page of the incidents that match, last received first."""
    found = sa.select(INCIDENTS).where(_seen_by(actor), *_filters(query))
    return page_of(store, found, [INCIDENTS.c.first_received_at, INCIDENTS.c.incident_id], query)


def one(store: sa.Connection, actor: Actor, incident_id: str) -> Row:
    """The incident with its reports, why each is linked, and the orders the actor may see; 404 for others."""
    query = sa.select(INCIDENTS).where(INCIDENTS.c.incident_id == incident_id, _seen_by(actor))
    row = store.execute(query).mappings().one_or_none()
    if row is None:
        detail = f"There is no incident {incident_id!r} for you; a department sees those behind its own orders."
        raise ProblemError(404, "not-found", "No such incident", detail)
    return {**row, "reports": _reports(store, incident_id), "order_ids": _order_ids(store, actor, incident_id)}


def _reports(store: sa.Connection, incident_id: str) -> list[Row]:
    query = sa.select(INCIDENT_REPORTS).filter_by(incident_id=incident_id)
    ordered = query.order_by(INCIDENT_REPORTS.c.received_at, INCIDENT_REPORTS.c.report_id)
    return [dict(row) for row in store.execute(ordered).mappings()]


def _order_ids(store: sa.Connection, actor: Actor, incident_id: str) -> list[str]:
    query = sa.select(ORDERS.c.order_id).where(ORDERS.c.incident_id == incident_id, visible(actor))
    return list(store.scalars(query.order_by(ORDERS.c.order_id)))


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    if actor.role != "department":
        return sa.true()
    return sa.exists().where(ORDERS.c.incident_id == INCIDENTS.c.incident_id, visible(actor))


def _filters(query: IncidentQuery) -> list[sa.ColumnElement[bool]]:
    c = INCIDENTS.c
    return given(query, {
        "kind": lambda v: c.kind == v,
        "category": lambda v: c.category == v,
        "township": lambda v: c.township_code == v,
        "since": lambda v: c.first_received_at >= v,
        "until": lambda v: c.first_received_at < v,
        "min_reports": lambda v: c.report_count >= v,
    })  # fmt: skip
