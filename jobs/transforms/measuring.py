"""The metric catalogue computed: pure figures from orders, call-backs, reports and batches of one window."""

from datetime import datetime

import polars as pl

from schemas.metrics import INTAKE_ACCOUNT, METRICS
from schemas.order_life import DONE
from schemas.records import Metric

CONTENT = ("satisfied", "mostly_satisfied")
Window = tuple[datetime, datetime]  # from, to (exclusive), both with a zone
Figures = dict[str, tuple[pl.Expr, pl.Expr]]  # metric -> numerator and denominator over a group
ONE = pl.lit(1)
CUTS = {  # scope -> column of an order
    "unit": "unit_code",
    "township": "township_code",
    "category": "category",
    "event_grade": "event_grade",
    "handling_level": "handling_level",
    "duty_tier": "unit_duty_tier",
}


def measure_orders(
    orders: pl.DataFrame, events: pl.DataFrame, ratings: pl.DataFrame, window: Window, now: datetime
) -> pl.DataFrame:
    """Figures of the orders accepted in the window as things stand at `now`: rows of Metric.

    orders: rows of Assignment with a nullable `township_code`; events, ratings: rows of OrderEvent and Rating, those
    of other orders do no harm. Unit and finish-due time are those after the order's last event up to `now`; only
    the send-back rate counts for the unit that the rules chose.
    The county has a row for every metric; other scopes where they have an order of the window.
    """
    accepted = orders.filter(pl.col("accepted_at").is_between(*window, closed="left"))
    known = events.filter(pl.col("occurred_at") <= now)
    stand = _standing(accepted, known).filter(pl.col("last_state").ne_missing("merged"))
    stand = stand.join(_last_call_backs(ratings, now), on="order_id", how="left")
    sent_back = {"send_back_rate": _share(pl.lit(True), pl.col("was_sent_back"))}
    return pl.concat(
        [
            _rows(stand, _order_figures(now), CUTS, window, now),
            _rows(stand, sent_back, CUTS | {"unit": "first_unit_code"}, window, now),
        ]
    )


def measure_reports(reports: pl.DataFrame, window: Window, now: datetime) -> pl.DataFrame:
    """How many reports were received in the window. reports: current reports, one row each."""
    received = reports.filter(pl.col("received_at").is_between(*window, closed="left"))
    by = {"feed": "feed", "township": "township_code"}
    return _rows(received, {"reports": (pl.len(), ONE)}, by, window, now)


def measure_intake(batches: pl.DataFrame, window: Window, now: datetime) -> pl.DataFrame:
    """The account of what batches finished in the window took in. batches: rows of Batch."""
    finished = batches.filter(pl.col("finished_at").is_between(*window, closed="left"))
    return _rows(finished, {name: (pl.col(name).sum(), ONE) for name in INTAKE_ACCOUNT}, {"feed": "feed"}, window, now)


