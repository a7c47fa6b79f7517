"""The express lane on a real broker and a real store, and the way through the lake held against it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from jobs.batch import assign, classify, publish
from jobs.context import Context, DataError, NothingToDoError
from jobs.io.dispatching import dispatch, tell_urgent
from jobs.io.linked import for_public
from jobs.io.model_files import classifier_folder, train_and_save
from jobs.io.store import engine, read
from jobs.models.scorecard import train
from jobs.settings import Settings
from jobs.simulate.corpus import corpus
from jobs.simulate.day import simulated
from jobs.simulate.sending import send
from jobs.streaming import express
from jobs.streaming.link import link_new
from jobs.transforms.cleaning import clean, split
from jobs.transforms.express import Decider, Known, hurry
from jobs.transforms.revisions import newest
from schemas.areas import load_county
from schemas.forms import plain
from schemas.regulation import load_regulation
from schemas.tables import INCIDENTS, NOTICES, ORDER_EVENTS, ORDERS
from tests.api.store import fresh_database, server
from tests.models.test_classifier import LABELS, TEXTS
from tests.transforms.test_express import NOON, NOW, reports

pytestmark = pytest.mark.stack

DAY, SEED, EVENTS = date(2026, 11, 11), 77, 400
KEY = b"of this test"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Settings]:
    with server() as settings:
        yield settings


@pytest.fixture
def store(postgres: Settings) -> Iterator[sa.Engine]:
    """A migrated store of its own."""
    found = engine(postgres.model_copy(update={"database_url": fresh_database(postgres)}))
    yield found
    found.dispose()


@pytest.fixture(scope="module")
def told(stack: Settings, postgres: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A simulated day in Kafka, told by the lane and then by the lake, into one store."""
    folder = tmp_path_factory.mktemp("express")
    settings = stack.model_copy(
        update={"state_dir": folder, "lake": str(folder / "lake"), "database_url": fresh_database(postgres)}
    )
    county = load_county()
    texts = corpus(9, 2_000, county, side="train")
    train_and_save(texts["text"], texts["label"], classifier_folder(folder), "the simulator's texts")
    load = simulated(DAY, SEED, EVENTS, county)
    send(load.messages, stack.kafka)
    assert express.run(Context(settings, datetime.now(UTC)))["notices"] > 10
    return settings


def raw(load_messages: tuple, landed_at: datetime) -> pl.DataFrame:
    rows = [
        (one.topic, one.feed, f"{one.topic}/0/{number}", landed_at, one.payload)
        for number, one in enumerate(load_messages)
    ]
    schema = {"topic": pl.String, "feed": pl.String, "raw_id": pl.String, "landed_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema={**schema, "payload": pl.Binary}, orient="row")


def rows_of(settings: Settings, table: sa.Table) -> pl.DataFrame:
    with engine(settings).connect() as connection:
        return read(connection, sa.select(table))


def test_the_lake_confirms_every_notice_and_every_order_of_the_lane(told: Settings):
    lane, lane_orders = rows_of(told, NOTICES), rows_of(told, ORDERS)
    assert lane["confirmed_at"].null_count() == lane.height
    context = Context(told, datetime.now(UTC))
    found = split(clean(raw(simulated(DAY, SEED, EVENTS, load_county()).messages, context.now), KEY, load_county()))[0]
    found = found.unique("raw_id", keep="first").unique(["report_id", "revision", "content_hash"])
    context.lake.append_new("silver.reports", found)
    link_new(context.lake, for_public(newest(found)), context.now)
    for job in (classify, assign, publish):
        job.run(context)

    ours = pl.col("report_id").is_in(found["report_id"].implode())
    lake_urgent = context.lake.read("gold.classifications").filter("is_urgent")["report_id"]
    after = rows_of(told, NOTICES).filter(ours)
    assert sorted(after["report_id"]) == sorted(lake_urgent)
    assert after["confirmed_at"].null_count() == 0
    assert sorted(lane.filter(ours)["report_id"]) == sorted(lake_urgent), "what the lane passed over"

    orders, assignments = rows_of(told, ORDERS), context.lake.read("gold.assignments")
    of_ours = lane_orders.filter(pl.col("order_id").is_in(lane.filter(ours)["order_id"].implode()))
    same = of_ours.join(assignments, on="order_id")
    incidents = rows_of(told, INCIDENTS)
    strange = of_ours.join(assignments, on="order_id", how="anti").join(incidents, on="incident_id")
    assert strange["merged_into"].null_count() == 0, "an order that the lake does not know names where it belongs"
    assert strange.height <= same.height / 20
    assert (same["unit_code"] == same["unit_code_right"]).mean() >= 0.95
    assert orders["order_id"].n_unique() == orders.height
    events = rows_of(told, ORDER_EVENTS).filter(pl.col("event") == "dispatch")
    assert sorted(events["order_id"]) == sorted(orders["order_id"]), "each order was dispatched once"


def test_started_again_the_lane_tells_nothing_twice(told: Settings):
    before = [
        rows_of(told, table).sort(table.primary_key.columns.keys()[0]) for table in (NOTICES, ORDERS, ORDER_EVENTS)
    ]
    with pytest.raises(NothingToDoError):
        express.run(Context(told, datetime.now(UTC)))
    after = [
        rows_of(told, table).sort(table.primary_key.columns.keys()[0]) for table in (NOTICES, ORDERS, ORDER_EVENTS)
    ]
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))


