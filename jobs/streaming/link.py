"""Reports to incidents: every report gets one link, with score and reasons; touched incidents are computed anew.

Only what a device says of itself gets none: that is for those who run the devices (`ninelines faults`).

A report keeps the link it has, so a batch done again changes nothing, and an incident is always what its linked
reports say.
"""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import polars as pl
from pyspark.sql import DataFrame

from jobs.context import Context, NothingToDoError, Result
from jobs.io.checkpoints import has_read_table
from jobs.io.lake import Lake
from jobs.io.queries import run_query
from jobs.settings import Settings, path_of
from jobs.streaming.land import rows_in
from jobs.transforms.linking import LINKER_VERSION, incidents_of, link
from jobs.transforms.revisions import newest
from schemas import forms
from schemas.records import Report
from schemas.vocabulary import FOR_OPERATIONS

MAX_BYTES = "64m"  # of reports, compressed, in one batch: bounds memory
WINDOW = timedelta(hours=72)  # the longest time between two reports that are joined
LONGEST_INCIDENT = timedelta(days=30)  # between an incident's first report and one that joins it


def run(context: Context) -> Result:
    """Link every report that came to silver since the last time."""
    lake, settings = context.lake, context.settings
    checkpoint = f"{settings.checkpoints}/link"
    if not context.is_continuous and has_read_table(checkpoint, lake.uri, "silver.reports"):
        raise NothingToDoError("link: nothing new")
    for name in ("silver.reports", "gold.links", "gold.incidents"):
        lake.ensure(name)
    reports = lake.spark.readStream.format("delta").option("maxBytesPerTrigger", MAX_BYTES)
    rows = reports.option("skipChangeCommits", "true").load(path_of(lake.uri, "silver.reports"))
    sink = rows.writeStream.foreachBatch(partial(join, settings=settings))
    batches = run_query(sink, "link", checkpoint, context.is_continuous, rows_in)
    reports_in = sum(batch.numInputRows for batch in batches)
    return {"batches": len(batches), "reports": reports_in, "incidents": lake.read("gold.incidents", ["day"]).height}


def join(batch: DataFrame, batch_id: int, settings: Settings) -> None:
    """One batch: link its reports, then bring up to date the incidents they belong to."""
    lake = Lake(settings)
    new = newest(forms.from_arrow(batch.toArrow(), Report)).filter(~pl.col("kind").is_in(list(FOR_OPERATIONS)))
    if new.is_empty():
        return
    around = _around(lake, new)
    links = lake.read("gold.links")
    linked = around.join(links.select("report_id", "incident_id"), on="report_id")
    unlinked = new.join(links, on="report_id", how="anti")
    found = link(unlinked, linked).with_columns(
        linker_version=pl.lit(LINKER_VERSION), linked_at=pl.lit(datetime.now(UTC))
    )
    lake.append_new("gold.links", found)
    links = pl.concat([links, found.select(links.columns).cast(links.schema)])
    touched = links.join(new, on="report_id", how="semi").select("incident_id").unique()
    members = links.join(touched, on="incident_id", how="semi")
    lake.upsert("gold.incidents", incidents_of(_told(lake, new, members), members))


def _around(lake: Lake, new: pl.DataFrame) -> pl.DataFrame:
    """Reports of the time in which these may have been told of before."""
    first, last = new["received_at"].min(), new["received_at"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    near = pl.col("received_at").is_between(first - WINDOW, last + WINDOW)
    return lake.current_reports(_days(first.date() - WINDOW, last.date() + WINDOW) & near)


def _told(lake: Lake, new: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The current row of each of these linked reports."""
    first, last = new["day"].min(), new["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    days = _days(first - LONGEST_INCIDENT, last + LONGEST_INCIDENT)
    return lake.current_reports(days).join(members, on="report_id", how="semi")


def _days(first: date, last: date) -> pl.Expr:
    """Partitions, a day more on each side: the partition is the local day."""
    return pl.col("day").is_between(first - timedelta(days=1), last + timedelta(days=1))
