"""reconcile: PostgreSQL's history and the lake's, on a real PostgreSQL and a real Delta folder."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from infra.commands.health import health_lines
from jobs.batch import orders_daily, reconcile
from jobs.context import Context, DataError, NothingToDoError
from jobs.io.store import engine
from jobs.settings import Settings
from jobs.streaming.collect_order_events import by_the_rules, read_message
from schemas.lake import TABLES
from schemas.records import OrderEvent, Rating
from schemas.tables import ORDER_EVENTS, ORDERS, OUTBOX, RATINGS
from tests.api.conftest import HOUR, NOON, ORDER, SOON
from tests.api.store import fresh_database, server

DISPATCHED = {
    "event_id": "o1.1", "order_id": "o1", "version": 1, "event": "dispatch", "from_state": None,
    "to_state": "dispatched", "unit_code": "police", "role": "system", "reason": None, "outcome": None,
    "finish_due_at": SOON + HOUR, "occurred_at": NOON,
}  # fmt: skip
SIGNED = DISPATCHED | {
    "event_id": "o1.2", "version": 2, "event": "sign", "from_state": "dispatched", "to_state": "signed",
    "role": "department", "occurred_at": NOON + 30 * HOUR,
}  # fmt: skip
ASKED = {
    "order_id": "o1", "attempt": 1, "unit_code": "police", "was_reached": True, "was_contacted": True,
    "was_solved": False, "satisfaction": "satisfied", "accepted_at": NOON, "called_back_at": NOON + 40 * HOUR,
}  # fmt: skip
LATER = NOON + 60 * HOUR


@pytest.fixture(scope="module")
def postgres() -> Iterator[Settings]:
    with server() as settings:
        yield settings


class Both:
    """A store and a lake that say the same."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.store, self.now = settings, engine(settings), LATER
        with self.store.begin() as store:
            store.execute(sa.insert(ORDERS).values(ORDER | {"state": "signed", "version": 2}))
            store.execute(sa.insert(ORDER_EVENTS), [DISPATCHED, SIGNED])
            store.execute(sa.insert(RATINGS).values(ASKED))

    def lake_has(self, table: str, *rows: dict[str, Any]) -> None:
        record = TABLES[table].record
        sound, _ = by_the_rules(record, [dict.fromkeys(record.column_names()) | row for row in rows])
        Context(self.settings, LATER).lake.append_new(table, sound)

    def reconcile(self, *options: str) -> dict[str, Any]:
        self.now += timedelta(minutes=1)
        orders_daily.run(Context(self.settings, self.now))
        return reconcile.run(Context(self.settings, self.now, options=options))

    def change(self, statement: sa.Executable) -> None:
        with self.store.begin() as store:
            store.execute(statement)


@pytest.fixture
def both(postgres: Settings, tmp_path: Path) -> Iterator[Both]:
    made = Both(Settings(state_dir=tmp_path, database_url=fresh_database(postgres)))
    made.lake_has("gold.order_events", DISPATCHED, SIGNED)
    made.lake_has("gold.ratings", ASKED)
    yield made
    made.store.dispose()


def test_two_that_are_the_same_are_told_as_such(both: Both):
    assert both.reconcile() == {"order_events": 2, "ratings": 1}
    told = list(health_lines(both.settings))
    assert [line for line in told if line.startswith("history")] == [
        "history  order_events until 2026-03-04 15:46Z: 2 rows, the lake has them all",
        "history  ratings until 2026-03-04 15:46Z: 1 rows, the lake has them all",
    ]


def test_what_the_lake_lacks_is_named_and_sent_again_on_request_once(both: Both):
    more = SIGNED | {"event_id": "o1.3", "version": 3, "event": "handle", "to_state": "handling", "reason": "已派员"}
    both.change(sa.insert(ORDER_EVENTS).values(more))
    both.change(sa.update(ORDERS).values(state="handling", version=3))
    with pytest.raises(DataError, match=r"order_events: the lake lacks 1: o1\.3"):
        both.reconcile()
    with pytest.raises(DataError):
        both.reconcile("mend=yes")
    with both.store.connect() as store:
        (sent,) = store.scalars(sa.select(OUTBOX.c.message))
    kind, row = read_message(json.dumps(sent).encode())
    assert kind == "order_event"
    both.lake_has("gold.order_events", row)
    assert both.reconcile()["order_events"] == 3
    rows = Context(both.settings, LATER).lake.read("ops.reconciliations")
    assert rows.filter(pl.col("history") == "order_events")["sent_again"].sum() == 1


def test_what_is_fresh_is_not_compared_yet(both: Both):
    fresh = SIGNED | {"event_id": "o1.3", "version": 3, "occurred_at": LATER - timedelta(minutes=5)}
    both.change(sa.insert(ORDER_EVENTS).values(fresh))
    both.change(sa.update(ORDERS).values(version=3))
    assert both.reconcile()["order_events"] == 2


def test_what_the_store_does_not_know_or_tells_otherwise_is_named(both: Both):
    both.change(sa.update(ORDER_EVENTS).filter_by(event_id="o1.2").values(event_id="o1.9"))
    both.change(sa.update(RATINGS).values(satisfaction="dissatisfied"))
    told = r"lacks 1: o1\.9.*does not know 1: o1\.2.*ratings: both tell otherwise 1: o1\|1"
    with pytest.raises(DataError, match=told):
        both.reconcile()


@pytest.mark.parametrize("values", [{"state": "handling"}, {"unit_code": "housing"}, {"version": 3}])
def test_an_order_that_does_not_stand_where_its_events_say_is_named(both: Both, values: dict[str, Any]):
    both.change(sa.update(ORDERS).values(values))
    with pytest.raises(DataError, match="do not stand where their events say: o1"):
        both.reconcile()


def test_a_hole_in_the_events_is_named(both: Both):
    both.change(sa.delete(ORDER_EVENTS).filter_by(event_id="o1.1"))
    with pytest.raises(DataError, match="events say: o1"):
        both.reconcile()


def test_without_anything_done_there_is_nothing_to_compare(postgres: Settings, tmp_path: Path):
    settings = Settings(state_dir=tmp_path, database_url=fresh_database(postgres))
    with pytest.raises(NothingToDoError):
        reconcile.run(Context(settings, LATER))


def test_both_records_are_covered():
    assert set(reconcile.HISTORIES[0].columns) <= set(OrderEvent.column_names())
    assert set(reconcile.HISTORIES[1].columns) <= set(Rating.column_names())


def test_a_day_that_is_counted_wrongly_is_named(both: Both):
    both.reconcile()
    lake = Context(both.settings, LATER).lake
    rows = lake.read("gold.orders_daily").with_columns(signed=pl.col("signed") + 1)
    lake.upsert("gold.orders_daily", rows)
    with pytest.raises(DataError, match=r"gold.orders_daily counts other steps: 2026-03-02 police, 2026-03-03 police$"):
        reconcile.run(Context(both.settings, both.now))
    assert both.reconcile() == {"order_events": 2, "ratings": 1}  # counted anew
