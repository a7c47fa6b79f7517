"""publish brings the store up to date with the lake, once, and leaves people's decisions alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from deltalake import write_deltalake

from jobs.batch import escalate, publish
from jobs.context import Context, DataError, NothingToDoError
from jobs.io.dispatching import dispatch
from jobs.io.lake import read_table
from jobs.io.store import engine
from jobs.settings import Settings, path_of
from jobs.transforms.revising import decisions
from schemas.forms import plain, to_arrow
from schemas.lake import TABLES
from schemas.tables import (
    INCIDENT_REPORTS,
    INCIDENTS,
    NOTICES,
    ORDER_DECISIONS,
    ORDER_EVENTS,
    ORDERS,
    OUTBOX,
    WARNINGS,
)
from tests.api.store import empty_database, fresh_database, server

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)

# fmt: off
PLACE = {
    "place": "东湖街道", "county_code": "990101", "township_code": "990101001", "grid_code": None,
    "lat": 33.45, "lon": 118.05,
}
INCIDENT = PLACE | {
    "incident_id": "i1", "first_report_id": "r1", "kind": "complaint", "category": "noise", "report_count": 1,
    "text": "工地夜间施工噪声大", "first_received_at": NOON, "last_received_at": NOON, "feeds": ["12345"],
    "day": NOON.date(),
}
LINK = {
    "report_id": "r1", "incident_id": "i1", "score": 1.0, "reasons": ["first_report"], "linker_version": "1",
    "linked_at": NOON,
}
REPORT = PLACE | {
    "report_id": "r1", "revision": 0, "content_hash": "a", "feed": "12345", "source_id": "s1", "kind": "complaint",
    "category": "noise", "source_category": None, "text": "工地夜间施工噪声大", "caller_token": "t", "device_id": None,
    "received_at": NOON, "updated_at": NOON, "landed_at": NOON, "raw_id": "x/0/0", "item_no": 0,
    "contract_version": "1.0", "day": NOON.date(),
}
ASSIGNMENT = {
    "order_id": "o1", "incident_id": "i1", "kind": "complaint", "category": "noise", "is_urgent": False,
    "event_grade": "4", "handling_level": "village", "unit_code": "ecology", "unit_duty_tier": "tier_2",
    "co_unit_codes": ["housing"], "accepted_at": NOON, "sign_due_at": NOON + HOUR, "finish_due_at": NOON + 72 * HOUR,
    "reasons": list("abcde"), "urged_count": 0, "decided_at": NOON,
}
CLASSIFICATION = {
    "report_id": "r1", "category": "noise", "probability": 1.0, "abstained": False, "top3": ["noise:1.00"],
    "is_urgent": True, "urgency_terms": ["fire:着火"], "is_police": False, "model_version": "source",
    "classified_at": NOON, "words": [],
}
GRADED = "event_grade: grading/grade_2@2000-01-01: 60 points: urgency 60 (urgent_words)"
DECIDED_BY = ("gold.assignments", "gold.incidents")
WARNING = {
    "warning_id": "w1", "period": "hour", "period_at": NOON, "category": "noise", "township_code": "990101001",
    "count": 9, "expected": 2.0, "upper": 6.0, "p_value": 0.001, "method": "seasonal", "report_ids": ["r1"],
    "found_at": NOON,
}
# fmt: on


@pytest.fixture(scope="module")
def postgres() -> Iterator[Settings]:
    with server() as settings:
        yield settings


class County:
    """A lake and a store, and the publish job between them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = engine(settings)
        self.now = NOON + HOUR

    def lake_says(self, name: str, *rows: dict) -> None:
        record = TABLES[name].record
        frame = record.validate(pl.DataFrame(list(rows), schema=record.create_empty().schema), cast=True)
        write_deltalake(path_of(self.settings.lake_uri, name), to_arrow(frame, record), mode="overwrite")

    def publish(self) -> dict:
        self.now += HOUR
        return publish.run(Context(self.settings, now=self.now))

    def rows(self, table: sa.Table, *order: str) -> list[dict]:
        with self.store.connect() as store:
            query = sa.select(table).order_by(*(table.c[name] for name in order))
            return [dict(row) for row in store.execute(query).mappings()]

    def order(self) -> dict:
        return self.rows(ORDERS)[0]

    def people_set(self, table: sa.Table, **values: object) -> None:
        with self.store.begin() as store:
            store.execute(sa.update(table).values(**values))


