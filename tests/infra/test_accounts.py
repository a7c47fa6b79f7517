"""What the demo's closing table says."""

from datetime import timedelta
from pathlib import Path

import polars as pl

from infra.accounts import newest_rates
from jobs.io.lake import Lake
from jobs.settings import Settings
from schemas.records import Metric
from tests.transforms.decided import at, rows

DAY = at("2026-03-02 00:00")


def test_the_rates_are_of_the_newest_day_with_an_order(tmp_path: Path):
    lake = Lake(Settings(state_dir=tmp_path, lake=""))
    assert newest_rates(lake.uri).is_empty()
    lake.append_new("gold.metrics", pl.concat([_day(0, orders=9), _day(1, orders=4), _day(2, orders=0)]))
    assert newest_rates(lake.uri).rows() == [("solved_rate", 3, 4, 0.75)]


def _day(number: int, orders: int) -> pl.DataFrame:
    window = {"window_start": DAY + timedelta(days=number), "window_end": DAY + timedelta(days=number + 1)}
    about = {"scope": "county", "definition_version": "1.0", "computed_at": DAY, **window}
    solved = max(orders - 1, 0)
    return rows(
        Metric,
        {"metric": "orders", "numerator": orders, "denominator": 1, "value": float(orders), **about},
        {
            "metric": "solved_rate", "numerator": solved, "denominator": orders,
            "value": solved / orders if orders else None, **about,
        },
    )  # fmt: skip
