"""What the command centre does with orders, and parts of orders, over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.tables import ORDER_EVENTS, ORDERS, OUTBOX
from tests.api.conftest import HOUR, NOON, SOON, County

WHY = {"reason": "群众再次来电"}
FIVE_DAYS = ["finish_due_at: deadlines/five_days@2000-01-01: town level"]


def post(client: Any, order: str, step: str, body: dict[str, Any] | None = None, status: int = 200) -> dict[str, Any]:
    answer = client.post(f"/v1/orders/{order}/{step}", json=body or {})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def events(county: County, order: str) -> list[tuple[str, str | None, str]]:
    rows = [row for row in county.rows(ORDER_EVENTS, "order_id", "version") if row["order_id"] == order]
    return [(row["event"], row["from_state"], row["to_state"]) for row in rows]


@pytest.mark.parametrize("state", ["signed", "handling"])
def test_time_that_is_asked_for_is_granted_or_refused_and_the_order_goes_back_to_where_it_was(county, state):
    county.has_orders({"state": state})
    police, centre = county.client("department"), county.client("dispatcher")
    later = {"finish_due_at": (SOON + 50 * HOUR).isoformat(), "reason": "等待配件"}
    asked = post(police, "o1", "ask-extension", later)
    assert (asked["state"], datetime.fromisoformat(asked["finish_due_at"])) == ("extension_asked", SOON + HOUR)
    refused = post(centre, "o1", "refuse-extension", WHY)
    assert (refused["state"], datetime.fromisoformat(refused["finish_due_at"])) == (state, SOON + HOUR)
    post(police, "o1", "ask-extension", later)
    granted = post(centre, "o1", "grant-extension")
    assert (granted["state"], datetime.fromisoformat(granted["finish_due_at"])) == (state, SOON + 50 * HOUR)
    assert granted["finish_rule"] == "grant_extension@5"


def test_a_unit_cannot_give_itself_time(county: County):
    county.has_orders({"state": "handling"})
    later = {"finish_due_at": (SOON + 50 * HOUR).isoformat(), "reason": "等待配件"}
    post(county.client("department"), "o1", "extend", later, 403)
    post(county.client("department"), "o1", "grant-extension", {}, 403)


def test_who_sent_an_order_back_does_not_get_it_again_by_mistake(county: County):
    county.has_orders({})
    centre = county.client("dispatcher")
    back = post(county.client("department"), "o1", "send-back", {"reason": "不属本单位职责"})
    assert back["refused_by"] == ["police"]
    again = {"unit_code": "police", "reason": "请再核实"}
    assert "force" in post(centre, "o1", "dispatch", again, 409)["detail"]
    assert post(centre, "o1", "dispatch", again | {"force": True})["state"] == "dispatched"


def test_a_reopened_order_has_time(county: County):
    past = {"accepted_at": NOON, "sign_due_at": NOON + HOUR, "finish_due_at": NOON + 2 * HOUR}
    county.has_orders({"state": "archived", "reasons": FIVE_DAYS, "closed_at": NOON + HOUR, **past})
    order = post(county.client("dispatcher"), "o1", "reopen", {"reason": "问题复发"})
    assert (order["state"], order["closed_at"]) == ("handling", None)
    assert datetime.fromisoformat(order["finish_due_at"]) > datetime.now(NOON.tzinfo) + timedelta(days=4)
    assert order["finish_rule"] == "deadlines/five_days@2000-01-01; from reopen@2"
    overdue = county.client("dispatcher").get("/v1/orders", params={"overdue": True}).json()["items"]
    assert overdue == []


def test_what_was_never_called_back_is_not_archived(county: County):
    county.has_orders({"state": "closed"})
    centre = county.client("dispatcher")
    assert "call back first" in post(centre, "o1", "archive", {}, 409)["detail"]
    post(centre, "o1", "call-back", {"reached": False})
    assert post(centre, "o1", "archive")["state"] == "archived"


def test_a_transfer_names_who_has_it_and_can_come_back(county: County):
    county.has_orders({})
    centre = county.client("dispatcher")
    gone = post(centre, "o1", "transfer", {"line": "110", "reason": "现场有人持械"})
    assert (gone["state"], gone["transferred_to"]) == ("transferred", "110")
    post(county.client("department"), "o1", "sign", {}, 409)
    back = post(centre, "o1", "take-back", {"reason": "110 认定为邻里纠纷"})
    assert (back["state"], back["transferred_to"]) == ("returned", None)
    assert county.rows(ORDER_EVENTS, "version")[0]["transferred_to"] == "110"


def test_a_repeat_goes_into_its_order_which_is_urged(county: County):
    county.has_orders({"state": "handling", "unit_code": "housing"}, {"order_id": "o2", "urged_count": 1})
    county.has_notices({"order_id": "o2"})
    centre = county.client("dispatcher")
    merged = post(centre, "o2", "merge", {"into": "o1", "reason": "同一工地"})
    assert (merged["state"], merged["merged_into"], merged["unit_code"]) == ("merged", "o1", "housing")
    order = centre.get("/v1/orders/o1").json()
    assert (order["state"], order["urged_count"]) == ("handling", 2)
    told = {row["event"]: row["other_order_id"] for row in county.rows(ORDER_EVENTS)}
    assert told == {"merge": "o1", "urge": "o2"}
    assert county.client("department", "housing").get("/v1/notices").json()["items"][0]["order_id"] == "o2"


def test_a_repeat_reopens_an_order_that_was_closed(county: County):
    county.has_orders({"state": "closed", "closed_at": NOON}, {"order_id": "o2"})
    post(county.client("dispatcher"), "o2", "merge", {"into": "o1", "reason": "问题复发"})
    assert events(county, "o1") == [("urge", "closed", "closed"), ("reopen", "closed", "handling")]


@pytest.mark.parametrize(
    ("into", "status"), [({"state": "merged"}, 409), ({"state": "archived"}, 409), ({"parent_id": "o3"}, 409)]
)
def test_a_repeat_goes_into_nothing_that_has_gone_itself(county: County, into: dict[str, Any], status: int):
    county.has_orders(into, {"order_id": "o2", "state": "handling"})
    centre = county.client("dispatcher")
    post(centre, "o2", "merge", {"into": "o1", "reason": "重复"}, status)
    post(centre, "o2", "merge", {"into": "o2", "reason": "重复"}, 422)
    post(centre, "o2", "merge", {"into": "none", "reason": "重复"}, 404)
    assert county.rows(ORDER_EVENTS) == county.rows(OUTBOX) == []


def test_a_part_has_a_life_of_its_own_and_the_whole_is_not_closed_before_it(county: County):
    county.has_orders({"state": "handling"})
    police, housing, centre = (
        county.client("department"),
        county.client("department", "housing"),
        county.client("dispatcher"),
    )
    part = post(police, "o1", "sub-orders", {"unit_code": "housing", "reason": "请关闭阀门"}, 201)
    assert (part["order_id"], part["parent_id"], part["state"]) == ("o1-1", "o1", "dispatched")
    assert datetime.fromisoformat(part["finish_due_at"]) <= SOON + HOUR
    assert "o1-1" in post(police, "o1", "close", {"outcome": "solved"}, 409)["detail"]
    post(police, "o1-1", "sign", {}, 403)  # it sees its parts, and leaves the steps to their units
    for step, body in (("sign", {}), ("handle", {}), ("close", {"outcome": "solved"})):
        post(housing, "o1-1", step, body)
    post(centre, "o1-1", "call-back", {"reached": False}, 409)
    assert post(police, "o1", "close", {"outcome": "solved"})["state"] == "closed"
    assert [row["state"] for row in county.rows(ORDERS, "order_id")] == ["closed", "archived"]
    assert events(county, "o1-1")[0] == ("dispatch", None, "dispatched")


def test_a_part_is_not_given_to_the_lead_nor_longer_than_the_whole_nor_parted_again(county: County):
    county.has_orders({"state": "handling"}, {"order_id": "o2", "state": "handling", "parent_id": "o1"})
    centre = county.client("dispatcher")
    post(centre, "o1", "sub-orders", {"unit_code": "police", "reason": "请办理"}, 422)
    too_long = (SOON + 9 * HOUR).isoformat()
    post(centre, "o1", "sub-orders", {"unit_code": "housing", "reason": "请办理", "finish_due_at": too_long}, 422)
    post(centre, "o2", "sub-orders", {"unit_code": "housing", "reason": "请办理"}, 409)


def test_leaders_mark_what_is_late(county: County):
    county.has_orders({"state": "handling"})
    leader = county.client("leader")
    for mark in ("remind", "supervise", "report"):
        assert post(leader, "o1", mark, WHY)["state"] == "handling"
    assert [event for event, _, _ in events(county, "o1")] == ["remind", "supervise", "report"]
    post(leader, "o1", "remind", {}, 422)
