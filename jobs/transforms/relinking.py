"""Links as they follow from the reports alone, in whatever order these came: each local day after the one before."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from jobs.catalog import TIME_ZONE
from jobs.transforms.linking import link
from jobs.transforms.neighbours import LONGEST_HOURS

WINDOW = timedelta(hours=LONGEST_HOURS)  # the longest time between two reports that are joined


def relink(reports: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """One link for each report, as `linking.link` gives them. Row order and the order of arrival do not matter.

    reports: the current row of every report of some local days and of all days after them. settled: the same of
    reports of WINDOW before these days, with their incident_id. The result is that of all reports ever linked anew,
    as long as the settled ones have the links that this gives.
    """
    recent, found = settled, []
    for (day,), new in reports.sort("day").group_by("day", maintain_order=True):
        assert isinstance(day, date)
        recent = recent.filter(pl.col("received_at") >= window_of(day))
        links = link(new, recent)
        found.append(links)
        linked = new.join(links.select("report_id", "incident_id"), on="report_id")
        recent = pl.concat([recent, linked], how="diagonal_relaxed")
    return pl.concat(found) if found else link(reports, settled)


def window_of(day: date) -> datetime:
    """Reports of a local day may belong to those received since then."""
    return datetime.combine(day, time(), ZoneInfo(TIME_ZONE)).astimezone(UTC) - WINDOW
