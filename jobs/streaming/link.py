"""Reports to incidents: every report gets one link, with score and reasons; touched incidents are computed anew.

Only what a device says of itself gets none: that is for those who run the devices (`ninelines faults`).

A report keeps the link it has, so a batch done again changes nothing, and an incident is always what its linked
reports say. Once a night reports are linked anew (`jobs.batch.relink`): by a service itself, else by Airflow.
"""

from datetime import UTC, datetime
from functools import partial

import polars as pl
from pyspark.sql import DataFrame

from jobs.batch.relink import is_due, relink_new
from jobs.context import Context, NothingToDoError, Result
from jobs.io.checkpoints import has_read_table
from jobs.io.lake import Lake
from jobs.io.linked import days_between, for_public, incidents_now
from jobs.io.queries import run_query
from jobs.settings import Settings, path_of
from jobs.streaming.land import rows_in
from jobs.transforms.linking import LINKER_VERSION, link
from jobs.transforms.relinking import WINDOW
from jobs.transforms.revisions import newest
from schemas import forms
from schemas.records import Report

MAX_BYTES = "64m"  # of reports, compressed, in one batch: bounds memory
WRITES = ("gold.links", "gold.incidents", "ops.relinkings")


def run(context: Context) -> Result:
    """Link every report that came to silver since the last time."""
    lake, settings = context.lake, context.settings
    checkpoint = f"{settings.checkpoints}/link"
    if not context.is_continuous and has_read_table(checkpoint, lake.uri, "silver.reports"):
        raise NothingToDoError("link: nothing new")
    for name in ("silver.reports", *WRITES):
        lake.ensure(name)
    reports = lake.spark.readStream.format("delta").option("maxBytesPerTrigger", MAX_BYTES)
    rows = reports.option("skipChangeCommits", "true").load(path_of(lake.uri, "silver.reports"))
    sink = rows.writeStream.foreachBatch(partial(join, settings=settings, relinks=context.is_continuous))
    batches = run_query(sink, "link", checkpoint, context.is_continuous, rows_in)
    reports_in = sum(batch.numInputRows for batch in batches)
    return {"batches": len(batches), "reports": reports_in, "incidents": lake.read("gold.incidents", ["day"]).height}


def join(batch: DataFrame, batch_id: int, settings: Settings, *, relinks: bool = False) -> None:
    """One batch: link its reports, then bring up to date the incidents they belong to. relinks: at its hour."""
    lake, now = Lake(settings), datetime.now(UTC)
    new = for_public(newest(forms.from_arrow(batch.toArrow(), Report)))
    if not new.is_empty():
        link_new(lake, new, now)
    if relinks and is_due(lake, now):
        relink_new(lake, now)


def link_new(lake: Lake, new: pl.DataFrame, now: datetime) -> None:
    """Link these reports and bring up to date the incidents they belong to. The caller holds the locks."""
    links = lake.read("gold.links")
    linked = _around(lake, new).join(links.select("report_id", "incident_id"), on="report_id")
    unlinked = new.join(links, on="report_id", how="anti")
    found = link(unlinked, linked).with_columns(linker_version=pl.lit(LINKER_VERSION), linked_at=pl.lit(now))
    lake.append_new("gold.links", found)
    links = pl.concat([links, found.select(links.columns).cast(links.schema)])
    touched = links.join(new, on="report_id", how="semi")["incident_id"].unique()
    lake.upsert("gold.incidents", incidents_now(lake, links, touched, new["day"]))


def _around(lake: Lake, new: pl.DataFrame) -> pl.DataFrame:
    """Reports of the time in which these may have been told of before."""
    first, last = new["received_at"].min(), new["received_at"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    near = pl.col("received_at").is_between(first - WINDOW, last + WINDOW)
    return lake.current_reports(days_between((first - WINDOW).date(), (last + WINDOW).date()) & near)
