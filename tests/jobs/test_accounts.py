"""Accounts add up also where a batch is cut short and its checkpoint is lost. Delta tables, no Spark."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pytest

from jobs.io.accounts import PLACES
from jobs.io.lake import Lake, Step
from jobs.settings import Settings
from jobs.streaming.clean import put
from jobs.streaming.judging_rows import judged_rows, unpacked
from jobs.transforms.caller_tokens import as_keys
from schemas.feeds import FEEDS
from tests.transforms.messages import KEY, raw


class CutShortError(Exception):
    """The process ends here."""


class Cut(Lake):
    """A lake whose process is killed before it writes into one table."""

    def __init__(self, settings: Settings, before: str) -> None:
        super().__init__(settings)
        self.before = before

    def append(self, name: str, rows: pa.Table, step: Step | None = None) -> int:
        if name == self.before:
            raise CutShortError
        return super().append(name, rows, step)


@pytest.fixture(scope="module")
def batches() -> list[pa.Table]:
    """Two batches of judged items: sound ones, broken ones, and the first's sound ones once more."""
    payloads = [(feed.code, sample.payload) for feed in FEEDS.values() for sample in feed.samples]
    messages = raw(*payloads, *payloads)
    return [_judged(part) for part in (messages.head(len(payloads)), messages)]


@pytest.fixture
def settings(tmp_path) -> Iterator[Settings]:
    yield Settings(state_dir=tmp_path, lake=str(tmp_path / "lake"))


def _judged(messages: pl.DataFrame) -> pa.Table:
    found = judged_rows(iter(messages.to_arrow().to_batches()), as_keys(KEY), Settings().rules_dir)
    return unpacked(pa.Table.from_batches(list(found)))


def difference(lake: Lake) -> dict[tuple[str, str], tuple[int, int]]:
    """Of each feed and part where the accounts and the tables differ: both numbers."""
    booked, found = lake.read("ops.batches"), {}
    assert (booked["rows_in"] == booked.select(pl.sum_horizontal(*PLACES)).to_series()).all()
    for part, table in PLACES.items():
        told = dict(booked.group_by(pl.col("feed").cast(pl.String)).agg(pl.col(part).sum()).iter_rows())
        there = dict(lake.read(table, ["feed"]).group_by(pl.col("feed").cast(pl.String)).len().iter_rows())
        both = {feed: (told.get(feed, 0), there.get(feed, 0)) for feed in {*told, *there}}
        found |= {(part, feed): numbers for feed, numbers in both.items() if numbers[0] != numbers[1]}
    return found


@pytest.mark.parametrize("before", [*PLACES.values(), "nothing"])
def test_a_lost_checkpoint_and_a_batch_cut_short_are_counted_once(
    settings: Settings, batches: list[pa.Table], before: str
) -> None:
    first, everything = batches
    put(Lake(settings), first, "one", 0)
    try:
        put(Cut(settings, before), everything, "one", 1)
    except CutShortError:
        assert difference(Lake(settings)), "the account comes first"
    for _ in range(2):  # the second try finds nothing to do
        put(Lake(settings), everything, "two", 0)
    put(Lake(settings), everything, "three", 0)
    assert difference(Lake(settings)) == {}
    assert Lake(settings).read("silver.redeliveries").height, "the second batch redelivers the first"


@pytest.mark.parametrize("before", PLACES.values())
def test_a_batch_that_is_done_again_by_its_own_run_keeps_its_account(
    settings: Settings, batches: list[pa.Table], before: str
) -> None:
    with pytest.raises(CutShortError):
        put(Cut(settings, before), batches[1], "one", 0)
    put(Lake(settings), batches[1], "one", 0)
    put(Lake(settings), batches[1], "two", 0)
    assert difference(Lake(settings)) == {}
