"""whatif: what other rules, or another classifier, would have decided in a period. Reads the lake, writes nothing."""

from datetime import timedelta
from pathlib import Path

import polars as pl

from jobs.context import Context, DataError
from jobs.io.model_files import load
from jobs.io.router_files import live_router
from jobs.io.rules import counted_tiers
from jobs.models.deciding_category import classified
from jobs.transforms.assigning import assign
from jobs.transforms.comparing import Comparison, compare
from jobs.transforms.urgency import urgency_of_their_days
from schemas.regulation import Regulation, RuleError, load_regulation

LONGEST = timedelta(days=30)  # from an incident's first report to one that joins it


def whatif(context: Context, rules_dir: Path, model_dir: Path | None = None) -> Comparison:
    """The decisions on all incidents first received in the context's window, by the rules in use and by these.

    model_dir: a classifier for what no source names, in place of the classifications there are. Raises DataError where
    rules or model cannot be used, with file and entry, or where the window has no incident.
    """
    counted = counted_tiers(context.settings.lake_uri)
    present, others = (_rules(folder).with_counted(counted) for folder in (context.settings.rules_dir, rules_dir))
    lake, start, end = context.lake, context.start, context.end
    assert start is not None
    assert end is not None
    incidents = lake.read("gold.incidents", where=pl.col("first_received_at").is_between(start, end, closed="left"))
    if incidents.is_empty():
        raise DataError(f"no incident was first received from {start.isoformat()} to {end.isoformat()}")
    links = lake.read("gold.links", ["report_id", "incident_id"]).join(incidents, on="incident_id", how="semi")
    known = lake.read("gold.classifications").join(links, on="report_id", how="semi")
    reports = lake.current_reports(pl.col("received_at").is_between(start - LONGEST, end + LONGEST))
    reports = reports.join(links, on="report_id", how="semi")
    router = live_router(context.settings.state_dir)
    before = assign(incidents, links, _by_words(known, reports, present), present, router)
    if model_dir is not None:
        known = classified(reports, urgency_of_their_days(reports, others), load(model_dir), context.now)
    after = assign(incidents, links, _by_words(known, reports, others), others, router)
    events = lake.read("gold.order_events").join(before, on="order_id", how="semi")
    return compare(before, after, events, context.now)


def _by_words(classifications: pl.DataFrame, reports: pl.DataFrame, rules: Regulation) -> pl.DataFrame:
    """The classifications with urgency as these rules see it in the reports' words."""
    found = urgency_of_their_days(reports, rules)
    return classifications.drop("is_urgent", "urgency_terms").join(found, on="report_id")


def _rules(folder: Path) -> Regulation:
    try:
        return load_regulation(folder)
    except RuleError as error:
        raise DataError(str(error)) from error
