"""How classifier and assignment do from day to day: abstained, urgent, overridden, sent back, and drift."""

from collections.abc import Mapping
from datetime import date, timedelta
from math import log
from typing import Any

import polars as pl

from jobs.catalog import TIME_ZONE

BEFORE = timedelta(days=28)  # what a day is compared with
FEWEST = 200  # on either side: below it a share says little
MODERATE, LARGE = 0.1, 0.25  # customary borders of the population stability index
SMOOTHING = 0.5  # reports added to each class, so that none is empty
SOURCE = "source"
Day = dict[str, Any]


def psi(now: Mapping[str, int], before: Mapping[str, int]) -> float | None:
    """Population stability index of two counts by class; None where either has fewer than FEWEST.

    Sum of (p - q) ln(p / q); see Siddiqi, Credit Risk Scorecards (2006). 0: the same shares.
    """
    if min(sum(now.values()), sum(before.values())) < FEWEST:
        return None
    classes = sorted({*now, *before})
    p, q = ([counts.get(name, 0) + SMOOTHING for name in classes] for counts in (now, before))
    shares = [(x / sum(p), y / sum(q)) for x, y in zip(p, q, strict=True)]
    return round(sum((x - y) * log(x / y) for x, y in shares), 4)


def days_of(classified: pl.DataFrame, events: pl.DataFrame, first: date, last: date) -> list[Day]:
    """One entry a local day from first to last, the last first; shares are None without anything to share.

    classified: report_id, feed, received_at, category, abstained, is_urgent, model_version; also of BEFORE first.
    events: rows of OrderEvent; an order counts for the day on which it was dispatched first.
    """
    rows = classified.with_columns(
        pl.col("category", "feed").cast(pl.String), day=pl.col("received_at").dt.convert_time_zone(TIME_ZONE).dt.date()
    )
    orders = _orders(events)
    span = [last - timedelta(days=number) for number in range((last - first).days + 1)]
    return [_day(day, rows, orders.filter(pl.col("day") == day)) for day in span]


def _orders(events: pl.DataFrame) -> pl.DataFrame:
    """One row an order: the day it was dispatched, and whether it was sent back, or moved or corrected by a person."""
    role, event = pl.col("role").cast(pl.String), pl.col("event").cast(pl.String)
    is_corrected = (event == "correct") & (pl.col("category") != pl.col("category").first())
    return (
        events.sort("order_id", "version")
        .group_by("order_id")
        .agg(
            day=pl.col("occurred_at").min().dt.convert_time_zone(TIME_ZONE).dt.date(),
            sent_back=(event == "send_back").any(),
            overridden=((event == "dispatch") & (role != "system") | is_corrected).any(),
        )
    )


def _day(day: date, rows: pl.DataFrame, orders: pl.DataFrame) -> Day:
    now = rows.filter(pl.col("day") == day)
    before = rows.filter(pl.col("day").is_between(day - BEFORE, day, closed="left"))
    guessed = now.filter(pl.col("model_version") != SOURCE)
    return {
        "day": day.isoformat(),
        "reports": now.height,
        "guessed": guessed.height,
        "abstained": _share(int(guessed["abstained"].sum()), guessed.height),
        "urgent": _share(int(now["is_urgent"].sum()), now.height),
        "orders": orders.height,
        "sent_back": _share(int(orders["sent_back"].sum()), orders.height),
        "overridden": _share(int(orders["overridden"].sum()), orders.height),
        "drift_of_feeds": psi(_counts(now, "feed"), _counts(before, "feed")),
        "drift_of_categories": psi(_counts(now, "category"), _counts(before, "category")),
        "by_feed": {
            feed: _share(int(part["abstained"].sum()), part.height)
            for (feed,), part in sorted(guessed.partition_by("feed", as_dict=True).items(), key=str)
        },
    }


def _share(part: int, whole: int) -> Day:
    return {"numerator": part, "denominator": whole, "value": round(part / whole, 4) if whole else None}


def _counts(rows: pl.DataFrame, name: str) -> dict[str, int]:
    return dict(rows.group_by(name).len().iter_rows())
