"""escalate: remind (催办), supervise (督办) and report (通报) units whose orders are late, as events."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from jobs.catalog import TIME_ZONE
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.dispatching import tell
from jobs.io.store import engine, read
from jobs.transforms.escalating import steps_due
from schemas.order_life import NOBODY_IS_LATE
from schemas.regulation import RuleError, load_regulation
from schemas.tables import ORDER_EVENTS, ORDERS
from schemas.vocabulary import ESCALATIONS


def run(context: Context) -> Result:
    """Book every step of the ladder that is due and not booked, once; how many of each.

    An order that somebody changes at this moment is left for the next time. Raises NothingToDoError where no step is
    due.
    """
    try:
        regulation = load_regulation(context.settings.rules_dir)
    except RuleError as error:
        raise DataError(str(error)) from error
    with engine(context.settings).begin() as store:
        orders = read(store, _late(context.now))
        taken = read(store, _taken(orders))
        events = steps_due(orders, taken, lambda at: regulation.on(_day(at)).escalations, context.now)
        if events.is_empty():
            raise NothingToDoError("escalate: no step is due")
        tell(store, events)
        newest = events.group_by("order_id").agg(pl.col("version").max())
        store.execute(
            sa.update(ORDERS)
            .where(ORDERS.c.order_id == sa.bindparam("of"))
            .values(version=sa.bindparam("to"), updated_at=context.now),
            [{"of": order, "to": version} for order, version in newest.iter_rows()],
        )
    counts = dict(events.group_by(pl.col("event").cast(pl.String)).len().iter_rows())
    return {step: counts.get(step, 0) for step in ESCALATIONS}


def _late(now: datetime) -> sa.Select:
    """Orders past a due time, held against the API until our transaction ends."""
    c = ORDERS.c
    late = (c.finish_due_at <= now) | ((c.state == "dispatched") & (c.sign_due_at <= now))
    query = sa.select(ORDERS).where(c.state.not_in(NOBODY_IS_LATE), late).order_by(c.order_id)
    return query.with_for_update(skip_locked=True)


def _taken(orders: pl.DataFrame) -> sa.Select:
    ids = sa.literal(orders["order_id"].to_list(), sa.ARRAY(sa.Text))
    c = ORDER_EVENTS.c
    return sa.select(ORDER_EVENTS).where(c.order_id == sa.any_(ids), c.event.in_(ESCALATIONS))


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(TIME_ZONE)).date()
