"""whatif: what other rules, or another classifier, would have decided in a period. Reads the lake, writes nothing."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from jobs.context import Context, DataError, Result
from jobs.io.model_files import live_urgency, load
from jobs.io.router_files import live_router
from jobs.io.rules import counted_tiers
from jobs.models.classifier import Model
from jobs.models.deciding_category import classified
from jobs.models.raising_urgency import urgency_of
from jobs.transforms.assigning import assign
from jobs.transforms.comparing import Comparison, compare
from jobs.transforms.pausing import with_pauses
from schemas.regulation import Regulation, RuleError, load_regulation

LONGEST = timedelta(days=30)  # from an incident's first report to one that joins it


def run(context: Context) -> Result:
    """The comparison as JSON, for the API: options `rules=FOLDER`, `examples=20`; the window is the period."""
    words = dict(option.partition("=")[::2] for option in context.options)
    rules, examples = words.pop("rules", ""), words.pop("examples", "20")
    if words or not rules or not examples.isdigit() or context.start is None or context.end is None:
        raise DataError("whatif: --start, --end and rules=FOLDER are needed; there is examples=NUMBER too")
    return as_tree(whatif(context, Path(rules)), int(examples))


def as_tree(found: Comparison, examples: int) -> Result:
    """JSON-ready: counts of units, grades, levels and tiers that gain or lose, moved due times, examples."""
    moves = {"later": found.later, "earlier": found.earlier}
    shown = found.changed.head(examples).rows(named=True)
    return {
        "orders": found.orders,
        "changed": found.changed.height,
        "counts": found.counts.filter((pl.col("gained") > 0) | (pl.col("lost") > 0)).to_dicts(),
        **{f"due_{name}": {"orders": count, "median_hours": hours} for name, (count, hours) in moves.items()},
        "overdue": dict(zip(("before", "after"), found.overdue, strict=True)),
        "examples": [{name: _plain(value) for name, value in row.items()} for row in shown],
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


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
    router, raises = live_router(context.settings.state_dir), live_urgency(context.settings.state_dir)
    before = assign(incidents, links, _by_words(known, reports, present, raises), present, router)
    if model_dir is not None:
        known = classified(reports, urgency_of(reports, others, raises), load(model_dir), context.now)
    after = assign(incidents, links, _by_words(known, reports, others, raises), others, router)
    events = lake.read("gold.order_events").join(before, on="order_id", how="semi")
    return compare(with_pauses(before, events, present), with_pauses(after, events, others), events, context.now)


def _by_words(
    classifications: pl.DataFrame, reports: pl.DataFrame, rules: Regulation, raises: Model | None
) -> pl.DataFrame:
    """The classifications with urgency as these rules see it in the reports' words."""
    found = urgency_of(reports, rules, raises)
    return classifications.drop("is_urgent", "urgency_terms").join(found, on="report_id")


def _rules(folder: Path) -> Regulation:
    try:
        return load_regulation(folder)
    except RuleError as error:
        raise DataError(str(error)) from error
