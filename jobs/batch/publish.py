"""publish: bring the store up to date with the lake, touching only what the lake owns.

What is made of a table that broke its contract (`jobs.batch.quality`) is left as it is until the table is sound again.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path

import polars as pl
import sqlalchemy as sa
import structlog

from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.dispatching import dispatch, tell, to_whom
from jobs.io.lake import Lake
from jobs.io.store import engine, hold, read, upsert
from jobs.transforms.checking import blocked
from jobs.transforms.noticing import confirm, moved, notices
from jobs.transforms.pausing import STEPS, with_pauses
from jobs.transforms.revising import SPOKEN, decisions, differing, revise, revisions
from jobs.transforms.revisions import NEWEST_LAST, newest
from schemas.forms import plain
from schemas.records import Order
from schemas.regulation import RuleError, load_regulation
from schemas.tables import (
    INCIDENT_REPORTS,
    INCIDENTS,
    METRICS,
    NOTICES,
    ORDER_DECISIONS,
    ORDER_EVENTS,
    ORDERS,
    REPORT_SAID,
    WARNINGS,
    notices_follow,
)

# What each part of the store is made of. A table that was never checked blocks nothing.
MADE_OF = {
    "incidents": ("gold.incidents",),
    "incident_reports": ("gold.links", "silver.reports"),
    "orders": ("gold.assignments", "gold.incidents"),
    "notices": ("gold.links", "gold.classifications", "gold.assignments", "silver.reports"),
    "warnings": ("gold.warnings",),
    "metrics": ("gold.metrics",),
}
log = structlog.get_logger()
REVIEW = {"state": pl.lit("open"), "reason": None, "reviewed_at": None, "version": 1}


def run(context: Context) -> Result:
    """Upsert what is new or changed, all of it in one transaction; rows written per table, and what was left out.

    Raises NothingToDoError when the store already says what the lake says.
    """
    shut = _left_out(context.lake)
    with engine(context.settings).begin() as store:
        _require_tables(store)
        hold(store, "publish")
        written: Result = {}
        for part, write in _parts(store, context).items():
            if part not in shut:
                written |= write()
    if not shut and not any(written.values()):
        raise NothingToDoError("the store already says what the lake says")
    return written | ({"left_out": shut} if shut else {})


def _parts(store: sa.Connection, context: Context) -> dict[str, Callable[[], Result]]:
    """How each part of the store is written, in this order."""
    lake = _Once(context.lake)
    return {
        "incidents": lambda: {"incidents": upsert(store, INCIDENTS, lake.read("gold.incidents"))},
        "incident_reports": lambda: {"incident_reports": upsert(store, INCIDENT_REPORTS, _incident_reports(lake))},
        "orders": lambda: _publish_orders(store, lake, context.now, context.settings.rules_dir),
        "notices": lambda: {"notices": _publish_notices(store, lake, context.now)},
        "warnings": lambda: {"warnings": upsert(store, WARNINGS, _warnings(lake), keep=REVIEW)},
        "metrics": lambda: {"metrics": upsert(store, METRICS, lake.read("gold.metrics"))},
    }


class _Once:
    """The lake as one run sees it: each table is read once."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self.read = cache(lake.read)

    @cached_property
    def reports(self) -> pl.DataFrame:
        """What each report says now, with when it landed."""
        return newest(self._lake.read("silver.reports", sorted({"report_id", "landed_at", *NEWEST_LAST, *REPORT_SAID})))


def _left_out(lake: Lake) -> dict[str, str]:
    """Parts of the store that wait for a table to be sound again -> which, and what is broken."""
    broken = blocked(lake.read("ops.quality"))
    found = {}
    for part, tables in MADE_OF.items():
        if told := [f"{table}: {'; '.join(broken[table])}" for table in tables if table in broken]:
            found[part] = " | ".join(told)
            log.error("left_out", part=part, why=found[part], do="mend the table, see the DAG `quality`")
    return found


def _warnings(lake: _Once) -> pl.DataFrame:
    return lake.read("gold.warnings").with_columns(**REVIEW)


