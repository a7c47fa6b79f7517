"""Orders noted by hand: decided by the pipeline's rules, told to the lake as a report, and found by it again."""

from datetime import UTC, datetime
from typing import Any

import orjson
import polars as pl
import pytest

from jobs.transforms.cleaning import clean
from jobs.transforms.linking import incidents_of, link
from schemas.areas import load_county
from schemas.feeds.desk import FEED, KINDS
from schemas.ids import order_id
from schemas.tables import INCIDENT_REPORTS, INCIDENTS, ORDER_DECISIONS, ORDER_EVENTS, ORDERS, OUTBOX
from tests.api.conftest import County
from tests.transforms.messages import KEY, RAW

NOTED = {
    "text": "东湖街道菜市场门口污水外溢", "kind": "complaint", "category": "noise", "place": "东湖街道菜市场",
    "township_code": "990101001",
}  # fmt: skip


def noted(county: County, **more: Any) -> dict[str, Any]:
    answer = county.client("dispatcher").post("/v1/orders", json=NOTED | more)
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    found: dict[str, Any] = answer.json()
    return found


def cleaned(county: County) -> pl.DataFrame:
    """What the lake makes of the report in the outbox."""
    (sent,) = [row for row in county.rows(OUTBOX) if row["topic"]]
    message = (sent["topic"], FEED.code, "t/0/0", datetime.now(UTC), orjson.dumps(sent["message"]))
    return clean(pl.DataFrame([message], schema=RAW, orient="row"), KEY, load_county())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_lake_finds_the_same_report_incident_and_order(county: County, kind: str):
    order = noted(county, kind=kind, lat=33.452, lon=118.051)
    reports = cleaned(county)
    assert reports["reasons"].to_list() == [[]]
    assert reports.select("kind", "text", "place", "township_code", "category").row(0) == (
        kind, NOTED["text"], NOTED["place"], "990101001", "noise",
    )  # fmt: skip
    links = link(reports, reports.head(0))
    (incident,) = incidents_of(reports, links).to_dicts()
    assert (incident["incident_id"], order_id(incident["incident_id"])) == (order["incident_id"], order["order_id"])
    assert incident["first_received_at"] == datetime.fromisoformat(order["accepted_at"])
    assert [row["report_id"] for row in county.rows(INCIDENT_REPORTS)] == reports["report_id"].to_list()


def test_it_waits_to_be_dispatched_with_what_the_rules_say_and_why(county: County):
    order = noted(county)
    assert (order["state"], order["unit_code"], order["handling_level"]) == ("to_dispatch", "donghu", "village")
    assert any(reason.startswith("finish_due_at: deadlines/three_days") for reason in order["reasons"])
    assert order["finish_rule"] == "deadlines/three_days@2000-01-01"
    assert [row["event"] for row in county.rows(ORDER_EVENTS)] == ["register"]
    assert len(county.rows(INCIDENTS)) == len(county.rows(ORDER_DECISIONS)) == 1
    unit = county.client("department", "donghu")
    assert unit.get(f"/v1/orders/{order['order_id']}").status_code == 404
    sent = county.client("dispatcher").post(
        f"/v1/orders/{order['order_id']}/dispatch", json={"unit_code": "donghu", "reason": "属地"}
    )
    assert sent.json()["state"] == "dispatched"
    assert unit.get(f"/v1/orders/{order['order_id']}").status_code == 200


def test_a_unit_that_is_named_has_it_at_once(county: County):
    order = noted(county, unit_code="housing")
    assert (order["state"], order["unit_code"], order["version"]) == ("dispatched", "housing", 2)
    assert [row["event"] for row in county.rows(ORDER_EVENTS, "version")] == ["register", "dispatch"]


def test_who_says_that_it_is_urgent_is_believed_and_the_pipeline_does_not_take_it_back(county: County):
    order = noted(county, is_urgent=True)
    assert order["is_urgent"]
    assert any("dispatcher:紧急" in reason for reason in order["reasons"])
    (decision,) = county.rows(ORDER_DECISIONS)
    assert not decision["is_urgent"]  # the rules' own word; what differs from it is a person's
    assert order["event_grade"] < decision["event_grade"]


def test_words_of_danger_are_heard_without_being_marked(county: County):
    assert noted(county, text="菜市场着火了,有人被困", category="fire")["is_urgent"]


def test_numbers_of_persons_are_taken_out(county: County):
    order = noted(county, text="我叫王小明,电话13812345678,门口污水外溢", place="东湖街道3栋2单元501室")
    assert "13812345678" not in order["text"]
    everything = str([county.rows(table) for table in (ORDERS, INCIDENTS, INCIDENT_REPORTS, OUTBOX, ORDER_DECISIONS)])
    assert "13812345678" not in everything
    assert "501室" not in everything


def test_the_same_request_again_is_the_same_order(county: County):
    client, key = county.client("dispatcher"), {"Idempotency-Key": "desk-1"}
    first, second = (client.post("/v1/orders", json=NOTED, headers=key) for _ in range(2))
    assert (first.json(), second.headers["Idempotency-Replayed"]) == (second.json(), "true")
    assert len(county.rows(ORDERS)) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "emergency"}, {"lat": 33.4}, {"unit_code": "nobody"}, {"text": ""}, {"township_code": "99"}],
)
def test_what_makes_no_sense_is_refused(county: County, wrong: dict[str, Any]):
    assert county.client("dispatcher").post("/v1/orders", json=NOTED | wrong).status_code == 422
    assert county.rows(ORDERS) == county.rows(OUTBOX) == []
