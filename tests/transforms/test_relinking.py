"""Links as they follow from the reports alone."""

from random import Random

import polars as pl
import pytest

from jobs.transforms.relinking import relink, window_of
from tests.jobs.test_relink import as_rows, many


def linked(reports: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    return reports.join(links.select("report_id", "incident_id"), on="report_id")


@pytest.mark.parametrize("seed", range(5))
def test_links_do_not_depend_on_the_order_of_rows_nor_on_the_day_from_which_they_are_made_anew(seed: int):
    told = many(seed)
    all_at_once = relink(as_rows(*told), as_rows().with_columns(incident_id=pl.lit(None, pl.String)))
    Random(seed).shuffle(told)
    reports = as_rows(*told)
    first, *_, last = sorted(reports["day"].unique())
    settled = linked(reports.filter(pl.col("day") < last, pl.col("received_at") >= window_of(last)), all_at_once)
    nothing = settled.clear()
    again = [relink(reports, nothing), relink(reports.filter(pl.col("day") == last), settled)]
    assert again[0].sort("report_id").equals(all_at_once.sort("report_id"))
    assert first < last
    of_last = all_at_once.filter(pl.col("report_id").is_in(again[1]["report_id"].implode()))
    assert again[1].sort("report_id").equals(of_last.sort("report_id"))