@pytest.fixture
def county(postgres: Settings, tmp_path: Path) -> Iterator[County]:
    settings = Settings(state_dir=tmp_path, database_url=fresh_database(postgres))
    made = County(settings)
    made.lake_says("gold.incidents", INCIDENT)
    made.lake_says("gold.links", LINK)
    made.lake_says("silver.reports", REPORT)
    made.lake_says("gold.assignments", ASSIGNMENT)
    yield made
    made.store.dispose()


def events(county: County) -> list[tuple]:
    return [(e["version"], e["event"], e["from_state"], e["to_state"]) for e in county.rows(ORDER_EVENTS, "version")]


def test_a_new_assignment_becomes_a_dispatched_order_with_its_event_and_message(county: County):
    county.publish()
    order = county.order()
    assert (order["state"], order["version"], order["unit_code"]) == ("dispatched", 1, "ecology")
    assert order["dispatched_at"] == county.now
    assert order["text"] == "工地夜间施工噪声大"
    assert events(county) == [(1, "dispatch", None, "dispatched")]
    sent = county.rows(OUTBOX)
    assert [(row["key"], row["message"]["type"]) for row in sent] == [("o1", "order_event")]
    assert sent[0]["message"]["data"]["occurred_at"] == "2026-03-02T06:00:00.000000Z"


def test_publishing_twice_writes_once(county: County):
    county.publish()
    before = [county.rows(table) for table in (ORDERS, ORDER_EVENTS, OUTBOX, INCIDENT_REPORTS)]
    with pytest.raises(NothingToDoError):
        county.publish()
    assert [county.rows(table) for table in (ORDERS, ORDER_EVENTS, OUTBOX, INCIDENT_REPORTS)] == before


def test_the_store_never_learns_who_called(county: County):
    county.publish()
    assert "caller_token" not in county.rows(INCIDENT_REPORTS)[0]


def test_a_changed_decision_revises_the_order_but_not_its_state(county: County):
    county.publish()
    county.people_set(ORDERS, state="signed", version=2)
    county.lake_says(
        "gold.assignments",
        ASSIGNMENT | {"event_grade": "2", "is_urgent": True, "decided_at": NOON + HOUR, "reasons": [GRADED, *"bcde"]},
    )
    assert county.publish()["orders_revised"] == 1
    order = county.order()
    assert (order["state"], order["version"], order["event_grade"]) == ("signed", 3, "2")
    assert events(county)[-1] == (3, "revise", "signed", "signed")
    assert county.rows(ORDER_EVENTS, "version")[-1]["reason"] == (
        "is_urgent, event_grade, reasons; event_grade 4 → 2: 60 points: urgency 60 (urgent_words)"
    )


def test_another_report_urges_the_order(county: County):
    county.publish()
    county.lake_says("gold.assignments", ASSIGNMENT | {"urged_count": 2, "decided_at": NOON + HOUR})
    assert county.publish()["orders_urged"] == 1
    assert (county.order()["urged_count"], county.order()["version"]) == (2, 2)
    assert events(county)[-1] == (2, "urge", "dispatched", "dispatched")


def test_a_revised_and_urged_order_has_both_events(county: County):
    county.publish()
    county.lake_says("gold.assignments", ASSIGNMENT | {"urged_count": 1, "event_grade": "3", "decided_at": NOON + HOUR})
    county.publish()
    assert [event[:2] for event in events(county)] == [(1, "dispatch"), (2, "revise"), (3, "urge")]
    assert county.order()["version"] == 3


def test_an_older_decision_changes_nothing(county: County):
    county.publish()
    county.lake_says("gold.assignments", ASSIGNMENT | {"event_grade": "1", "decided_at": NOON - HOUR})
    with pytest.raises(NothingToDoError):
        county.publish()
    assert county.order()["event_grade"] == "4"


