"""Orders into the store, by whoever decides first: the express lane or the way through the lake."""

from datetime import datetime

import polars as pl
import sqlalchemy as sa
from psycopg.errors import LockNotAvailable

from jobs.io.store import insert_new, read, send, upsert
from jobs.transforms.express import Urgent
from jobs.transforms.linking import LINK_COLUMNS
from jobs.transforms.revising import dispatches, first_orders
from schemas.forms import plain
from schemas.messages import message
from schemas.records import OrderEvent
from schemas.tables import INCIDENT_REPORTS, INCIDENTS, NOTICES, ORDER_DECISIONS, ORDER_EVENTS, ORDERS

MOST_LINKS = 100_000  # bounds memory
LOCK_MS = 300  # as long as the express lane waits for another transaction


def dispatch(store: sa.Connection, decided: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Dispatch the orders that are not there yet, with their event and message; gives these.

    decided: rows of `revising.decisions`. An order that somebody dispatched meanwhile stays as it is, with what
    people have done to it since.
    """
    orders = first_orders(decided, now)
    are_new = pl.col("order_id").is_in(insert_new(store, ORDERS, orders).implode())
    orders = orders.filter(are_new)
    insert_new(store, ORDER_DECISIONS, decided.filter(are_new))
    tell(store, dispatches(orders))
    return orders


def tell(store: sa.Connection, events: pl.DataFrame) -> None:
    """Book the orders' events, and send each to the lake by the outbox."""
    upsert(store, ORDER_EVENTS, events)
    rows = plain(events.select(OrderEvent.column_names())).to_dicts()
    send(store, ((row["order_id"], message("order_event", row)) for row in rows))


def tell_urgent(store: sa.Engine, urgent: Urgent, now: datetime) -> pl.Series:
    """Orders and notices of the express lane, all at once or else one incident after the other; the noticed reports.

    What is there already stays. An incident whose rows another transaction holds is left out: that one is about to
    say the same. Raises NoStoreError where the store does not answer.
    """
    try:
        return _told(store, urgent, now)
    except sa.exc.OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
    if urgent.notices["incident_id"].n_unique() == 1:
        return urgent.notices["report_id"].head(0)
    parts = [tell_urgent(store, urgent.of(incident), now) for incident in urgent.notices["incident_id"].unique()]
    return pl.concat(parts)


def links_since(store: sa.Engine, since: datetime) -> pl.DataFrame:
    """LINK_COLUMNS of what was linked since then, by the express lane or by the lake; the newest MOST_LINKS."""
    wanted = sa.select(*(INCIDENT_REPORTS.c[name] for name in LINK_COLUMNS))
    c = INCIDENT_REPORTS.c
    newest = wanted.where(c.linked_at >= since).order_by(c.linked_at.desc(), c.report_id).limit(MOST_LINKS)
    with store.connect() as connection:
        return read(connection, newest)


def to_whom(store: sa.Connection, notices: pl.DataFrame) -> pl.DataFrame:
    """To the unit that has the order now: people may have moved it. Without an order: as decided."""
    ids = sa.literal(notices["order_id"].to_list(), sa.ARRAY(sa.Text))
    c = ORDERS.c
    led = read(store, sa.select(c.order_id, c.unit_code.label("led_by")).where(c.order_id == sa.any_(ids)))
    told = notices.join(led, on="order_id", how="left", maintain_order="left")
    return told.with_columns(unit_code=pl.coalesce("led_by", "unit_code")).drop("led_by")


def _told(store: sa.Engine, urgent: Urgent, now: datetime) -> pl.Series:
    with store.begin() as connection:
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_MS}ms'"))
        dispatch(connection, plain(urgent.decided), now)
        insert_new(connection, INCIDENTS, urgent.incidents)
        insert_new(connection, INCIDENT_REPORTS, urgent.reports)
        return insert_new(connection, NOTICES, to_whom(connection, urgent.notices))
