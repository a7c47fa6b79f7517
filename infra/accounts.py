"""What the lake and the store hold, counted so that a person can check that everything adds up."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl
from rich.console import Console, Group
from rich.table import Table as Grid
from sqlalchemy import create_engine, text

from jobs.io.lake import read_table
from jobs.settings import Settings
from schemas.feeds import FEEDS
from schemas.vocabulary import CATEGORIES, DUTY_TIERS, EVENT_GRADES, HANDLING_LEVELS, Vocabulary

LOCAL = ZoneInfo("Asia/Shanghai")
RATES = {"response_rate": "响应率 response", "solved_rate": "解决率 solved", "satisfaction_rate": "满意率 satisfied"}


@dataclass(frozen=True)
class Account:
    """Everything the table shows. intake: one row a feed; orders: one row an order of the store."""

    intake: pl.DataFrame  # feed, messages, rows_in, clean, redelivered, quarantined, in_tables, adds_up
    reasons: pl.DataFrame  # feed, reason, count
    links: pl.DataFrame  # incident_id, report_count, feeds
    linked_reports: int
    orders: pl.DataFrame  # event_grade, handling_level, unit_duty_tier, state
    warnings: pl.DataFrame
    rates: pl.DataFrame  # metric, numerator, denominator, value

    @property
    def adds_up(self) -> bool:
        """Every record that was read is accounted for once, every report has a link, every incident an order."""
        reports = int(self.intake["clean"].sum())
        return (
            bool(self.intake["adds_up"].all())
            and self.linked_reports <= reports
            and self.orders.height == self.links.height
        )


def account(settings: Settings) -> Account:
    """Count the lake and the store as they are now."""
    lake = settings.lake_uri
    incidents = read_table(lake, "gold.incidents", ["incident_id", "report_count", "feeds"])
    return Account(
        intake=_intake(lake),
        reasons=_reasons(lake),
        links=incidents,
        linked_reports=read_table(lake, "gold.links", ["report_id"]).height,
        orders=orders(settings.store_url),
        warnings=read_table(lake, "gold.warnings"),
        rates=newest_rates(lake),
    )


def show(found: Account, console: Console) -> None:
    """Print the account as tables."""
    console.print(
        Group(
            _intake_grid(found), _incident_line(found), _orders_grid(found), _warnings_grid(found), _rates_grid(found)
        )
    )


def _intake(lake: str) -> pl.DataFrame:
    feed = pl.col("feed").cast(pl.String)
    messages = read_table(lake, "bronze.raw", ["feed"]).group_by(feed).agg(messages=pl.len())
    booked = (
        read_table(lake, "ops.batches")
        .group_by(feed)
        .agg(
            pl.col("rows_in").sum(),
            clean=pl.col("rows_clean").sum(),
            redelivered=pl.col("rows_redelivered").sum(),
            quarantined=pl.col("rows_quarantined").sum(),
        )
    )
    parts = ("silver.reports", "silver.redeliveries", "silver.quarantine")
    stored = pl.concat([read_table(lake, part, ["feed"]).select(feed) for part in parts])
    in_tables = stored.group_by("feed").agg(in_tables=pl.len())
    order = pl.DataFrame({"feed": [*FEEDS], "position": range(len(FEEDS))})
    return (
        messages.join(booked, on="feed", how="full", coalesce=True)
        .join(in_tables, on="feed", how="full", coalesce=True)
        .join(order, on="feed", how="left")
        .sort("position", "feed", nulls_last=True)
        .drop("position")
        .fill_null(0)
        .with_columns(
            adds_up=(pl.col("rows_in") == pl.col("clean") + pl.col("redelivered") + pl.col("quarantined"))
            & (pl.col("rows_in") == pl.col("in_tables"))
        )
    )


def _reasons(lake: str) -> pl.DataFrame:
    rows = read_table(lake, "silver.quarantine", ["feed", "reasons"]).explode("reasons")
    return (
        rows.group_by("feed", pl.col("reasons").cast(pl.String).alias("reason"))
        .agg(count=pl.len())
        .sort("feed", "reason")
    )


def orders(store_url: str) -> pl.DataFrame:
    """One row an order of the store: its grade, level, duty tier and state."""
    query = text("select event_grade, handling_level, unit_duty_tier, state from orders")
    engine = create_engine(store_url)
    try:
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
    finally:
        engine.dispose()
    columns = ("event_grade", "handling_level", "unit_duty_tier", "state")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def newest_rates(lake: str) -> pl.DataFrame:
    """The county's rates of the newest day that has an order: a day that has just begun says nothing yet."""
    rows = read_table(lake, "gold.metrics", where=pl.col("scope") == "county")
    days = rows.filter((pl.col("metric").cast(pl.String) == "orders") & (pl.col("numerator") > 0))
    newest = rows.filter(
        pl.col("window_start") == pl.lit(days["window_start"].max(), days.schema["window_start"]),
        pl.col("metric").cast(pl.String).is_in(list(RATES)),
    )
    return newest.select("metric", "numerator", "denominator", "value")