@pytest.mark.parametrize("state", ["closed", "called_back"])
def test_a_finished_order_stays_as_it_is(county: County, state: str):
    county.publish()
    county.people_set(ORDERS, state=state)
    county.lake_says("gold.assignments", ASSIGNMENT | {"event_grade": "1", "urged_count": 5, "decided_at": NOON + HOUR})
    with pytest.raises(NothingToDoError):
        county.publish()
    assert (county.order()["event_grade"], county.order()["urged_count"], len(events(county))) == ("4", 0, 1)


THREE_DAYS = "finish_due_at: deadlines/three_days@2000-01-01: level village: 3 working days"
FIVE_DAYS = "finish_due_at: deadlines/five_days@2000-01-01: level town: 5 working days"


def was_paused(county: County, due: datetime, *steps: tuple[str, datetime]) -> None:
    """These steps happened to the order, which has this limit after them."""
    order, (_, last) = county.order(), steps[-1]
    with county.store.begin() as store:
        for version, (event, at) in enumerate(steps, 2):
            row = {"event_id": f"o1.{version}", "order_id": "o1", "version": version, "event": event}
            states = {"from_state": "handling", "to_state": "paused", "unit_code": "ecology", "role": "department"}
            moments = {"occurred_at": at, "finish_due_at": due if at == last else order["finish_due_at"]}
            store.execute(sa.insert(ORDER_EVENTS).values(row | states | moments))
        state = {"state": "paused", "paused_at": last} if len(steps) % 2 else {"state": "handling"}
        store.execute(sa.update(ORDERS).values(**state, version=len(steps) + 1, finish_due_at=due))


@pytest.mark.parametrize("goes_on", [True, False])
def test_another_priority_counts_from_acceptance_and_keeps_the_time_that_was_paused(county: County, goes_on: bool):
    friday = datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC)  # Thursday's end in Asia/Shanghai: three working days
    decided = ASSIGNMENT | {"reasons": [*"abcd", THREE_DAYS], "finish_due_at": friday}
    county.lake_says("gold.assignments", decided)
    county.publish()
    assert county.order()["finish_rule"] == "deadlines/three_days@2000-01-01"
    paused, due_after = [("pause", NOON + 24 * HOUR), ("resume", NOON + 48 * HOUR)], friday + 24 * HOUR
    if not goes_on:
        paused.append(("pause", NOON + 50 * HOUR))
    was_paused(county, due_after, *paused)
    monday = datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)
    other = {"reasons": [*"abcd", FIVE_DAYS], "finish_due_at": monday, "handling_level": "town"}
    county.lake_says("gold.assignments", decided | other | {"decided_at": NOON + HOUR})
    county.publish()
    order = county.order()
    assert order["finish_due_at"] == monday + 24 * HOUR, "five working days, and the one that was paused"
    assert order["finish_rule"] == "deadlines/five_days@2000-01-01; paused 1 working days"
    assert county.rows(ORDER_EVENTS, "version")[-1]["finish_rule"] == order["finish_rule"]
    assert order["state"] == ("handling" if goes_on else "paused")


def test_nobody_is_reminded_of_what_is_paused(county: County):
    county.publish()
    was_paused(county, NOON + 72 * HOUR, ("pause", NOON + HOUR))
    with pytest.raises(NothingToDoError):
        escalate.run(Context(county.settings, now=NOON + 900 * HOUR))


def test_a_due_time_extended_by_a_person_stands(county: County):
    county.publish()
    extended = NOON + 200 * HOUR
    county.people_set(ORDERS, state="handling", finish_due_at=extended)
    later = {"finish_due_at": NOON + 90 * HOUR, "event_grade": "3", "decided_at": NOON + HOUR}
    county.lake_says("gold.assignments", ASSIGNMENT | later)
    county.publish()
    assert (county.order()["finish_due_at"], county.order()["event_grade"]) == (extended, "3")


