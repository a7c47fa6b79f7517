"""assign: an order's unit, tiers and due times for every incident, by dated rules."""

from datetime import timedelta

import polars as pl

from jobs.context import Context, NothingToDoError, Result
from jobs.io.lake import Lake
from jobs.io.router_files import live_router
from jobs.io.rules import rules_in_use
from jobs.transforms.assigning import assign, changed

ASSIGNMENTS = "gold.assignments"
LOOK_AGAIN = timedelta(days=35)  # longer than any time limit, so that a newly published calendar mends open orders


def run(context: Context) -> Result:
    """Decide what is new, and anew what happened lately; write the decisions that changed.

    A second run with the same input writes nothing. With `everything=yes` all incidents are decided anew, as after a
    corrected rule. The window of the context is not looked at: what is new decides.
    """
    lake = context.lake
    present = lake.read(ASSIGNMENTS)
    incidents = _incidents(lake, present, everything="everything=yes" in context.options)
    decided = _decide(context, incidents)
    to_write = changed(decided, present)
    if to_write.is_empty():
        raise NothingToDoError(f"{incidents.height} incidents looked at, every decision stands")
    lake.upsert(ASSIGNMENTS, to_write.with_columns(decided_at=pl.lit(context.now, pl.Datetime("us", "UTC"))))
    return {"incidents": incidents.height, "decisions": to_write.height, "new": _new(to_write, present)}


def _incidents(lake: Lake, present: pl.DataFrame, everything: bool) -> pl.DataFrame:
    """Incidents that may need a decision: without one, told of again since, or opened lately."""
    told = lake.read("gold.incidents")
    # One whose reports belong to another incident now keeps the order it has, and gets none.
    is_decided = pl.col("incident_id").is_in(present["incident_id"].implode())
    incidents = told.filter(pl.col("merged_into").is_null() | is_decided)
    if everything or incidents.is_empty():
        return incidents
    counted = present.select("incident_id", report_count=pl.col("urged_count") + 1, is_known=pl.lit(True))
    found = incidents.join(counted, on=["incident_id", "report_count"], how="left", maintain_order="left")
    lately = incidents["day"] > incidents["day"].max() - LOOK_AGAIN  # type: ignore[operator]  # a date: not empty
    return incidents.filter(found["is_known"].is_null() | lately)


def _decide(context: Context, incidents: pl.DataFrame) -> pl.DataFrame:
    lake, settings = context.lake, context.settings
    links = lake.read("gold.links", ["report_id", "incident_id"]).join(incidents, on="incident_id", how="semi")
    classifications = lake.read("gold.classifications").join(links, on="report_id", how="semi")
    rules, router = rules_in_use(settings), live_router(settings.state_dir)
    return assign(incidents, links, classifications, rules, router)


def _new(decisions: pl.DataFrame, present: pl.DataFrame) -> int:
    return decisions.join(present, on="order_id", how="anti").height
