"""Happenings as the store gives them, in an order in which none can appear before one that was read.

Numbers are given before a transaction ends, so a smaller one may become visible later. Who reads by the number alone
would miss it. Rows are read by (transaction, number), and only those of transactions before every one that is still
at work.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api.happenings.models import Wanted
from api.keys.access import Actor
from api.orders.queries import Row, visible
from api.problems import ProblemError
from schemas.tables import HAPPENINGS, ORDER_EVENTS, ORDERS, WEBHOOKS

LAST = 10**18 - 1
_SETTLED = sa.literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", sa.BigInteger)
_NEXT = sa.literal_column("pg_snapshot_xmax(pg_current_snapshot())::text::bigint", sa.BigInteger)


@dataclass(frozen=True, order=True)
class Position:
    """A place in the row of happenings; between two of them, or at one."""

    xact: int
    happening_id: int

    def __str__(self) -> str:
        return f"{self.xact}-{self.happening_id}"

    @classmethod
    def of(cls, text: str) -> "Position":
        xact, _, number = text.partition("-")
        return cls(int(xact), int(number))


BEGINNING = Position(0, 0)


def now(store: sa.Connection) -> Position:
    """Behind all that can be read now; what comes later is behind it."""
    return Position((store.scalar(sa.select(_SETTLED)) or 1) - 1, LAST)


def after(store: sa.Connection, actor: Actor, wanted: Wanted, position: Position, limit: int) -> list[Row]:
    """What the actor may be told that happened behind the position, the oldest first: rows of Happening."""
    h, o, e = HAPPENINGS.c, ORDERS.c, ORDER_EVENTS.c
    there = HAPPENINGS.join(ORDERS, o.order_id == h.order_id).outerjoin(ORDER_EVENTS, e.event_id == h.event_id)
    query = (
        sa.select(
            h.xact, h.happening_id, h.report_id, h.happened_at, h.order_id, e.version,
            sa.func.coalesce(e.event, "notice").label("event"), sa.func.coalesce(e.to_state, o.state).label("state"),
            sa.func.coalesce(e.unit_code, o.unit_code).label("unit_code"),
            sa.func.coalesce(e.finish_due_at, o.finish_due_at).label("finish_due_at"),
            o.category, o.event_grade, o.handling_level, o.is_urgent, o.township_code, o.sign_due_at,
        )
        .select_from(there)
        .where(_behind(position), h.xact < _SETTLED, visible(actor), *_filters(actor, wanted))
        .order_by(h.xact, h.happening_id)
        .limit(limit)
    )  # fmt: skip
    return [_row(found) for found in store.execute(query).mappings()]


def units_told(store: sa.Connection, position: Position, limit: int) -> tuple[set[str], Position]:
    """Units that something behind the position is for (`*`: also those who see all), and the place read up to."""
    h = HAPPENINGS.c
    query = sa.select(h.xact, h.happening_id, h.unit_codes).where(_behind(position), h.xact < _SETTLED)
    rows = store.execute(query.order_by(h.xact, h.happening_id).limit(limit)).all()
    units = {unit for row in rows for unit in row.unit_codes} | ({"*"} if rows else set())
    return units, Position(rows[-1].xact, rows[-1].happening_id) if rows else position


def require_kept(store: sa.Connection, position: Position) -> None:
    """410 where something behind the position may be gone: removed by age, or the store was set up from a copy."""
    h = HAPPENINGS.c
    oldest = store.execute(sa.select(h.xact, h.happening_id).order_by(h.xact, h.happening_id).limit(1)).one_or_none()
    first = Position(oldest.xact, oldest.happening_id) if oldest else BEGINNING
    was_cut = first.happening_id > 1  # numbers begin with 1: something was removed
    is_unknown = position.xact >= (store.scalar(sa.select(_NEXT)) or 0)
    if is_unknown or (was_cut and BEGINNING != position < first):
        detail = "What happened behind this place is no longer kept: read your list of orders, then go on without it."
        raise ProblemError(410, "gone", "No longer kept", detail)


def settle(store: sa.Connection) -> None:
    """After the store was set up from a copy, transactions count anew: put all that the old count numbered first.

    Webhooks go on before the first that they may not have sent: rather twice than never.
    """
    h, w = HAPPENINGS.c, WEBHOOKS.c
    if not store.scalar(sa.select(sa.exists().where(h.xact >= _NEXT) | sa.exists().where(w.xact >= _NEXT))):
        return
    is_unsent = sa.tuple_(h.xact, h.happening_id) > sa.tuple_(w.xact, w.happening_id)
    unsent = sa.select(sa.func.min(h.happening_id) - 1).where(is_unsent).correlate(WEBHOOKS).scalar_subquery()
    last = sa.select(sa.func.max(h.happening_id)).scalar_subquery()
    store.execute(sa.update(WEBHOOKS).values(xact=0, happening_id=sa.func.coalesce(unsent, last, 0)))
    store.execute(sa.update(HAPPENINGS).values(xact=0))


def _behind(position: Position) -> sa.ColumnElement[bool]:
    place = sa.tuple_(sa.literal(position.xact, sa.BigInteger), sa.literal(position.happening_id, sa.BigInteger))
    return sa.tuple_(HAPPENINGS.c.xact, HAPPENINGS.c.happening_id) > place


def _filters(actor: Actor, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    told = []
    if actor.role == "department":
        told.append(HAPPENINGS.c.unit_codes.contains([actor.unit_code]))
    if wanted.events:
        told.append(sa.func.coalesce(ORDER_EVENTS.c.event, "notice").in_(wanted.events))
    if wanted.urgent:
        told.append(ORDERS.c.is_urgent)
    return told


def _row(found: Any) -> Row:
    row = dict(found)
    return row | {"id": str(Position(row.pop("xact"), row.pop("happening_id")))}
