"""What is linked, and what incidents come of it."""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from jobs.io.lake import Lake
from jobs.transforms.linking import incidents_of
from schemas.vocabulary import FOR_OPERATIONS


def for_public(reports: pl.DataFrame) -> pl.DataFrame:
    """Without what a device says of itself: that gets no link."""
    return reports.filter(~pl.col("kind").cast(pl.String).is_in(list(FOR_OPERATIONS)))


def incidents_now(lake: Lake, links: pl.DataFrame, touched: pl.Series, days: Iterable[date]) -> pl.DataFrame:
    """The touched incidents as their linked reports say now; those without any report are left out.

    links: all there are. touched: incident ids. days: of the reports that are linked just now.
    """
    members = links.filter(pl.col("incident_id").is_in(touched.implode()))
    known = lake.read("gold.incidents", ["incident_id", "day", "last_received_at"])
    known = known.filter(pl.col("incident_id").is_in(touched.implode()))
    span = sorted([*days, *known["day"], *known["last_received_at"].dt.date()])
    reports = lake.current_reports(days_between(span[0], span[-1])).join(members, on="report_id", how="semi")
    return incidents_of(reports, members)


def days_between(first: date, last: date) -> pl.Expr:
    """Partitions of reports, a day more on each side: the partition is the local day."""
    return pl.col("day").is_between(first - timedelta(days=1), last + timedelta(days=1))
