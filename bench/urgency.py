"""`python -m bench.urgency [--calls 20000] [--seed 41] [--raised]`: are the calls found that are in danger?

The simulator knows of each call whether it is told in words of life danger, in words that only sound so (denials,
drills, news), or so that sensible people would differ; those are left out. Prints recall, the share of false alarms,
and what was missed. --raised: with a model too, trained on another simulated day's calls (of the same
templates, so it says nothing about real ones).
"""

import argparse
import sys
from datetime import UTC, date, datetime, timedelta

import polars as pl

from jobs.models.classifier import Model
from jobs.models.raising_urgency import URGENT, urgency_of
from jobs.models.scorecard import train
from jobs.settings import Settings
from jobs.simulate.day import simulated
from schemas.areas import load_county
from schemas.regulation import load_regulation

DAY = date(2026, 11, 10)
NOON = datetime(2026, 11, 10, 4, tzinfo=UTC)
SHOWN = 10


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--calls", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=41)
    asked.add_argument("--raised", action="store_true", help="with a model that may raise")
    told = asked.parse_args()
    settings = Settings()
    load = simulated(DAY, told.seed, told.calls, load_county(settings.rules_dir))
    calls = pl.DataFrame(
        [(fate.text, fate.is_urgent) for fate in load.truth.fates if fate.text and fate.is_urgent is not None],
        schema=["text", "is_urgent"], orient="row",
    )  # fmt: skip
    reports = calls.with_columns(report_id=pl.int_range(pl.len()).cast(pl.String), received_at=pl.lit(NOON))
    model = _trained(told.seed + 1, told.calls, settings) if told.raised else None
    found = urgency_of(reports, load_regulation(settings.rules_dir), model)["is_urgent"]
    danger, calm = calls.filter("is_urgent"), calls.filter(~pl.col("is_urgent"))
    missed = calls.filter(pl.col("is_urgent") & ~found)
    false = calls.filter(~pl.col("is_urgent") & found)
    print(f"in danger: {_counted(danger)}; recall {1 - missed.height / danger.height:.4f}")
    print(f"not in danger: {_counted(calm)}; false alarms {false.height / calm.height:.4f}")
    for name, rows in (("missed", missed), ("false alarm", false)):
        for text in rows["text"].unique().sort().head(SHOWN):
            print(f"{name}: {text}")
    return 0


def _trained(seed: int, calls: int, settings: Settings) -> Model:
    load = simulated(DAY - timedelta(days=1), seed, calls, load_county(settings.rules_dir))
    known = [fate for fate in load.truth.fates if fate.text and fate.is_urgent is not None]
    labels = [URGENT if fate.is_urgent else "calm" for fate in known]
    model, card = train([fate.text for fate in known], labels)
    print(f"model of {card.texts:,} texts: macro-F1 {card.macro_f1:.3f}")
    return model


def _counted(calls: pl.DataFrame) -> str:
    return f"{calls.height:,} calls, {calls['text'].n_unique():,} texts"


if __name__ == "__main__":
    sys.exit(main())