def _incident_reports(lake: _Once) -> pl.DataFrame:
    """Each link with what its report says now."""
    said = lake.reports.select("report_id", *REPORT_SAID)
    return lake.read("gold.links").join(said, on="report_id")


def _publish_orders(store: sa.Connection, lake: _Once, now: datetime, rules_dir: Path) -> Result:
    """Dispatch orders the store does not have; revise and urge those whose decision changed."""
    decided = plain(decisions(lake.read("gold.assignments"), lake.read("gold.incidents")))
    known = read(store, sa.select(ORDER_DECISIONS))
    fresh = decided.join(known, on="order_id", how="anti")
    changed = differing(decided, known)
    orders = dispatch(store, fresh, now)
    held = _locked(store, changed)
    before, after = _kept_pauses(store, (known.join(changed, on="order_id", how="semi"), changed), rules_dir)
    revised = revise(held, before, after, now, _spoken(store, changed))
    upsert(store, ORDER_DECISIONS, changed)
    upsert(store, ORDERS, revised.select(Order.column_names()).cast(orders.schema))
    tell(store, revisions(revised))
    return {
        "orders_dispatched": orders.height,
        "orders_revised": revised.filter(pl.col("revised").list.len() > 0).height,
        "orders_urged": revised.filter("is_urged").height,
    }


def _kept_pauses(store: sa.Connection, decided: tuple[pl.DataFrame, ...], rules_dir: Path) -> list[pl.DataFrame]:
    """Decisions with the time that their orders were paused. Raises DataError where the rules are broken."""
    ids = sa.literal(decided[-1]["order_id"].to_list(), sa.ARRAY(sa.Text))
    steps = sa.select(ORDER_EVENTS).where(ORDER_EVENTS.c.order_id == sa.any_(ids), ORDER_EVENTS.c.event.in_(STEPS))
    events = read(store, steps)
    try:
        rules = load_regulation(rules_dir)
    except RuleError as error:
        raise DataError(str(error)) from error
    return [with_pauses(part, events, rules) for part in decided]


def _publish_notices(store: sa.Connection, lake: _Once, now: datetime) -> int:
    """Notices of the urgent reports that have none, and a word that those of the express lane are confirmed.

    Those whose order has moved to another unit go there with it.
    Where the lake puts such a report into another incident, the one that the express lane opened for it is merged.
    """
    moved_on = store.execute(notices_follow(now)).rowcount
    known = read(store, sa.select(NOTICES))
    told = known.filter(pl.col("confirmed_at").is_not_null())
    links = lake.read("gold.links").join(told, on=["report_id", "incident_id"], how="anti")
    urgent = lake.read("gold.classifications").filter("is_urgent").join(links, on="report_id", how="semi")
    if urgent.is_empty():
        return moved_on
    confirmed = confirm(notices(urgent, links, lake.read("gold.assignments"), lake.reports), known, now)
    for was, merged_into in moved(confirmed, known, lake.read("gold.incidents")).iter_rows():
        store.execute(sa.update(INCIDENTS).filter_by(incident_id=was).values(merged_into=merged_into))
    return moved_on + upsert(store, NOTICES, to_whom(store, confirmed))


def _locked(store: sa.Connection, changed: pl.DataFrame) -> pl.DataFrame:
    """The orders of these decisions, held against the API until our transaction ends."""
    ids = sa.literal(changed["order_id"].to_list(), sa.ARRAY(sa.Text))
    held = sa.select(ORDERS).where(ORDERS.c.order_id == sa.any_(ids)).order_by(ORDERS.c.order_id).with_for_update()
    return read(store, held)


def _spoken(store: sa.Connection, changed: pl.DataFrame) -> pl.DataFrame:
    """What dispatchers said of these orders."""
    c, ids = ORDER_EVENTS.c, sa.literal(changed["order_id"].to_list(), sa.ARRAY(sa.Text))
    by_people = sa.select(c.order_id, c.event).where(
        c.order_id == sa.any_(ids), c.role != "system", c.event.in_(SPOKEN)
    )
    return read(store, by_people)


def _require_tables(store: sa.Connection) -> None:
    if not sa.inspect(store).has_table(ORDERS.name):
        raise DataError("publish: the store has no tables; run `python -m api.migrate`, then publish again")
