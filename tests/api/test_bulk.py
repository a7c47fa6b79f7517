"""One step for many orders, over HTTP."""

from typing import Any

import pytest

from schemas.order_life import LIFE
from schemas.tables import ORDER_EVENTS, ORDERS, OUTBOX
from tests.api.conftest import County

THREE = ({}, {"order_id": "o2"}, {"order_id": "o3", "state": "signed"})
ALONE = {"call_back", "delegate"}  # answers of one caller, parts of one order


def bulk(county: County, role: str = "department", status: int = 200, **body: Any) -> dict[str, Any]:
    body["orders"] = [{"order_id": order} for order in body.get("orders", ["o1", "o2", "o3"])] + body.pop("more", [])
    answer = county.client(role).post("/v1/orders/bulk", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def states(county: County) -> dict[str, str]:
    return {row["order_id"]: row["state"] for row in county.rows(ORDERS, "order_id")}


def test_all_take_the_step(county: County):
    county.has_orders(*THREE)
    found = bulk(county, step="sign", orders=["o2", "o1"])
    assert [(item["order_id"], item["order"]["state"]) for item in found["items"]] == [
        ("o2", "signed"),
        ("o1", "signed"),
    ]
    assert (found["done"], found["refused"]) == (2, 0)
    assert {(row["order_id"], row["event"]) for row in county.rows(ORDER_EVENTS, "order_id")} == {
        ("o1", "sign"), ("o2", "sign"),
    }  # fmt: skip


def test_all_or_none(county: County):
    county.has_orders(*THREE)
    problem = bulk(county, step="sign", status=409)
    assert problem["type"] == "urn:ninelines:problem:none-taken"
    assert [error["where"] for error in problem["errors"]] == ["body.orders.2"]
    assert states(county) == {"o1": "dispatched", "o2": "dispatched", "o3": "signed"}
    assert county.rows(OUTBOX, "outbox_id") == []


def test_each_for_itself(county: County):
    county.has_orders(*THREE, {"order_id": "theirs", "unit_code": "housing"})
    found = bulk(
        county, step="sign", mode="each", orders=["o3", "theirs", "o1"], more=[{"order_id": "o2", "version": 7}]
    )
    assert [(item["order_id"], item["status"]) for item in found["items"]] == [
        ("o3", 409), ("theirs", 404), ("o1", 200), ("o2", 412),
    ]  # fmt: skip
    assert found["items"][0]["problem"]["allowed_next"][0] == "handle"
    assert (found["done"], found["refused"]) == (1, 3)
    assert states(county) == {"o1": "signed", "o2": "dispatched", "o3": "signed", "theirs": "dispatched"}
    assert len(county.rows(OUTBOX, "outbox_id")) == 1


def test_sent_again_with_its_key_it_gives_the_first_answer(county: County):
    county.has_orders(*THREE)
    client = county.client("department")
    told = {"json": {"step": "sign", "orders": [{"order_id": "o1"}]}, "headers": {"Idempotency-Key": "k1"}}
    first, second = client.post("/v1/orders/bulk", **told), client.post("/v1/orders/bulk", **told)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(county.rows(ORDER_EVENTS, "order_id")) == 1


def test_the_right_to_the_step_is_needed(county: County):
    county.has_orders(*THREE)
    assert "orders.sign" in bulk(county, "leader", 403, step="sign")["detail"]
    assert bulk(county, "leader", step="remind", body={"reason": "请尽快办理"})["done"] == 3


@pytest.mark.parametrize(
    ("step", "body", "where"),
    [
        ("close", {}, "body.body.outcome"),
        ("sign", {"reason": "致电13912345678"}, "body.body.reason"),
        ("sign", {"strange": 1}, "body.body.strange"),
    ],
)
def test_the_body_is_that_of_the_step(county: County, step: str, body: dict[str, Any], where: str):
    county.has_orders(*THREE)
    (error,) = bulk(county, step=step, body=body, status=422)["errors"]
    assert error["where"] == where


def test_an_order_is_named_once(county: County):
    county.has_orders({})
    assert "once" in bulk(county, step="sign", orders=["o1", "o1"], status=422)["errors"][0]["what"]


@pytest.mark.parametrize(
    ("step", "body", "state", "role"),
    [
        ("handle", {}, "signed", "department"),
        ("ask_extension", {"finish_due_at": "2190-01-01T00:00:00Z", "reason": "等待配件"}, "handling", "department"),
        ("extend", {"finish_due_at": "2190-01-01T00:00:00Z", "reason": "等待配件"}, "handling", "dispatcher"),
        ("pause", {"cause": "waiting_for_caller", "reason": "来电人外出"}, "handling", "department"),
        ("send_back", {"reason": "不属本单位职责", "better_unit_code": "housing"}, "dispatched", "department"),
        ("dispatch", {"unit_code": "housing", "reason": "属住建职责"}, "returned", "dispatcher"),
        ("close", {"outcome": "solved"}, "handling", "department"),
        ("transfer", {"line": "110", "reason": "属公安职责"}, "returned", "dispatcher"),
        ("merge", {"into": "whole", "reason": "同一工地"}, "dispatched", "dispatcher"),
        ("correct", {"category": "noise", "reason": "经核实"}, "signed", "dispatcher"),
        ("supervise", {"reason": "请尽快办理"}, "signed", "leader"),
        ("report", {"reason": "超期未办"}, "signed", "leader"),
        ("reopen", {"reason": "问题复发"}, "closed", "dispatcher"),
        ("take_back", {"reason": "对方退回"}, "transferred", "dispatcher"),
    ],
)
def test_steps(county: County, step: str, body: dict[str, Any], state: str, role: str):
    county.has_orders(*({"order_id": order, "state": state} for order in ("o1", "o2", "o3")), {"order_id": "whole"})
    assert bulk(county, role, step=step, body=body)["done"] == 3
    assert [row["event"] for row in county.rows(ORDER_EVENTS, "order_id") if row["order_id"] != "whole"] == [step] * 3


def test_every_step_that_means_the_same_for_many_is_there(county: County):
    schema = county.app.openapi()["components"]["schemas"]["Bulk"]
    assert set(schema["properties"]["step"]["enum"]) == set(LIFE) - ALONE
