"""What each unit's orders did on each local day, counted from the steps of their lives."""

from datetime import date

import polars as pl

from jobs.catalog import TIME_ZONE
from schemas.order_life import WITH_THE_UNIT
from schemas.records import OrdersDaily

STEPS = {  # column -> events that it counts
    "dispatched": ("dispatch",),
    "signed": ("sign",),
    "closed": ("close",),
    "sent_back": ("send_back",),
    "reopened": ("reopen",),
    "gone": ("transfer", "merge"),
    "extended": ("extend", "grant_extension"),
    "marked": ("remind", "supervise", "report"),
}
KEY = ["day", "unit_code"]


def orders_daily(events: pl.DataFrame) -> pl.DataFrame:
    """Rows of OrdersDaily: each unit from the day of its first step to the day of anybody's last.

    events: rows of OrderEvent. A step counts for the unit that has the order after it.
    """
    if events.is_empty():
        return OrdersDaily.create_empty()
    codes = [pl.col(name).cast(pl.String) for name in ("event", "to_state")]
    told = events.select("order_id", "version", "unit_code", *codes, day=_local_day()).sort("order_id", "version")
    found = _days(told).join(count_steps(told), on=KEY, how="left").join(_opened(told), on=KEY, how="left")
    found = found.with_columns(pl.col(*STEPS, "change").fill_null(0)).sort("unit_code", "day")
    open_at_end = pl.col("change").cum_sum().over("unit_code")
    return OrdersDaily.validate(found.with_columns(open_at_end=open_at_end).drop("change"), cast=True).sort(KEY)


def count_steps(told: pl.DataFrame) -> pl.DataFrame:
    """Day, unit_code and the columns of STEPS. told: day, unit_code, event."""
    counts = [pl.col("event").is_in(events).sum().cast(pl.Int64).alias(column) for column, events in STEPS.items()]
    return told.group_by(KEY).agg(counts)


def differing(store: pl.DataFrame, lake: pl.DataFrame, before: date) -> list[str]:
    """`day unit` of days before this one on which the two count other steps. Both: KEY and the columns of STEPS."""
    columns = [*KEY, *STEPS]
    busy = pl.sum_horizontal(*STEPS) > 0
    parts = [rows.select(pl.col(KEY), pl.col(*STEPS).cast(pl.Int64)).filter(busy, pl.col("day") < before)
             for rows in (store, lake)]  # fmt: skip
    odd = pl.concat([parts[0].join(parts[1], on=columns, how="anti"), parts[1].join(parts[0], on=columns, how="anti")])
    return [f"{day} {unit}" for day, unit in odd.select(KEY).unique().sort(KEY).iter_rows()]


def _local_day() -> pl.Expr:
    return pl.col("occurred_at").dt.convert_time_zone(TIME_ZONE).dt.date()


def _days(told: pl.DataFrame) -> pl.DataFrame:
    """Day and unit_code, without holes."""
    last = told["day"].max()
    firsts = told.group_by("unit_code").agg(first=pl.col("day").min())
    days = pl.date_ranges("first", pl.lit(last), "1d")
    return firsts.select("unit_code", day=days).explode("day")


def _opened(told: pl.DataFrame) -> pl.DataFrame:
    """Day, unit_code, and by how many the orders that the unit has to do changed on it.

    No step is taken to be on an earlier day than the one before it: the clocks of two machines differ at midnight.
    """
    is_open = pl.col("to_state").is_in(WITH_THE_UNIT)
    told = told.with_columns(day=pl.col("day").cum_max().over("order_id"))
    later = told.with_columns(left=pl.col("day").shift(-1).over("order_id")).filter(is_open)
    came = later.select("day", "unit_code", change=pl.lit(1, pl.Int64))
    went = later.drop_nulls("left").select("unit_code", day="left", change=pl.lit(-1, pl.Int64)).select(came.columns)
    return pl.concat([came, went]).group_by(KEY).agg(pl.col("change").sum())
