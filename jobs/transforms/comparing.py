"""Two decisions on the same incidents side by side: who gains and loses what."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

CODES = ("unit_code", "event_grade", "handling_level", "unit_duty_tier")
DUE = ("sign_due_at", "finish_due_at")
FIELDS = (*CODES, *DUE, "co_unit_codes", "category", "is_urgent")


@dataclass(frozen=True)
class Comparison:
    """orders: looked at. changed: one row an order that changes, columns `X` and `new_X` of FIELDS, and `new_reasons`.

    counts: field, value, before, after, gained, lost; one row a value of CODES. later, earlier: orders whose time to
    finish moves, with the median move in hours. overdue: shares before and after, None without an order.
    """

    orders: int
    changed: pl.DataFrame
    counts: pl.DataFrame
    later: tuple[int, float | None]
    earlier: tuple[int, float | None]
    overdue: tuple[float | None, float | None]


def compare(before: pl.DataFrame, after: pl.DataFrame, events: pl.DataFrame, now: datetime) -> Comparison:
    """before, after: what `assign` gives for the same incidents. events: of the orders; they tell what is closed."""
    new = after.select("order_id", new_reasons="reasons", **{f"new_{name}": pl.col(name) for name in FIELDS})
    both = before.select("order_id", *FIELDS).join(new, on="order_id", validate="1:1")
    moved = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"new_{name}")) for name in FIELDS)
    hours = (pl.col("new_finish_due_at") - pl.col("finish_due_at")).dt.total_seconds() / 3600
    moves = both.select(hours.alias("hours"))["hours"]
    return Comparison(
        orders=both.height,
        changed=both.filter(moved).sort("order_id"),
        counts=pl.concat(_counted(both, name) for name in CODES),
        later=(int((moves > 0).sum()), _median(moves.filter(moves > 0))),
        earlier=(int((moves < 0).sum()), _median(moves.filter(moves < 0))),
        overdue=(_overdue(both, "finish_due_at", events, now), _overdue(both, "new_finish_due_at", events, now)),
    )


def _counted(both: pl.DataFrame, name: str) -> pl.DataFrame:
    old, new = pl.col(name).cast(pl.String), pl.col(f"new_{name}").cast(pl.String)
    pairs = both.select(old=old, new=new)
    left = pairs.group_by(value="old").agg(before=pl.len(), lost=(pl.col("old") != pl.col("new")).sum())
    came = pairs.group_by(value="new").agg(after=pl.len(), gained=(pl.col("old") != pl.col("new")).sum())
    counted = left.join(came, on="value", how="full", coalesce=True).with_columns(pl.exclude("value").fill_null(0))
    return counted.select(
        pl.lit(name).alias("field"), "value", *(pl.col(x).cast(pl.Int64) for x in ("before", "after", "gained", "lost"))
    ).sort("value")


def _median(hours: pl.Series) -> float | None:
    found = hours.median()
    return float(found) if isinstance(found, (int, float)) else None


def _overdue(both: pl.DataFrame, due: str, events: pl.DataFrame, now: datetime) -> float | None:
    """Share of orders that were closed too late, or are open past their time; what is paused, past it when it was."""
    step = pl.col("event").cast(pl.String)
    lives = events.sort("version").group_by("order_id").agg(
        closed_at=pl.col("occurred_at").filter(step == "close").max(),
        paused_at=pl.col("occurred_at").filter(step == "pause").max(),
        is_paused=pl.col("to_state").cast(pl.String).last() == "paused",
    )  # fmt: skip
    stands_at = pl.coalesce("closed_at", pl.when("is_paused").then("paused_at"), pl.lit(now))
    done = both.join(lives, on="order_id", how="left").select(stands_at > pl.col(due))
    return float(done.to_series().mean()) if both.height else None  # type: ignore[arg-type]  # not empty