def test_a_report_that_breaks_our_own_rules_does_not_silence_the_lane(told: Settings, monkeypatch: pytest.MonkeyPatch):
    lane = express._Lane(told)
    whole = express.hurry

    def broken(new: pl.DataFrame, *rest: Any) -> Any:
        if "r1" in new["report_id"].to_list():
            raise ZeroDivisionError
        return whole(new, *rest)

    monkeypatch.setattr(express, "hurry", broken)
    found = list(lane._hurried(reports({}, {"text": "着火了"}, {"lat": 33.6, "text": "有人溺水"})))
    assert [report for one in found for report in one.notices["report_id"]] == ["r0", "r2"]


def test_without_a_classifier_the_lane_says_how_to_make_one(stack: Settings, tmp_path: Path):
    with pytest.raises(DataError, match="ninelines train classifier"):
        express.run(Context(stack.model_copy(update={"state_dir": tmp_path}), NOW))


@pytest.fixture(scope="module")
def by() -> Decider:
    return Decider(train(TEXTS, LABELS)[0], load_regulation())


def test_an_order_that_people_work_on_stays_as_it_is(store: sa.Engine, by: Decider):
    known, first = hurry(reports({}), Known(), by, NOW)
    assert first
    assert tell_urgent(store, first, NOW).to_list() == ["r0"]
    moved = {"state": "signed", "unit_code": "ambulance", "version": 2}
    with store.begin() as connection:
        connection.execute(sa.update(ORDERS).values(**moved))
    _, again = hurry(reports({}, {"text": "火越来越大了，着火了"}), known, by, NOW)
    assert again
    assert tell_urgent(store, again, NOW).to_list() == ["r1"]
    with store.connect() as connection:
        order = connection.execute(sa.select(ORDERS)).mappings().one()
        notices = connection.execute(sa.select(NOTICES).order_by("report_id")).mappings().all()
        events = connection.scalar(sa.select(sa.func.count()).select_from(ORDER_EVENTS))
    assert {name: order[name] for name in moved} == moved
    assert [one["unit_code"] for one in notices] == ["fire_brigade", "ambulance"]
    assert events == 1


def test_who_holds_one_order_does_not_hold_up_the_others(store: sa.Engine, by: Decider):
    far = {"lat": 33.60, "lon": 118.40, "township_code": "990101002"}
    _, both = hurry(reports({}, far | {"text": "有人溺水，快救人", "category": "rescue"}), Known(), by, NOW)
    assert both
    assert both.notices.height == 2
    held = both.of(both.notices["incident_id"][0])
    with store.begin() as other:  # the same order, by another transaction that has not ended
        dispatch(other, plain(held.decided), NOON)
        told = tell_urgent(store, both, NOW).to_list()
    waiting = held.notices["report_id"].to_list()
    assert told == [one for one in both.notices["report_id"] if one not in waiting]
    assert tell_urgent(store, both, NOW).to_list() == waiting
