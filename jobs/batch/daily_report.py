"""daily_report: 《每日工作情况》 of one local day as HTML and JSON, from the lake's figures."""

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from jobs.batch.metrics import Window, day_window
from jobs.catalog import TIME_ZONE
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.lake import Lake
from jobs.io.pages import write
from jobs.transforms.reporting import Found, Names, Tree, daily_report
from schemas.areas import load_county
from schemas.metrics import INTAKE_ACCOUNT
from schemas.regulation import load_regulation


def run(context: Context) -> Result:
    """Write `reports/<day>/每日工作情况.html` and `.json` in the state folder, for the window's local day.

    Without a window: the newest day that has figures. Running again writes the same files anew.
    """
    lake = context.lake
    day = _day(context, lake)
    window = day_window(day)
    metrics = _figures(lake, window)
    if metrics.is_empty():
        raise NothingToDoError(f"no figures of {day}: run metrics for that day first")
    account = _account(lake, window)
    found = Found(metrics, account, _warnings(lake, window), _quarantined(lake, account))
    report = daily_report(day, found, _names(context.settings.rules_dir, day), context.now)
    folder = context.settings.state_dir / "reports" / day.isoformat()
    files = write(report, "daily_report.html", folder, report["title"])
    return {"day": day.isoformat(), "files": [str(file) for file in files], **_told(report)}


def _day(context: Context, lake: Lake) -> date:
    if context.start:
        day = context.start.astimezone(ZoneInfo(TIME_ZONE)).date()
        if context.end and (context.start, context.end) != day_window(day):
            raise DataError(f"the daily report is of one local day; give --start and --end of {day} in {TIME_ZONE}")
        return day
    starts = lake.read("gold.metrics", ["window_start", "window_end"], pl.col("metric") == "orders")
    days = starts.filter(pl.col("window_end") - pl.col("window_start") == timedelta(days=1))["window_start"]
    if days.is_empty():
        raise NothingToDoError("no day has figures yet: run metrics first")
    return days.dt.convert_time_zone(TIME_ZONE).dt.date().max()  # type: ignore[return-value]  # a date: not empty


def _figures(lake: Lake, window: Window) -> pl.DataFrame:
    return lake.read("gold.metrics", where=(pl.col("window_start") == window[0]) & (pl.col("window_end") == window[1]))


def _account(lake: Lake, window: Window) -> pl.DataFrame:
    """The intake account of the day, or of the first later day that took anything in, as after a replay."""
    of_intake = pl.col("metric").is_in(INTAKE_ACCOUNT) & (pl.col("window_start") >= window[0])
    rows = lake.read("gold.metrics", where=of_intake)
    length = pl.col("window_end") - pl.col("window_start")
    full = rows.filter(length == timedelta(days=1), scope="county", metric="rows_in").filter(pl.col("numerator") > 0)
    first = full["window_start"].min()
    return rows.filter(pl.col("window_start") == (first or window[0]), length == timedelta(days=1))


def _warnings(lake: Lake, window: Window) -> pl.DataFrame:
    return lake.read("gold.warnings", where=pl.col("period_at").is_between(*window, closed="left"))


def _quarantined(lake: Lake, account: pl.DataFrame) -> pl.DataFrame:
    """Records set aside in the account's window."""
    start, end = account["window_start"].min(), account["window_end"].max()
    landed = pl.col("landed_at").is_between(pl.lit(start), pl.lit(end), closed="left")
    return lake.read("silver.quarantine", ["reasons"], landed if account.height else pl.lit(False))


def _names(rules_dir: Path, day: date) -> Names:
    county = load_county(rules_dir)
    units = load_regulation(rules_dir).on(day).units
    townships = {township.code: township.name for township in county.townships}
    return Names(county.name, {code: unit.name_zh for code, unit in units.items()}, townships)


def _told(report: Tree) -> Result:
    overview = report["overview"]
    return {name: overview[name] for name in ("reports", "orders", "urgent_orders", "overdue_orders", "warnings")}