def _intake_grid(found: Account) -> Grid:
    grid = Grid(title="来件 intake: in = clean + redelivered + quarantined", title_justify="left")
    for name in ("feed", "", "messages", "in", "clean", "redelivered", "quarantined", "adds up"):
        grid.add_column(name, justify="left" if name in ("feed", "") else "right")
    columns = ("messages", "rows_in", "clean", "redelivered", "quarantined")
    for row in found.intake.iter_rows(named=True):
        name = FEEDS[row["feed"]].name_zh if row["feed"] in FEEDS else "?"
        grid.add_row(row["feed"], name, *(f"{row[column]:,}" for column in columns), "yes" if row["adds_up"] else "NO")
    grid.add_section()
    totals = (f"{found.intake[column].sum():,}" for column in columns)
    grid.add_row("all", "合计", *totals, "yes" if found.intake["adds_up"].all() else "NO")
    return grid


def _incident_line(found: Account) -> str:
    incidents = found.links
    joined = incidents.filter(pl.col("report_count") > 1)
    several = incidents.filter(pl.col("feeds").list.len() > 1)
    line = (
        f"\n事件 incidents: {incidents.height:,} of {found.linked_reports:,} linked reports; "
        f"{joined.height:,} told by more than one report, {several.height:,} over more than one feed"
    )
    if joined.height:
        top = (
            several.sort("report_count", "incident_id", descending=[True, False]).row(0, named=True)
            if several.height
            else None
        )
        if top:
            line += f"; the widest: {top['report_count']} reports over {', '.join(top['feeds'])}"
    return line + "\n"


def _orders_grid(found: Account) -> Grid:
    grid = Grid(title=f"工单 orders: {found.orders.height:,}", title_justify="left", show_header=False)
    for label, column, words in (
        ("事件等级 event grade", "event_grade", EVENT_GRADES),
        ("办理层级 handling level", "handling_level", HANDLING_LEVELS),
        ("值守等级 unit duty tier", "unit_duty_tier", DUTY_TIERS),
    ):
        grid.add_row(label, *_counts(found.orders[column], words))
    states = found.orders["state"].value_counts().sort("state").iter_rows()
    grid.add_row("状态 state", *(f"{name} {count:,}" for name, count in states))
    return grid


def _counts(values: pl.Series, words: Vocabulary) -> list[str]:
    return [f"{term.zh} {(values == code).sum():,}" for code, term in words.items()]


def _warnings_grid(found: Account) -> Grid:
    grid = Grid(title=f"预警 warnings: {found.warnings.height}", title_justify="left")
    for name in ("period", "from (Asia/Shanghai)", "category", "township", "count", "expected", "usual up to", "p"):
        grid.add_column(name)
    for row in found.warnings.sort("p_value", "warning_id").head(10).iter_rows(named=True):
        at = row["period_at"].astimezone(LOCAL)
        grid.add_row(
            row["period"], f"{at:%Y-%m-%d %H:%M}", CATEGORIES[row["category"]].zh, row["township_code"],
            str(row["count"]), f"{row['expected']:.2f}", f"{row['upper']:.0f}", f"{row['p_value']:.1e}",
        )  # fmt: skip
    return grid


def _rates_grid(found: Account) -> Grid:
    grid = Grid(title="回访 call-backs: the three rates, over valid call-backs", title_justify="left")
    for name in ("rate", "numerator", "denominator", "value"):
        grid.add_column(name, justify="left" if name == "rate" else "right")
    by_name = {row["metric"]: row for row in found.rates.iter_rows(named=True)}
    for code, label in RATES.items():
        row = by_name.get(code)
        value = "undefined" if row is None or row["value"] is None else f"{row['value']:.1%}"
        grid.add_row(label, str(row["numerator"] if row else 0), str(row["denominator"] if row else 0), value)
    return grid
