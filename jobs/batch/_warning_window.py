"""What warn_hour and warn_day share: which periods, which reports, and writing what was found."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from jobs.context import Context, NothingToDoError, Result
from jobs.models.hotspots import HISTORY, TIME_ZONE, Period, hot_spots

LOCAL = ZoneInfo(TIME_ZONE)
LENGTH = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
# A warning found again stays as it was first written, unless reports came in or were revised since.
UNCHANGED = "old.count = new.count AND old.report_ids = new.report_ids AND abs(old.expected - new.expected) < 1e-9"


def warn(context: Context, period: Period) -> Result:
    """Judge the whole periods of the window and bring gold.warnings up to date.

    Without a window: the last local day that is over and has reports, all of its hours in warn_hour.
    Raises NothingToDoError where no whole period lies in the window, or nobody reported in it.
    """
    lake = context.lake
    start, end = _window(context)
    periods = whole_periods(start, min(end, context.now), period)
    if not periods:
        raise NothingToDoError(f"no whole {period} between {start.isoformat()} and {end.isoformat()} is over")
    earliest, latest = periods[0] - HISTORY[period], periods[-1] + LENGTH[period]
    reports = _with_category(context, lake.current_reports(pl.col("received_at").is_between(earliest, latest, "left")))
    judged = reports.filter(pl.col("received_at") >= periods[0])
    if judged.is_empty():
        raise NothingToDoError(f"no report between {periods[0].isoformat()} and {latest.isoformat()}")
    past = lake.read("gold.past_counts", where=pl.col("hour_at").is_between(earliest, latest, "left"))
    placed = pl.col("category").is_not_null() & pl.col("township_code").is_not_null()
    found = hot_spots(reports.filter(placed), past, periods, period, context.now)
    lake.upsert("gold.warnings", found, keep=UNCHANGED)
    return {
        "window": f"{periods[0].isoformat()}/{latest.isoformat()}", "periods": len(periods), "reports": judged.height,
        "reports_without_place_or_category": judged.filter(~placed).height, "warnings": found.height,
    }  # fmt: skip


def whole_periods(start: datetime, end: datetime, period: Period) -> list[datetime]:
    """Starts, in UTC, of the local hours or days that lie wholly inside [start, end)."""
    local = start.astimezone(LOCAL)
    first = local.replace(minute=0, second=0, microsecond=0)
    first = first.replace(hour=0) if period == "day" else first
    first = first if first == local else first + LENGTH[period]
    count = max((end - first) // LENGTH[period], 0)
    return [(first + number * LENGTH[period]).astimezone(UTC) for number in range(count)]


def _window(context: Context) -> tuple[datetime, datetime]:
    if context.start and context.end:
        return context.start, context.end
    newest = context.lake.read("silver.reports", ["received_at"])["received_at"].max()
    if newest is None:
        raise NothingToDoError("there are no reports yet")
    assert isinstance(newest, datetime)
    today = context.now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    day = newest.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    start = min(day, today - LENGTH["day"])
    return start, start + LENGTH["day"]


def _with_category(context: Context, reports: pl.DataFrame) -> pl.DataFrame:
    """Each report's category as its source says, else as classified."""
    guesses = context.lake.read("gold.classifications", ["report_id", "category"])
    known = reports.join(guesses, on="report_id", how="left", suffix="_guessed")
    return known.select(
        "report_id", "township_code", "received_at", category=pl.coalesce("category", "category_guessed")
    )
