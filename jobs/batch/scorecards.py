"""scorecards: what is known of the live classifier, router and rules, and how they did in the last days."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from jobs.catalog import TIME_ZONE
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.lake import Lake
from jobs.io.model_files import classifier_folder, live_card
from jobs.io.pages import write
from jobs.io.router_files import live_card as router_card
from jobs.io.rules import rules_in_use
from jobs.transforms.watching import BEFORE, LARGE, MODERATE, days_of
from schemas.forms import plain
from schemas.regulation import Regulation, RuleError
from schemas.regulation.checks import FILE_OF

SHOWN = timedelta(days=30)
TRIALS_SHOWN = 10
SAID = ["report_id", "feed", "received_at"]
GUESSED = ["report_id", "category", "abstained", "is_urgent", "model_version"]


def run(context: Context) -> Result:
    """Write `scorecards/scorecards.json` and `.html` in the state folder.

    The days are those of the last thirty that had reports or orders. Raises NothingToDoError where nothing was
    classified yet.
    """
    lake, settings = context.lake, context.settings
    classified = _classified(lake, context.now)
    if classified.is_empty():
        raise NothingToDoError("scorecards: nothing was classified in the last weeks")
    last = context.now.astimezone(ZoneInfo(TIME_ZONE)).date()
    try:
        rules = rules_in_use(settings)
    except RuleError as error:
        raise DataError(str(error)) from error
    days = days_of(classified, lake.read("gold.order_events"), last - SHOWN, last)
    days = [day for day in days if day["reports"] or day["orders"]]
    tree = {
        "made_at": context.now.astimezone(ZoneInfo(TIME_ZONE)).isoformat(timespec="seconds"),
        "classifier": live_card(classifier_folder(settings.state_dir)),
        "router": router_card(settings.state_dir),
        "relearnings": _relearnings(lake),
        "rules": _rules(rules, last),
        "drift_borders": {"moderate": MODERATE, "large": LARGE},
        "days": days,
    }
    files = write(tree, "scorecards.html", settings.state_dir / "scorecards", "scorecards")
    return {"days": len(days), "files": [str(file) for file in files]}


def _classified(lake: Lake, now: datetime) -> pl.DataFrame:
    """Reports of the days shown and of those that they are compared with, as they were classified."""
    reports = lake.read("silver.reports", SAID, pl.col("received_at") >= now - SHOWN - BEFORE - timedelta(days=1))
    return reports.unique("report_id", keep="any").join(lake.read("gold.classifications", GUESSED), on="report_id")


def _relearnings(lake: Lake) -> list[dict[str, Any]]:
    """The last times that a challenger was held against a model in use, the newest first."""
    rows = lake.read("ops.relearnings").sort("relearned_at", "model", descending=[True, False]).head(TRIALS_SHOWN)
    local = pl.col(pl.Datetime).dt.convert_time_zone(TIME_ZONE).dt.to_string("%Y-%m-%d %H:%M")
    return plain(rows).with_columns(local).to_dicts()


def _rules(rules: Regulation, day: Any) -> list[dict[str, Any]]:
    """Of each kind of rule that holds on the day: how many entries, since when the newest, and their sources."""
    found = []
    for kind, name in FILE_OF.items():
        if holding := rules.holding(kind, day):
            newest, sources = max(rule.valid_from for rule in holding), sorted({rule.source for rule in holding})
            found.append({"rules": name, "entries": len(holding), "since": str(newest), "sources": sources})
    return found
