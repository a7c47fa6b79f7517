"""The contracts make of a simulated day exactly what its truth says, record by record."""

from collections import Counter
from datetime import UTC, date, datetime
from functools import cache

import polars as pl
import pytest

from jobs.simulate.day import simulated
from jobs.simulate.load import Load
from jobs.transforms.cleaning import clean
from jobs.transforms.leaks import is_readable
from schemas.areas import load_county
from tests.transforms.messages import RAW

DAYS = [(9, 6000), (10, 20_000)]  # seed, events; the second is large enough to break every feed in every way it can
LANDED = datetime(2025, 12, 1, tzinfo=UTC)
KEY = ["report_id", "revision", "content_hash"]


@cache
def day_of(seed: int, events: int) -> Load:
    return simulated(date(2025, 11, 21), seed, events, load_county())


@cache
def judged(seed: int, events: int) -> pl.DataFrame:
    """Every record of a day beside its fate: what `clean` found, and columns `fated_*`."""
    load = day_of(seed, events)
    raw = pl.DataFrame(
        [(m.topic, m.feed, f"{m.ce_id}/{m.copy_no}", LANDED, m.payload) for m in load.messages],
        schema=RAW,
        orient="row",
    )
    fates = pl.DataFrame(
        [
            (f"{fate.ce_id}/{fate.copy_no}", fate.item_no, number, fate.outcome, list(fate.reasons))
            for number, fate in enumerate(load.truth.fates)
        ],
        schema={
            "raw_id": pl.String, "item_no": pl.Int32, "number": pl.Int64, "fated": pl.String,
            "fated_reasons": pl.List(pl.String),
        },
        orient="row",
    )  # fmt: skip
    found = clean(raw, b"a key for tests", load_county())
    return found.join(fates, on=["raw_id", "item_no"], how="full", coalesce=True).sort("number")


@pytest.mark.parametrize(("seed", "events"), DAYS)
def test_every_record_has_one_fate(seed, events):
    rows = judged(seed, events)
    assert rows.height == len(day_of(seed, events).truth.fates)
    assert rows.filter(pl.col("fated").is_null() | pl.col("feed").is_null()).is_empty()


@pytest.mark.parametrize(("seed", "events"), DAYS)
def test_reasons_are_those_of_the_truth(seed, events):
    rows = judged(seed, events)
    wrong = rows.filter(pl.col("reasons").list.sort() != pl.col("fated_reasons"))
    assert wrong.group_by("feed", "fated_reasons", "reasons").len().rows() == []


@pytest.mark.parametrize(("seed", "events"), DAYS)
def test_redeliveries_are_those_of_the_truth(seed, events):
    sound = judged(seed, events).filter(pl.col("reasons").list.len() == 0)
    is_first = sound.select(pl.struct(KEY).is_first_distinct()).to_series()
    assert ((sound["fated"] == "clean") == is_first).all()
    assert (sound["fated"] != "quarantined").all()


@pytest.mark.parametrize(("seed", "events"), DAYS)
def test_what_was_meant_is_what_was_understood(seed, events):
    rows = judged(seed, events).filter(fated="clean")
    fates = [day_of(seed, events).truth.fates[number] for number in rows["number"]]
    county = load_county().code
    for row, fate in zip(rows.iter_rows(named=True), fates, strict=True):
        assert row["source_id"] == fate.source_id
        assert row["received_at"] == fate.received_at
        assert row["kind"] == fate.kind
        assert row["revision"] == fate.revision
        assert row["township_code"] == fate.township_code
        assert row["county_code"] == county
        assert row["category"] in (None, fate.category)


@pytest.mark.parametrize(("seed", "events"), DAYS)
def test_points_come_back_to_their_place(seed, events):
    rows = judged(seed, events).filter(pl.col("fated") == "clean", pl.col("lat").is_not_null())
    boxes = {township.code: township.box for township in load_county().townships}
    for lat, lon, township in rows.select("lat", "lon", "township_code").iter_rows():
        west, south, east, north = boxes[township]
        assert south <= lat <= north
        assert west <= lon <= east


@pytest.mark.parametrize(("seed", "events"), DAYS)
def test_no_planted_personal_piece_is_left_and_look_alikes_stay(seed, events):
    rows = judged(seed, events).filter(fated="clean")
    fates = [day_of(seed, events).truth.fates[number] for number in rows["number"]]
    for row, fate in zip(rows.iter_rows(named=True), fates, strict=True):
        for span in fate.spans:
            is_there = span.value in row["text"] or span.value in (row["place"] or "")
            assert is_there == (span.kind == "look_alike"), (fate.text, row["text"])


def test_every_fault_that_can_be_made_was_made():
    fated = Counter(reason for fate in day_of(*DAYS[1]).truth.fates for reason in fate.reasons)
    assert {reason for reason, count in fated.items() if count} >= {
        "unknown_feed", "empty_payload", "undecodable_text", "lost_bytes", "malformed_payload", "forbidden_markup",
        "too_large", "unknown_message", "heartbeat", "missing_source_id", "missing_time", "bad_time", "from_the_future",
        "too_old", "missing_text", "unknown_kind", "kind_not_admitted", "bad_coordinates", "bad_revision",
        "forbidden_field",
    }  # fmt: skip


def test_no_personal_piece_of_a_simulated_day_is_readable_after_cleaning():
    load, rows = day_of(9, 6000), judged(9, 6000).filter(pl.col("fated") == "clean")
    pieces = [
        (span.kind, span.value, f"{text} {place or ''}")
        for number, text, place in rows.select("number", "text", "place").iter_rows()
        for span in load.truth.fates[number].spans
        if span.kind != "look_alike"
    ]
    assert len(pieces) > 500
    assert [piece for piece in pieces if is_readable(*piece)] == []
