"""Notices of urgent reports: which there are, and how those of the express lane and of the lake come together."""

from datetime import datetime

import polars as pl

from schemas.records import Notice

MOMENTS = ("noticed_at", "confirmed_at")
SAID = ("feed", "text", "place", "received_at", "landed_at")


def notices(
    classifications: pl.DataFrame, links: pl.DataFrame, assignments: pl.DataFrame, reports: pl.DataFrame
) -> pl.DataFrame:
    """One row for each urgent report whose incident is decided: Notice without its moments.

    classifications: rows of Classification; those that are not urgent are left out. reports: their current rows.
    """
    urgent = classifications.filter("is_urgent").select("report_id", "urgency_terms")
    told = (
        urgent.join(links.select("report_id", "incident_id"), on="report_id")
        .join(assignments.select("incident_id", "order_id", "unit_code"), on="incident_id")
        .join(reports.select("report_id", *SAID), on="report_id")
    )
    return told.select(pl.col(name) for name in Notice.column_names() if name not in MOMENTS)


def at_once(found: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """What `notices` gave as rows of Notice, made now and not confirmed."""
    moments = {"noticed_at": pl.lit(now, _MOMENT), "confirmed_at": pl.lit(None, _MOMENT)}
    return found.with_columns(**moments).select(Notice.column_names())


def confirm(found: pl.DataFrame, known: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """What `notices` gave by the way through the lake, as rows of Notice; moments that are known stay."""
    first = known.select("report_id", *MOMENTS, first_landed_at="landed_at")
    before = found.join(first, on="report_id", how="left")
    moments = [pl.coalesce(name, pl.lit(now, _MOMENT)).alias(name) for name in MOMENTS]
    return before.with_columns(*moments, landed_at=pl.coalesce("first_landed_at", "landed_at")).select(
        Notice.column_names()
    )


def moved(confirmed: pl.DataFrame, known: pl.DataFrame, incidents: pl.DataFrame) -> pl.DataFrame:
    """Incidents that only the express lane knows, with the one that the lake put their report into: two columns."""
    was = known.select("report_id", was="incident_id")
    both = confirmed.select("report_id", "incident_id").join(was, on="report_id")
    strange = both.filter(pl.col("incident_id") != pl.col("was"))
    strange = strange.join(incidents, left_on="was", right_on="incident_id", how="anti")
    return strange.select("was", "incident_id").unique("was", keep="first")


_MOMENT = Notice.create_empty().schema["noticed_at"]
