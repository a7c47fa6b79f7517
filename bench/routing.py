"""`python -m bench.routing DATA.csv --unit COLUMN --features C1,C2 --split DAY`: the router on rows it never saw.

Trained on what lies before the split, tried on what comes after: the commonest unit for two of the columns (a look-up),
the router frozen, and the router that learns each day before it judges the next. The plan is chosen inside the
training part.
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path

import polars as pl

from jobs.io.csv_files import read_csv
from jobs.io.router_files import read_moments
from jobs.models.router import MOMENT, UNIT
from jobs.models.routing_card import day_by_day, foretold, shares, train


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("data", type=Path)
    asked.add_argument("--unit", required=True)
    asked.add_argument("--features", required=True)
    asked.add_argument("--split", required=True, type=datetime.fromisoformat)
    asked.add_argument("--lookup", default="", help="columns of the look-up, C1,C2; default: the first two features")
    told = asked.parse_args()
    features = told.features.split(",")
    rows = read_csv(told.data, [told.unit, *features], with_others=True)
    moments = read_moments(rows, "", [told.unit, *features])
    if moments is None:
        raise SystemExit("no column of moments to split by")
    named = rows.select(*features, pl.col(told.unit).alias(UNIT), moments.alias(MOMENT)).sort(MOMENT)
    known, later = named.filter(pl.col(MOMENT) < told.split), named.filter(pl.col(MOMENT) >= told.split)
    router, _ = train(known, features)
    by = told.lookup.split(",") if told.lookup else features[:2]
    print(f"{known.height:,} rows before {told.split:%Y-%m-%d}, {later.height:,} after")
    print(f"look-up by {' and '.join(by)}: first {_looked_up(known, later, by):.3f}")
    for name, found in (
        ("frozen", foretold(known, later, router.plan)),
        ("prequential", day_by_day(known, later, router.plan)),
    ):
        first, third = shares(found, later[UNIT])
        print(f"router, {name}: first {first:.3f}, among three {third:.3f}")
    return 0


def _looked_up(known: pl.DataFrame, later: pl.DataFrame, by: list[str]) -> float:
    """Share of rows that took the commonest unit of these columns' values; of all, where the values are new."""
    counted = known.group_by(*by, UNIT).len().sort("len", UNIT, descending=[True, False])
    commonest = counted.unique(by, keep="first", maintain_order=True).select(*by, told=UNIT)
    of_all = known[UNIT].value_counts().sort("count", UNIT, descending=[True, False])[UNIT][0]
    found = later.join(commonest, on=by, how="left").with_columns(pl.col("told").fill_null(of_all))
    return float((found["told"] == found[UNIT]).mean())  # type: ignore[arg-type]  # not empty


if __name__ == "__main__":
    sys.exit(main())
