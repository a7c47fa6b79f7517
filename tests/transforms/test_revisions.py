"""The current row of a report is the newest by the source's own word, whatever the order of arrival."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.transforms.revisions import newest

T0 = datetime(2026, 3, 1, tzinfo=UTC)
SCHEMA = {
    "report_id": pl.String, "revision": pl.Int32, "updated_at": pl.Datetime("us", "UTC"), "content_hash": pl.String,
}  # fmt: skip


def a_row(revision: int, minute: int, says: str = "a", report_id: str = "r") -> dict[str, Any]:
    changed = T0 + timedelta(minutes=minute)
    return {"report_id": report_id, "revision": revision, "updated_at": changed, "content_hash": says}


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


@pytest.mark.parametrize(
    ("why", "rows"),
    [
        ("a higher revision wins", [a_row(1, 0), a_row(2, 5)]),
        ("even where its time is earlier", [a_row(1, 9), a_row(2, 5)]),
        ("without revisions the later update", [a_row(0, 0), a_row(0, 5)]),
        ("of one revision sent twice the later update", [a_row(3, 0), a_row(3, 1)]),
        ("a numbered row before one without number", [a_row(0, 9), a_row(1, 5)]),
        ("equal in both: the greater hash", [a_row(1, 5, "a"), a_row(1, 5, "b")]),
        ("three that would go round in a ring, were numbers left out and time asked",
         [a_row(0, 2), a_row(1, 3), a_row(2, 1)]),
    ],
)  # fmt: skip
def test_the_newest_wins_in_every_order_of_arrival(why: str, rows: list[dict[str, Any]]):
    for order in permutations(rows):
        assert newest(table(list(order))).rows(named=True) == [rows[-1]], why


ROWS = st.lists(
    st.builds(
        a_row, st.integers(0, 3), st.integers(0, 3), st.sampled_from("abc"), st.sampled_from(["r", "s"])
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


@given(ROWS, st.randoms(use_true_random=False), st.lists(st.integers(0, 12), max_size=4))
def test_any_order_and_any_batching_gives_the_same_current_rows(rows, random, borders):
    whole = newest(table(rows)).sort("report_id")
    shuffled = list(rows)
    random.shuffle(shuffled)
    cuts = [0, *sorted(borders), len(rows)]
    current = table([])
    for start, end in pairwise(cuts):
        current = newest(pl.concat([current, newest(table(shuffled[start:end]))]))
    assert current.sort("report_id").equals(whole)


@given(ROWS)
def test_what_comes_late_and_is_older_changes_nothing(rows):
    current = newest(table(rows))
    for row in rows:
        assert newest(pl.concat([current, table([row])])).sort("report_id").equals(current.sort("report_id"))
