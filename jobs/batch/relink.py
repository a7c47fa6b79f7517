"""relink: link the last weeks' reports anew, so that links do not depend on the order in which reports came.

While reports stream in, each is linked once, to those that came before it, and keeps that link: departments already
work on the incident. A report that comes late, or while others wait in a queue, may so open an incident of its own.
Once a night every report that such a one may concern is linked as if all had come in the order of their time. An
incident that is left without a report stays, and says which one its reports belong to now: its order is a person's
work, and a person merges the two.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from jobs.catalog import TIME_ZONE
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.lake import Lake
from jobs.io.linked import for_public, incidents_now
from jobs.io.table_files import files_of
from jobs.transforms.linking import LINK_COLUMNS, LINKER_VERSION
from jobs.transforms.relinking import WINDOW, relink, window_of

LOOK_BACK = timedelta(days=35)  # what comes later than this after it was received keeps the link it was given
HOUR = 3  # local: a service links anew in the first batch after it
EVERYTHING = "everything=yes"


def run(context: Context) -> Result:
    """Link anew from the first day that has reports nobody relinked yet; with `everything=yes`, all there are.

    Raises NothingToDoError where nothing came since the last time.
    """
    if unknown := set(context.options) - {EVERYTHING}:
        raise DataError(f"relink: not understood: {' '.join(sorted(unknown))}; there is {EVERYTHING}")
    found = relink_new(context.lake, context.now, everything=EVERYTHING in context.options)
    if found is None:
        raise NothingToDoError("relink: no new reports")
    return found


def is_due(lake: Lake, now: datetime) -> bool:
    """Whether today's hour has come and nobody relinked since."""
    local = now.astimezone(ZoneInfo(TIME_ZONE))
    last = lake.read("ops.relinkings", ["relinked_at"])["relinked_at"].max()
    assert last is None or isinstance(last, datetime)
    return local.hour >= HOUR and (last is None or last.astimezone(local.tzinfo).date() < local.date())


def relink_new(lake: Lake, now: datetime, *, everything: bool = False) -> Result | None:
    """See `run`; None where there is nothing to do. The caller holds the locks of the job `link`."""
    before = lake.read("ops.relinkings", ["relinked_at", "until_version"]).sort("relinked_at")
    since = before["until_version"][-1] if before.height and not everything else None
    if (files := files_of(lake.uri, "silver.reports", since)) is None or not files[1].sizes:
        return None
    days = files[1].scan().select("kind", "day").unique().collect()
    days = for_public(days).filter(pl.lit(everything) | (pl.col("day") > now.date() - LOOK_BACK))
    if days.is_empty():
        return None
    first = days["day"].min()
    assert isinstance(first, date)
    counts = _relink_from(lake, first, now)
    booked = {"relinked_at": now, "until_version": files[1].version, "first_day": first, **counts}
    lake.append_new("ops.relinkings", pl.DataFrame([booked]))
    return {"first_day": str(first), **counts}


def _relink_from(lake: Lake, first: date, now: datetime) -> dict[str, int]:
    """Incidents are written before links: what is cut short finds the same differences again."""
    links = lake.read("gold.links")
    linked = for_public(lake.current_reports(pl.col("day") >= first - WINDOW - timedelta(days=1)))
    known = linked.join(links.select("report_id", "incident_id"), on="report_id")
    settled = known.filter((pl.col("day") < first) & (pl.col("received_at") >= window_of(first)))
    reports = linked.filter(pl.col("day") >= first)
    found = relink(reports, settled)
    changed = _differing(found, links)
    days = reports.join(changed, on="report_id", how="semi")["day"]
    merged = _tell(lake, links, changed, days, now) if changed.height else 0
    return {"reports": reports.height, "changed": changed.height, "merged": merged}


def _differing(found: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The links that are not there, or say something else."""
    why = pl.col("reasons").cast(pl.List(pl.String)).list.join(" ").alias("why")
    keys = ["report_id", "incident_id", "score", "why"]
    return found.with_columns(why).join(links.with_columns(why), on=keys, how="anti").select(LINK_COLUMNS)


def _tell(lake: Lake, links: pl.DataFrame, changed: pl.DataFrame, days: pl.Series, now: datetime) -> int:
    """Write what changed: incidents, then links. How many incidents have no report now."""
    told = changed.with_columns(
        linker_version=pl.lit(LINKER_VERSION), linked_at=pl.lit(now, pl.Datetime("us", "UTC"))
    ).select(pl.col(name).cast(kind) for name, kind in links.schema.items())
    before = links.join(told, on="report_id", how="semi")["incident_id"]
    after = pl.concat([links.join(told, on="report_id", how="anti"), told])
    touched = pl.concat([before, told["incident_id"]]).unique()
    incidents = incidents_now(lake, after, touched, days)
    emptied = _emptied(lake, touched.filter(~touched.is_in(incidents["incident_id"].implode())), after)
    lake.upsert("gold.incidents", pl.concat([incidents, emptied], how="vertical_relaxed"))
    lake.upsert("gold.links", told)
    return emptied.height


def _emptied(lake: Lake, incident_ids: pl.Series, links: pl.DataFrame) -> pl.DataFrame:
    """These incidents as they were, with the one that their first report belongs to now."""
    were = lake.read("gold.incidents", where=pl.col("incident_id").is_in(incident_ids.to_list()))
    now = links.select(first_report_id="report_id", merged_into="incident_id")
    columns = were.columns
    return were.drop("merged_into").join(now, on="first_report_id", how="left").select(columns)
