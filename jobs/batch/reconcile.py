"""reconcile: has the lake what people did, as PostgreSQL has it, and does each order stand where its events say?"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from jobs.catalog import TIME_ZONE
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io import histories
from jobs.io.store import engine
from jobs.transforms.orders_daily import KEY, STEPS, differing
from jobs.transforms.reconciling import HISTORIES, Difference, History, difference, differing_days, digests, lines
from schemas.forms import plain
from schemas.records import Reconciliation

TABLE = "ops.reconciliations"
SETTLED = timedelta(minutes=15)  # after that the relay has sent, and `collect_order_events` has collected
MOST_TOLD = 20  # keys in a row of the table
SCHEMA = plain(Reconciliation.create_empty()).schema


def run(context: Context) -> Result:
    """Compare what happened more than a quarter of an hour ago; a row of `ops.reconciliations` for each history.

    With `mend=yes` what the lake lacks is sent once more; nothing is ever made up or removed. Raises DataError that
    names what differs: the run is red until both sides are the same.
    """
    until = context.now - SETTLED
    found, trouble = [], []
    with engine(context.settings).begin() as store:
        untrue = histories.untrue_orders(store, MOST_TOLD)
        odd_days = _odd_days(context, store, until)
        for history in HISTORIES:
            rows, differs = _compared(context, store, history, until)
            if "mend=yes" in context.options and differs.missing:
                rows["sent_again"] = histories.send_again(store, history, differs.missing)
            found.append(rows)
            trouble += _told(history.name, differs)
    context.lake.append_new(TABLE, Reconciliation.validate(pl.DataFrame(found, schema=SCHEMA), cast=True))
    if untrue:
        trouble.append(f"orders that do not stand where their events say: {', '.join(untrue)}")
    if odd_days and not trouble:  # else it follows from that
        trouble.append(f"gold.orders_daily counts other steps: {', '.join(odd_days[:MOST_TOLD])}")
    if trouble:
        raise DataError("; ".join(trouble))
    if not any(rows["store_rows"] for rows in found):
        raise NothingToDoError("reconcile: nobody has done anything yet")
    return {rows["history"]: rows["store_rows"] for rows in found}


def _compared(
    context: Context, store: sa.Connection, history: History, until: datetime
) -> tuple[dict[str, Any], Difference]:
    lake = context.lake.read(f"gold.{history.name}", list(history.columns), where=pl.col(history.at) < until)
    ours, theirs = histories.day_digests(store, history, until), digests(told := lines(lake, history))
    days = differing_days(ours, theirs)
    differs = Difference((), (), ())
    if days:
        differs = difference(histories.store_lines(store, history, until, days), told.filter(pl.col("day").is_in(days)))
    row = {
        "history": history.name,
        "reconciled_at": context.now,
        "until": until,
        "store_rows": sum(rows for rows, _ in ours.values()),
        "lake_rows": lake.height,
        "waiting": histories.waiting(store),
        **{name: len(getattr(differs, name)) for name in ("missing", "unknown", "different")},
        "examples": [*differs.missing, *differs.unknown, *differs.different][:MOST_TOLD],
        "sent_again": 0,
    }
    return row, differs


def _odd_days(context: Context, store: sa.Connection, until: datetime) -> list[str]:
    """Days that are over on which `gold.orders_daily` counts other steps than the store."""
    counted = context.lake.read("gold.orders_daily", [*KEY, *STEPS])
    today = until.astimezone(ZoneInfo(TIME_ZONE)).date()
    return differing(histories.daily_steps(store), counted, today)


def _told(name: str, differs: Difference) -> list[str]:
    said = {
        "missing": "the lake lacks",
        "unknown": "the store does not know",
        "different": "both tell otherwise",
    }
    return [
        f"{name}: {words} {len(keys)}: {', '.join(keys[:3])}"
        for kind, words in said.items()
        if (keys := getattr(differs, kind))
    ]
