"""metrics: the catalogue's figures for one window, a local day unless told otherwise."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from jobs.catalog import TIME_ZONE
from jobs.context import Context, NothingToDoError, Result
from jobs.io.lake import Lake
from jobs.transforms.measuring import Window, measure_intake, measure_orders, measure_reports
from schemas.metrics import INTAKE_ACCOUNT

METRICS_TABLE = "gold.metrics"


def run(context: Context) -> Result:
    """Measure the given window, else the newest local day with orders; and take the newest day's account of intake.

    Batches are counted on the day they ran, which after a replay is not the day of the calls; so the account of the
    newest day with batches is written too. Running again replaces the figures of the same windows.
    """
    lake = context.lake
    window = _window(context, lake)
    batches = lake.read("ops.batches")
    orders, reports = _orders(lake, window), _reports(lake, window)
    found = [
        measure_orders(
            orders, _of(lake, "gold.order_events", orders), _of(lake, "gold.ratings", orders), window, context.now
        ),
        measure_reports(reports, window, context.now),
        measure_intake(batches, window, context.now),
    ]
    rows = pl.concat(found)
    _replace(lake, rows, window)
    newest = _newest_day(batches, "finished_at")
    if newest and newest != window and not _inside(newest, window):
        _replace(lake, measure_intake(batches, newest, context.now), newest, intake_only=True)
    return {
        "window_start": window[0].isoformat(),
        "window_end": window[1].isoformat(),
        "figures": rows.height,
        "orders": orders.height,
    }


def day_window(day: date) -> Window:
    """A local day as instants in UTC."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(TIME_ZONE))
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def _window(context: Context, lake: Lake) -> Window:
    if context.start and context.end:
        return context.start.astimezone(UTC), context.end.astimezone(UTC)
    newest = _newest_day(lake.read("gold.assignments", ["accepted_at"]), "accepted_at")
    if newest is None:
        raise NothingToDoError("no orders yet: nothing to measure; run assign first")
    return newest


def _newest_day(rows: pl.DataFrame, column: str) -> Window | None:
    newest = rows[column].max()
    return day_window(newest.astimezone(ZoneInfo(TIME_ZONE)).date()) if isinstance(newest, datetime) else None


def _inside(inner: Window, outer: Window) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _orders(lake: Lake, window: Window) -> pl.DataFrame:
    """Assignments accepted in the window, each with the township of its incident."""
    start, end = window
    orders = lake.read("gold.assignments", where=pl.col("accepted_at").is_between(start, end, closed="left"))
    townships = lake.read("gold.incidents", ["incident_id", "township_code"])
    return orders.join(townships, on="incident_id", how="left", maintain_order="left")


def _reports(lake: Lake, window: Window) -> pl.DataFrame:
    """The window's reports, each at its newest revision. A day's margin, since a revision may mend the time."""
    zone, margin = ZoneInfo(TIME_ZONE), timedelta(days=1)
    first, last = (edge.astimezone(zone).date() for edge in (window[0] - margin, window[1] + margin))
    return lake.current_reports(pl.col("day").is_between(first, last))


def _of(lake: Lake, table: str, orders: pl.DataFrame) -> pl.DataFrame:
    return lake.read(table).join(orders, on="order_id", how="semi")


def _replace(lake: Lake, rows: pl.DataFrame, window: Window, intake_only: bool = False) -> None:
    start, end = (edge.isoformat() for edge in window)
    where = f"window_start = '{start}' AND window_end = '{end}'"
    lake.replace(METRICS_TABLE, rows, f"{where} AND metric IN {INTAKE_ACCOUNT}" if intake_only else where)
