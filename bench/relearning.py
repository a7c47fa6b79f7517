"""`python -m bench.relearning DATA.csv --unit COLUMN --features C1,C2 --begin DAY --end DAY [--weeks N]`.

Week after week on a real past, as the job `relearn` does it: the first router learns what lies before the begin; each
week a challenger learns what was known before the last weeks and is held against the router in use. What is
printed of each week to come: how often the router in use, and the first one, would have named the unit. With
`--noise SHARE` so many of the labels learned and judged by are exchanged at random; what is printed is of true ones.
"""

import argparse
import sys
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from jobs.io.csv_files import read_csv
from jobs.io.router_files import read_moments
from jobs.models.challenge import verdict
from jobs.models.router import Router, ranked
from jobs.models.routing_card import shares, train
from jobs.transforms.held_out import WEEKS
from jobs.transforms.relearning import Champion, TooFewLabelsError, router_trial

WEEK = timedelta(weeks=1)
SURE = 0.6  # `from_probability` of routing.toml


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("data", type=Path)
    for name in ("unit", "features"):
        asked.add_argument(f"--{name}", required=True)
    for name in ("begin", "end"):
        asked.add_argument(f"--{name}", required=True, type=datetime.fromisoformat)
    asked.add_argument("--weeks", type=int, default=WEEKS, help="held out")
    asked.add_argument("--noise", type=float, default=0.0, help="share of the labels exchanged at random")
    told = asked.parse_args()
    features = told.features.split(",")
    rows = _labels(told.data, told.unit, features)
    first = _first(rows.filter(pl.col("known_at") < told.begin), features)
    champion = first
    taught = _noisy(rows, told.noise)
    print("week        rows  in use: first / of three   never learned: first / of three   trial before it")
    for number in range((told.end - told.begin) // WEEK):
        monday = told.begin + number * WEEK
        champion, outcome = _after(champion, taught.filter(pl.col("known_at") < monday), features, told.weeks)
        week = rows.filter(pl.col("known_at").is_between(monday, monday + WEEK, closed="left"))
        ours, theirs = _named(champion.model, week), _named(first.model, week)
        print(f"{monday:%Y-%m-%d} {week.height:>5}        {ours}                   {theirs}           {outcome}")
    return 0


def _labels(data: Path, unit: str, features: list[str]) -> pl.DataFrame:
    rows = read_csv(data, [unit, *features], with_others=True)
    moments = read_moments(rows, "", [unit, *features])
    if moments is None:
        raise SystemExit("no column of moments to go by")
    return (
        rows.select(*features, pl.col(unit).alias("label"), moments.alias("known_at"))
        .filter(pl.col("label") != "")
        .sort("known_at", maintain_order=True)
        .with_row_index("order_id")
        .with_columns(accepted_at="known_at", how=pl.lit("confirmed"))
    )


def _noisy(rows: pl.DataFrame, share: float) -> pl.DataFrame:
    is_hit = pl.Series(range(rows.height)).sample(fraction=1.0, shuffle=True, seed=0) < share * rows.height
    other = rows["label"].sample(fraction=1.0, shuffle=True, seed=1)
    return rows.with_columns(label=pl.when(is_hit).then(other).otherwise("label"))


def _first(rows: pl.DataFrame, features: list[str]) -> Champion[Router]:
    model, _ = train(rows.rename({"label": "unit", "accepted_at": "moment"}), features)
    return Champion(model, {}, rows["known_at"].max())  # type: ignore[arg-type]  # a moment: not empty


def _after(
    champion: Champion[Router], known: pl.DataFrame, features: list[str], weeks: int
) -> tuple[Champion[Router], str]:
    try:
        trial = router_trial(champion, known, features, SURE, weeks)
    except TooFewLabelsError as error:
        return champion, f"none: {error}"
    is_promoted, why = verdict(trial.figures, is_trained=True)
    return (Champion(trial.model, trial.card, trial.learnt_until) if is_promoted else champion), why


def _named(model: Router, week: pl.DataFrame) -> str:
    told = [[name.rpartition(":")[0] for name in best] for best in ranked(model, week)["top3"]]
    first, third = shares(told, week["label"])
    return f"{first:.3f} / {third:.3f}"


if __name__ == "__main__":
    sys.exit(main())
