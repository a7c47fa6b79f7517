"""The express lane's rules: who is told at once, and that they decide as the lake would."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from jobs.models.scorecard import train
from jobs.transforms.express import MOST_KEPT, Decider, Known, hurry
from jobs.transforms.noticing import confirm, moved
from schemas.forms import plain
from schemas.ids import incident_id
from schemas.records import Notice, Report
from schemas.regulation import load_regulation
from tests.models.test_classifier import LABELS, TEXTS

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
NOW = NOON + timedelta(seconds=1)


@pytest.fixture(scope="module")
def by() -> Decider:
    return Decider(train(TEXTS, LABELS)[0], load_regulation())


def reports(*found: dict[str, Any]) -> pl.DataFrame:
    usual = {
        "revision": 0, "content_hash": "a", "feed": "119", "source_id": "s", "kind": "emergency", "category": "fire",
        "text": "锦绣花园3号楼着火了", "received_at": NOON, "updated_at": NOON, "landed_at": NOON, "raw_id": "x/0/0",
        "item_no": 0, "contract_version": "1.0", "day": NOON.date(), "lat": 33.45, "lon": 118.05,
        "township_code": "990101001", "county_code": "990101",
    }  # fmt: skip
    empty = dict.fromkeys(Report.column_names())
    rows = [empty | usual | {"report_id": f"r{number}"} | row for number, row in enumerate(found)]
    return pl.DataFrame(rows, schema=plain(Report.create_empty()).schema)


def test_a_report_of_danger_gets_an_order_and_a_notice_with_its_reasons(by: Decider):
    _, urgent = hurry(reports({}), Known(), by, NOW)
    assert urgent is not None
    notice, order = urgent.notices.row(0, named=True), urgent.decided.row(0, named=True)
    assert (notice["report_id"], notice["incident_id"]) == ("r0", incident_id("r0"))
    assert (notice["unit_code"], notice["order_id"]) == (order["unit_code"], order["order_id"])
    assert order["unit_code"] == "fire_brigade"
    assert notice["urgency_terms"]
    assert (notice["noticed_at"], notice["confirmed_at"]) == (NOW, None)
    assert len(order["reasons"]) >= 5


@pytest.mark.parametrize(
    "row",
    [
        {"text": "请问消防证怎么办理", "kind": "enquiry", "category": None},
        {"text": "没有着火，是演习", "kind": "complaint"},
        {"text": "着火了", "kind": "device_fault"},
    ],
)
def test_what_is_not_urgent_is_left_to_the_lake(by: Decider, row: dict[str, Any]):
    assert hurry(reports(row), Known(), by, NOW)[1] is None


def test_a_second_caller_has_a_notice_of_the_same_order(by: Decider):
    known, first = hurry(reports({}), Known(), by, NOW)
    later = NOON + timedelta(minutes=3)
    _, second = hurry(reports({"report_id": "r9", "received_at": later, "text": "楼上冒烟起火了"}), known, by, NOW)
    assert first
    assert second
    assert second.notices["order_id"].to_list() == first.notices["order_id"].to_list()
    assert second.notices["report_id"].to_list() == ["r9"]
    assert second.incidents["report_count"].to_list() == [2]


def test_an_emergency_without_urgent_words_opens_the_incident_that_an_urgent_one_joins(by: Decider):
    known, nobody = hurry(reports({"text": "锦绣花园有人报警"}), Known(), by, NOW)
    assert nobody is None
    _, urgent = hurry(reports({"report_id": "r1", "received_at": NOON + timedelta(minutes=2)}), known, by, NOW)
    assert urgent
    assert urgent.notices["incident_id"].to_list() == [incident_id("r0")]
    assert urgent.notices["report_id"].to_list() == ["r1"]


def test_after_a_start_a_report_stays_in_the_incident_it_was_told_of_in_whatever_order_they_come(by: Decider):
    first = reports({})
    second = reports({"report_id": "r1", "received_at": NOON + timedelta(minutes=2), "text": "冒浓烟了，快来"})
    known, _ = hurry(first, Known(), by, NOW)
    known, told = hurry(second, known, by, NOW)
    assert told
    assert told.notices["incident_id"].to_list() == [incident_id("r0")]
    again, late = hurry(second, Known(settled=known.links), by, NOW)  # started again, r1 comes first
    assert late
    assert late.notices["incident_id"].to_list() == [incident_id("r0")]
    _, last = hurry(first, again, by, NOW)
    assert last
    assert last.notices["incident_id"].to_list() == [incident_id("r0")]
    assert last.incidents["report_count"].to_list() == [2]


def test_a_revision_that_tells_of_danger_is_noticed_in_its_newest_words(by: Decider):
    known, _ = hurry(reports({"text": "有人报警"}), Known(), by, NOW)
    _, urgent = hurry(reports({"revision": 1}), known, by, NOW)
    assert urgent
    assert urgent.notices["text"].to_list() == ["锦绣花园3号楼着火了"]


def test_what_is_known_stays_small(by: Decider):
    many = [{"report_id": f"r{n}", "received_at": NOON + timedelta(seconds=n)} for n in range(MOST_KEPT + 50)]
    known, _ = hurry(reports(*many), Known(), by, NOW)
    assert known.links.height == known.reports.height == MOST_KEPT


def test_the_lake_confirms_a_notice_and_keeps_its_moments():
    told = {name: "x" for name in Notice.column_names()} | {
        "report_id": "r1", "feed": "119", "incident_id": "i-of-the-lane", "urgency_terms": ["fire:着火"],
        "received_at": NOON, "landed_at": NOON, "noticed_at": NOW, "confirmed_at": None,
    }  # fmt: skip
    known = pl.DataFrame([told], schema=Notice.create_empty().schema)
    found = known.with_columns(incident_id=pl.lit("i-of-the-lake"), landed_at=NOON + timedelta(hours=1))
    later = NOW + timedelta(seconds=12)
    row = confirm(found.drop("noticed_at", "confirmed_at"), known, later).row(0, named=True)
    assert (row["incident_id"], row["landed_at"]) == ("i-of-the-lake", NOON)
    assert (row["noticed_at"], row["confirmed_at"]) == (NOW, later)
    nowhere = pl.DataFrame({"incident_id": ["i-of-the-lake"]})
    assert moved(found, known, nowhere).rows() == [("i-of-the-lane", "i-of-the-lake")]
    assert moved(found, known, pl.DataFrame({"incident_id": ["i-of-the-lane"]})).is_empty()
