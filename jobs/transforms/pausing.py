"""Decisions on orders whose clock was paused: the time that was paused is kept, whatever is decided anew."""

import polars as pl

from schemas.regulation import Regulation
from schemas.regulation.clock import after_pauses, counting_of, pauses_of

STEPS = ("pause", "resume")  # the events that tell of it
MOVED = pl.Schema({"order_id": pl.String(), "_due_at": pl.Datetime("us", "UTC"), "paused": pl.String()})


def with_pauses(decided: pl.DataFrame, events: pl.DataFrame, rules: Regulation) -> pl.DataFrame:
    """The decisions with finish_due_at after the pauses that are over, and what these gave as `paused`, null: nothing.

    decided: columns order_id, accepted_at, reasons, finish_due_at as they follow from acceptance. events: rows of
    OrderEvent. A pause is counted as the limit counts that this decision names, so another limit counts it anew.
    """
    steps = events.filter(pl.col("event").cast(pl.String).is_in(STEPS)).sort("version")
    of_order = {order: part.to_dicts() for (order,), part in steps.group_by("order_id")}
    paused = decided.filter(pl.col("order_id").is_in(list(of_order)))
    found = []
    for row in paused.select("order_id", "accepted_at", "reasons", "finish_due_at").iter_rows(named=True):
        counting = counting_of(rules, row["reasons"], row["accepted_at"])
        found.append(
            (row["order_id"], *after_pauses(row["finish_due_at"], pauses_of(of_order[row["order_id"]]), counting))
        )
    moved = pl.DataFrame(found, schema=MOVED, orient="row")
    both = decided.join(moved, on="order_id", how="left", maintain_order="left")
    given = pl.col("paused").replace("", None)
    return both.with_columns(finish_due_at=pl.coalesce("_due_at", "finish_due_at"), paused=given).drop("_due_at")