def _standing(orders: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """One row an order: how it stands after its last event; as decided where nothing happened yet."""
    is_event = pl.col("event").cast(pl.String)
    lives = events.sort("version").group_by("order_id", maintain_order=True).agg(
        last_unit=pl.col("unit_code").last(),
        last_due_at=pl.col("finish_due_at").last(),
        last_state=pl.col("to_state").last().cast(pl.String),
        signed_at=pl.col("occurred_at").filter(is_event == "sign").min(),
        closed_at=pl.col("occurred_at").filter(is_event == "close").max(),
        stopped_at=pl.col("occurred_at").filter(is_event == "pause").max(),
        was_sent_back=(is_event == "send_back").any(),
    )  # fmt: skip
    return orders.join(lives, on="order_id", how="left", maintain_order="left").with_columns(
        first_unit_code="unit_code",
        unit_code=pl.coalesce("last_unit", "unit_code"),
        finish_due_at=pl.coalesce("last_due_at", "finish_due_at"),
        stands_at=pl.when(pl.col("last_state") == "paused").then("stopped_at"),
        is_away=pl.col("last_state").eq_missing("transferred"),
        is_closed=pl.col("last_state").is_in(DONE).fill_null(False),
        was_sent_back=pl.col("was_sent_back").fill_null(False),
    )


def _last_call_backs(ratings: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """One row an order that was called back: its last attempt up to `now`, the only one that counts."""
    known = ratings.filter(pl.col("called_back_at") <= now)
    last = known.sort("attempt").unique("order_id", keep="last", maintain_order=True)
    return last.select("order_id", "was_reached", "was_contacted", "was_solved", "satisfaction")


def _order_figures(now: datetime) -> Figures:
    overdue = ~pl.col("is_closed") & ~pl.col("is_away") & (pl.col("finish_due_at") < pl.col("stands_at").fill_null(now))
    to_sign = pl.col("signed_at").is_not_null() | (~pl.col("is_away") & (pl.col("sign_due_at") < now))
    to_close = pl.col("is_closed") | overdue
    called_back = pl.col("was_reached").is_not_null()
    valid = pl.col("was_reached").fill_null(False)
    return {
        "orders": (pl.len(), ONE),
        "urgent_orders": (pl.col("is_urgent").sum(), ONE),
        "overdue_orders": (overdue.sum(), ONE),
        "signed_in_time_rate": _share(to_sign, pl.col("signed_at") <= pl.col("sign_due_at")),
        "closed_in_time_rate": _share(to_close, pl.col("is_closed") & (pl.col("closed_at") <= pl.col("finish_due_at"))),
        "valid_call_back_rate": _share(called_back, valid),
        "response_rate": _share(valid, pl.col("was_contacted")),
        "solved_rate": _share(valid, pl.col("was_solved")),
        "satisfaction_rate": _share(valid, pl.col("satisfaction").cast(pl.String).is_in(CONTENT)),
    }


def _share(counted: pl.Expr, fulfilled: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Numerator and denominator of a share; what is not known to be fulfilled is not."""
    return (counted & fulfilled.fill_null(False)).sum(), (counted & pl.col(EVERY_ROW)).sum()


EVERY_ROW = "_is_row"  # so that a constant condition is still counted row by row


def _rows(
    things: pl.DataFrame, figures: Figures, scopes: dict[str, str], window: Window, now: datetime
) -> pl.DataFrame:
    """Rows of Metric: one a metric for the county, and one for each value of each scope's column."""
    things = things.with_columns(pl.lit(True).alias(EVERY_ROW))
    parts = [_of_groups(things.with_columns(scope=pl.lit("county")), figures, whole=True)]
    for scope, column in scopes.items():
        known = things.filter(pl.col(column).is_not_null())
        named = known.with_columns(scope=pl.lit(f"{scope}:") + pl.col(column).cast(pl.String))
        cut = {name: figure for name, figure in figures.items() if scope in METRICS[name].scopes}
        if cut:
            parts.append(_of_groups(named, cut))
    return (
        pl.concat(parts)
        .select(
            "metric",
            "scope",
            "numerator",
            "denominator",
            window_start=pl.lit(window[0]),
            window_end=pl.lit(window[1]),
            value=pl.when(pl.col("denominator") > 0).then(pl.col("numerator") / pl.col("denominator")),
            definition_version=pl.col("metric").replace_strict({code: m.version for code, m in METRICS.items()}),
            computed_at=pl.lit(now),
        )
        .select(pl.col(name).cast(kind) for name, kind in Metric.create_empty().schema.items())
    )


def _of_groups(things: pl.DataFrame, figures: Figures, whole: bool = False) -> pl.DataFrame:
    """Columns metric, scope, numerator, denominator. whole: one group, also when there is nothing to count."""
    exprs = [
        pl.struct(numerator=n.cast(pl.Int64), denominator=d.cast(pl.Int64)).alias(metric)
        for metric, (n, d) in figures.items()
    ]
    if whole:
        counted = things.select(*exprs).with_columns(scope=pl.lit("county"))
    else:
        counted = things.group_by("scope").agg(*exprs).sort("scope")
    return counted.unpivot(index="scope", variable_name="metric").unnest("value")
