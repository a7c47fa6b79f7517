"""Which reports tell of the same incident: near in place and time, alike in words or caller, of kinds that fit.

Links, never drops: every report gets exactly one link, to the incident it opened or to an earlier one. Pairs are
looked for in three ways (near each other, rare words in common, same caller) and judged by one rule, so the work
grows with the number of reports, not with its square.
"""

from collections.abc import Iterator

import polars as pl

from jobs.transforms.likeness import judged
from jobs.transforms.neighbours import candidates
from schemas.ids import incident_id
from schemas.records import Incident

LINKER_VERSION = "1"
WANTED: dict[str, pl.DataType | type[pl.DataType]] = {
    "report_id": pl.String, "received_at": pl.Datetime("us", "UTC"), "lat": pl.Float64, "lon": pl.Float64,
    "category": pl.String, "text": pl.String, "kind": pl.String, "place": pl.String, "township_code": pl.String,
    "grid_code": pl.String, "caller_token": pl.String, "device_id": pl.String,
}  # fmt: skip
LINK_COLUMNS = ("report_id", "incident_id", "score", "reasons")
OPENED = (1.0, ["first_report"])


def link(reports: pl.DataFrame, recent: pl.DataFrame) -> pl.DataFrame:
    """One link for each new report: report_id, incident_id, score (0 to 1), reasons. Row order does not matter.

    reports: at least report_id and received_at, one row a report; other columns of Report where known. recent: the
    same of reports linked before, with their incident_id. A report joins the incident of the report it is most
    like, among those linked before and the new ones received before it; else it opens an incident of its own.
    """
    new = known_columns(reports).sort("received_at", "report_id")
    old = known_columns(recent).with_columns(recent["incident_id"]) if recent.height else None
    pairs = judged(candidates(new, old))
    return pl.DataFrame(
        list(_linked(new, recent, pairs)),
        schema={"report_id": pl.String, "incident_id": pl.String, "score": pl.Float64, "reasons": pl.List(pl.String)},
        orient="row",
    )


def incidents_of(reports: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The incidents these links make, one row each. reports: the current row of every linked report."""
    told = links.select("report_id", "incident_id", "reasons").join(reports, on="report_id")
    first = told.with_columns(is_first=pl.col("reasons").list.contains("first_report")).sort(
        "is_first", "received_at", "report_id", descending=[True, False, False]
    )
    named = [pl.col(name).drop_nulls().first() for name in ("category", "place", "county_code", "township_code")]
    spot = [pl.col(name).drop_nulls().first() for name in ("grid_code", "lat", "lon")]
    whole = first.group_by("incident_id", maintain_order=True).agg(
        pl.col("report_id").first().alias("first_report_id"),
        pl.col("kind").first(),
        pl.col("text").first(),
        *named,
        *spot,
        first_received_at=pl.col("received_at").min(),
        last_received_at=pl.col("received_at").max(),
        report_count=pl.len().cast(pl.Int32),
        feeds=pl.col("feed").unique().sort(),
    )
    local = pl.col("first_received_at").dt.convert_time_zone("Asia/Shanghai")
    whole = whole.with_columns(day=local.dt.date(), merged_into=pl.lit(None, pl.String))
    return whole.select(Incident.column_names())


def known_columns(reports: pl.DataFrame) -> pl.DataFrame:
    """The columns that linking looks at, null where the reports lack one; codes as plain text."""
    have = set(reports.columns)
    return reports.select(
        (pl.col(name) if name in have else pl.lit(None)).cast(kind).alias(name) for name, kind in WANTED.items()
    )


def _linked(
    new: pl.DataFrame, recent: pl.DataFrame, pairs: pl.DataFrame
) -> Iterator[tuple[str, str, float, list[str]]]:
    """Reports in the order of their time, each with the incident of the best of those before it."""
    incident = dict(recent.select("report_id", "incident_id").iter_rows()) if recent.height else {}
    best = {report: rest for report, *rest in pairs.select("report_id", "other_id", "score", "reasons").iter_rows()}
    for report in new["report_id"]:
        score, reasons = OPENED
        if report in best:
            other, score, reasons = best[report]
            incident[report] = incident[other]
        else:
            incident[report] = incident_id(report)
        yield report, incident[report], score, reasons