@pytest.mark.parametrize(("state", "unit"), [("dispatched", "police"), ("signed", "ecology"), ("returned", "ecology")])
def test_only_an_order_nobody_signed_for_moves_to_another_unit(county: County, state: str, unit: str):
    county.publish()
    county.people_set(ORDERS, state=state)
    moved = {"unit_code": "police", "unit_duty_tier": "tier_1", "is_urgent": True, "decided_at": NOON + HOUR}
    county.lake_says("gold.assignments", ASSIGNMENT | moved)
    county.publish()
    assert county.order()["unit_code"] == unit


@pytest.mark.parametrize("said", ["dispatch", "correct"])
def test_a_category_that_a_dispatcher_confirmed_or_corrected_stands_whatever_the_pipeline_says_later(county, said):
    county.publish()
    first = county.rows(ORDER_EVENTS)[0]
    word = {"event": said, "version": 2, "event_id": "o1.2", "role": "dispatcher"}
    with county.store.begin() as store:
        store.execute(sa.insert(ORDER_EVENTS).values(first | word))
    for hours, category, grade in ((1, "dispute", "2"), (2, "housing", "3")):
        later = {"category": category, "event_grade": grade, "decided_at": NOON + hours * HOUR}
        county.lake_says("gold.assignments", ASSIGNMENT | later)
        county.publish()
    assert (first["category"], county.order()["category"], county.order()["event_grade"]) == ("noise", "noise", "3")


def test_an_urgent_report_has_a_notice_also_without_the_express_lane(county: County):
    county.lake_says("gold.classifications", CLASSIFICATION, CLASSIFICATION | {"report_id": "r9", "is_urgent": False})
    county.publish()
    (notice,) = county.rows(NOTICES)
    assert (notice["report_id"], notice["order_id"], notice["unit_code"]) == ("r1", "o1", "ecology")
    assert notice["noticed_at"] == notice["confirmed_at"] == county.now
    first = county.now
    with pytest.raises(NothingToDoError):
        county.publish()
    assert county.rows(NOTICES)[0]["noticed_at"] == first


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_notice_goes_with_its_order_where_a_later_decision_moves_it(county: County, is_confirmed: bool):
    county.lake_says("gold.classifications", CLASSIFICATION)
    county.publish()
    if not is_confirmed:
        county.people_set(NOTICES, confirmed_at=None)
    county.lake_says("gold.assignments", ASSIGNMENT | {"unit_code": "police", "decided_at": NOON + HOUR})
    county.publish()
    (notice,) = county.rows(NOTICES)
    assert (notice["unit_code"], notice["noticed_at"]) == ("police", county.now)


def test_the_lake_does_not_take_a_notice_back_from_the_unit_that_people_chose(county: County):
    county.lake_says("gold.classifications", CLASSIFICATION)
    county.publish()
    county.people_set(NOTICES, confirmed_at=None, unit_code="housing")
    county.people_set(ORDERS, unit_code="housing")
    county.publish()
    assert county.rows(NOTICES)[0]["unit_code"] == "housing"


def test_an_order_that_the_express_lane_dispatched_meanwhile_stays_with_what_people_did(county: County):
    with county.store.begin() as store:
        decided = plain(decisions(*(read_table(county.settings.lake_uri, name) for name in DECIDED_BY)))
        dispatch(store, decided, NOON)
        store.execute(sa.update(ORDERS).values(state="signed", version=2))
        store.execute(sa.delete(ORDER_DECISIONS))  # as publish saw it a moment before
    county.publish()
    assert (county.order()["state"], county.order()["version"]) == ("signed", 2)
    assert events(county) == [(1, "dispatch", None, "dispatched")]


