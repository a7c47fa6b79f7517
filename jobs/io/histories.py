"""The store's history of what people did, as `jobs.transforms.reconciling` compares it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from jobs.catalog import TIME_ZONE
from jobs.io.store import read, send
from jobs.transforms.orders_daily import STEPS
from jobs.transforms.reconciling import SEPARATOR, History
from schemas.messages import message
from schemas.tables import METADATA, ORDER_EVENTS, ORDERS, OUTBOX

TYPES = {"order_events": "order_event", "ratings": "rating"}  # of messages


def day_digests(store: sa.Connection, history: History, until: datetime) -> dict[object, tuple[int, str]]:
    """As `reconciling.digests`, of what happened before `until`, computed where the rows are."""
    found = _lines(history, until).subquery()
    lines = sa.func.string_agg(found.c.line, sa.literal_column("E'\\n' ORDER BY key COLLATE \"C\""))
    query = sa.select(found.c.day, sa.func.count(), sa.func.md5(lines)).group_by(found.c.day)
    return {day: (rows, digest) for day, rows, digest in store.execute(query)}


def store_lines(store: sa.Connection, history: History, until: datetime, days: Collection[object]) -> pl.DataFrame:
    """As `reconciling.lines`, of these days."""
    found = _lines(history, until).subquery()
    rows = store.execute(sa.select(found).where(found.c.day.in_(list(days)))).fetchall()
    schema = {"day": pl.Date, "key": pl.String, "line": pl.String}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def waiting(store: sa.Connection) -> int:
    """Messages that the relay has not sent yet."""
    query = sa.select(sa.func.count()).select_from(OUTBOX).where(OUTBOX.c.published_at.is_(None))
    return int(store.scalar(query) or 0)


def send_again(store: sa.Connection, history: History, keys: Collection[str]) -> int:
    """Put these rows into the outbox once more; whoever reads them knows them by their key. How many."""
    table = METADATA.tables[history.name]
    named = sa.func.concat_ws(SEPARATOR, *(table.c[name] for name in history.keys))
    rows = store.execute(sa.select(table).where(named.in_(list(keys))).order_by(table.c.order_id)).mappings().all()
    kind: Any = TYPES[history.name]
    send(store, ((row["order_id"], message(kind, dict(row))) for row in rows))
    return len(rows)


def daily_steps(store: sa.Connection) -> pl.DataFrame:
    """Local day, unit_code and the columns of `orders_daily.STEPS`, counted where the rows are."""
    e = ORDER_EVENTS.c
    day = sa.cast(sa.func.timezone(TIME_ZONE, e.occurred_at), sa.Date).label("day")
    counts = [sa.func.count().filter(e.event.in_(events)).label(column) for column, events in STEPS.items()]
    return read(store, sa.select(day, e.unit_code, *counts).group_by(day, e.unit_code))


def untrue_orders(store: sa.Connection, most: int) -> list[str]:
    """Orders that do not stand where their last event left them, or whose events have holes; the first `most`."""
    o, e = ORDERS.c, ORDER_EVENTS.c
    stands = sa.and_(e.to_state == o.state, e.unit_code == o.unit_code, e.finish_due_at == o.finish_due_at)
    last = sa.exists().where(e.order_id == o.order_id, e.version == o.version, stands)
    count = sa.select(sa.func.count()).where(e.order_id == o.order_id).scalar_subquery()
    query = sa.select(o.order_id).where(~last | (count != o.version)).order_by(o.order_id).limit(most)
    return list(store.scalars(query))


def _lines(history: History, until: datetime) -> sa.Select[Any]:
    table = METADATA.tables[history.name]
    at = table.c[history.at]
    return sa.select(
        sa.cast(sa.func.timezone("UTC", at), sa.Date).label("day"),
        sa.func.concat_ws(SEPARATOR, *(table.c[name] for name in history.keys)).label("key"),
        sa.func.concat_ws(SEPARATOR, *(_as_text(table.c[name]) for name in history.columns)).label("line"),
    ).where(at < until)


def _as_text(column: sa.Column[Any]) -> sa.ColumnElement[str]:
    found: sa.ColumnElement[Any] = column
    if isinstance(column.type, sa.DateTime):
        found = sa.cast(sa.func.extract("epoch", column) * 1_000_000, sa.BigInteger)
    elif isinstance(column.type, sa.Boolean):
        found = sa.cast(column, sa.Integer)
    return sa.func.coalesce(sa.cast(found, sa.Text), "")