def test_a_late_order_is_escalated_once_a_step_and_the_lake_hears_of_it(county: County):
    county.publish()
    before = county.rows(OUTBOX)
    day_late = Context(county.settings, now=NOON + 96 * HOUR)  # finish was due after 72 hours
    assert escalate.run(day_late) == {"remind": 2, "supervise": 2, "report": 0}
    with pytest.raises(NothingToDoError):
        escalate.run(day_late)
    assert county.order()["version"] == 5
    assert sorted(event[1] for event in events(county)) == ["dispatch", "remind", "remind", "supervise", "supervise"]
    assert len(county.rows(OUTBOX)) == len(before) + 4
    county.people_set(ORDERS, state="closed")
    with pytest.raises(NothingToDoError):
        escalate.run(Context(county.settings, now=NOON + 900 * HOUR))


def test_an_order_that_is_being_changed_is_escalated_the_next_time(county: County):
    county.publish()
    late = Context(county.settings, now=NOON + 80 * HOUR)
    with county.store.begin() as other:
        other.execute(sa.select(ORDERS).with_for_update())
        with pytest.raises(NothingToDoError):
            escalate.run(late)
    assert escalate.run(late)["remind"] == 2


def test_an_analysts_review_of_a_warning_is_never_overwritten(county: County):
    county.lake_says("gold.warnings", WARNING)
    county.publish()
    assert county.rows(WARNINGS)[0]["state"] == "open"
    county.people_set(WARNINGS, state="dismissed", reason="drill", version=2)
    county.lake_says("gold.warnings", WARNING | {"count": 12})
    county.publish()
    warning = county.rows(WARNINGS)[0]
    assert (warning["state"], warning["reason"], warning["version"], warning["count"]) == ("dismissed", "drill", 2, 12)


def test_more_orders_than_a_statement_takes_values_are_published_at_once(county: County):
    ids = range(65_536 // len(ORDERS.columns) + 1)
    county.lake_says("gold.incidents", *(INCIDENT | {"incident_id": f"i{n}"} for n in ids))
    county.lake_says("gold.assignments", *(ASSIGNMENT | {"order_id": f"o{n}", "incident_id": f"i{n}"} for n in ids))
    assert county.publish()["orders_dispatched"] == len(ids)


def test_a_store_without_tables_says_what_to_do(postgres: Settings, tmp_path: Path):
    settings = Settings(state_dir=tmp_path, database_url=empty_database(postgres))
    with pytest.raises(DataError, match=r"python -m api\.migrate"):
        publish.run(Context(settings, now=NOON))


def a_check(table: str, at: datetime, *failures: str) -> dict:
    return {
        "table": table, "run": str(at), "scope": "full", "since_version": None, "until_version": 0, "rows": 1,
        "expectations": 9, "failed": len(failures), "failures": list(failures), "is_blocked": bool(failures),
        "checked_at": at,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "left_out"),
    [
        ("gold.incidents", {"incidents", "orders"}),
        ("gold.assignments", {"orders", "notices"}),
        ("gold.links", {"incident_reports", "notices"}),
        ("gold.classifications", {"notices"}),
        ("silver.reports", {"incident_reports", "notices"}),
        ("gold.warnings", {"warnings"}),
        ("gold.metrics", {"metrics"}),
        ("bronze.raw", set()),
    ],
)
def test_what_is_made_of_a_broken_table_stays_out_and_the_rest_is_published(county: County, table: str, left_out: set):
    county.lake_says("gold.warnings", WARNING)
    county.lake_says("ops.quality", a_check(table, NOON, "expect_x(text): 1 of 1 rows"))
    result = county.publish()
    assert set(result.get("left_out", {})) == left_out
    made = {"incidents": INCIDENTS, "incident_reports": INCIDENT_REPORTS, "orders": ORDERS, "warnings": WARNINGS}
    assert {part for part, rows in made.items() if not county.rows(rows)} == left_out & set(made)


def test_a_table_that_is_sound_again_is_published(county: County):
    broken = a_check("gold.assignments", NOON, "expect_x(text): 1 of 1 rows")
    county.lake_says("ops.quality", broken)
    assert set(county.publish()["left_out"].items()) == {
        (part, "gold.assignments: expect_x(text): 1 of 1 rows") for part in ("orders", "notices")
    }
    county.lake_says("ops.quality", broken, a_check("gold.assignments", NOON + HOUR))
    assert county.publish()["orders_dispatched"] == 1
