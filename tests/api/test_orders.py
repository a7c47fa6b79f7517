"""Orders over HTTP: lists, isolation, steps, versions."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import polars as pl
import pytest

from schemas.records import OrderEvent, Rating
from schemas.tables import ORDER_EVENTS, ORDERS, OUTBOX, RATINGS
from tests.api.conftest import HOUR, NOON, SOON, County

ANSWERS = {"reached": True, "was_contacted": True, "was_solved": True, "satisfaction": "satisfied"}


def ids(answer: Any) -> list[str]:
    return [order["order_id"] for order in answer.json()["items"]]


def test_a_department_sees_the_orders_it_leads_or_helps_with(county: County):
    county.has_orders(
        {"order_id": "lead", "unit_code": "police"},
        {"order_id": "help", "unit_code": "housing", "co_unit_codes": ["ecology", "police"]},
        {"order_id": "foreign", "unit_code": "housing"},
    )
    police = county.client("department", "police")
    assert set(ids(police.get("/v1/orders"))) == {"lead", "help"}
    assert ids(police.get("/v1/orders", params={"unit": "housing"})) == ["help"]
    assert police.get("/v1/orders/foreign").status_code == 404
    assert police.get("/v1/orders/foreign/events").status_code == 404
    assert police.post("/v1/orders/foreign/sign").status_code == 404
    assert police.post("/v1/orders/help/sign").status_code == 403


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"state": "signed"}, {"b"}),
        ({"state": ["signed", "closed"]}, {"b", "c"}),
        ({"event_grade": "1"}, {"a"}),
        ({"handling_level": "county"}, {"b"}),
        ({"unit_duty_tier": "tier_3"}, {"c"}),
        ({"category": "fire"}, {"a"}),
        ({"township": "990101201"}, {"c"}),
        ({"urgent": "true"}, {"a"}),
        ({"unit": "housing"}, {"b", "c"}),
        ({"overdue": "true"}, {"a", "b"}),
        ({"overdue": "false"}, {"c", "d"}),
        ({"q": "50%"}, {"b"}),
        ({"q": "青石"}, {"d"}),
        ({"urgent": "false", "unit": "housing", "state": "signed"}, {"b"}),
    ],
)
def test_filters_narrow_the_list(county: County, filters: dict, found: set):
    late = {"sign_due_at": NOON, "finish_due_at": NOON}
    county.has_orders(
        {"order_id": "a", "event_grade": "1", "category": "fire", "is_urgent": True, "sign_due_at": NOON},
        {"order_id": "b", "state": "signed", "handling_level": "county", "co_unit_codes": ["housing"], **late}
        | {"text": "水压只有50%"},
        {"order_id": "c", "state": "closed", "unit_duty_tier": "tier_3", "township_code": "990101201", **late}
        | {"unit_code": "housing"},
        {"order_id": "d", "place": "青石镇"},
    )
    assert set(ids(county.client("dispatcher").get("/v1/orders", params=filters))) == found


def test_pages_neither_repeat_nor_miss_orders_while_new_ones_arrive(county: County):
    county.has_orders(*({"order_id": f"o{n}", "dispatched_at": NOON + (n // 3) * HOUR} for n in range(10)))
    client, seen, cursor = county.client("dispatcher"), [], None
    for turn in range(4):
        page = client.get("/v1/orders", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        seen += ids(page)
        cursor = page.json()["next_cursor"]
        county.has_orders({"order_id": f"new{turn}", "dispatched_at": NOON + 100 * HOUR})
    assert seen == ["o9", "o8", "o7", "o6", "o5", "o4", "o3", "o2", "o1", "o0"]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "bm8", "WzEsMl0", "W10", "🙂"])
def test_a_made_up_cursor_is_a_clear_error(county: County, cursor: str):
    answer = county.client("dispatcher").get("/v1/orders", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:ninelines:problem:bad-cursor")


def test_a_whole_life(county: County):
    county.has_orders({})
    police, dispatcher = county.client("department"), county.client("dispatcher")
    later = (SOON + 50 * HOUR).isoformat()
    steps = [
        (police, "sign", {}, "signed"),
        (police, "handle", {"reason": "已派员前往"}, "handling"),
        (police, "ask-extension", {"finish_due_at": later, "reason": "等待配件"}, "extension_asked"),
        (dispatcher, "grant-extension", {}, "handling"),
        (police, "close", {"outcome": "solved", "reason": "已劝停"}, "closed"),
        (dispatcher, "call-back", {"reached": False}, "closed"),
        (dispatcher, "call-back", ANSWERS | {"satisfaction": "dissatisfied"}, "called_back"),
        (dispatcher, "reopen", {"reason": "来电人不满意"}, "handling"),
        (police, "close", {"outcome": "solved"}, "closed"),
        (dispatcher, "call-back", ANSWERS, "called_back"),
    ]
    for client, step, body, state in steps:
        answer = client.post(f"/v1/orders/o1/{step}", json=body)
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text
    events = police.get("/v1/orders/o1/events").json()
    assert [(e["version"], e["event"], e["to_state"]) for e in events] == [
        (n + 2, step.replace("-", "_"), state) for n, (_, step, _, state) in enumerate(steps)
    ]
    ratings = dispatcher.get("/v1/orders/o1/call-backs").json()
    assert [(r["attempt"], r["was_reached"], r["satisfaction"]) for r in ratings] == [
        (1, False, None),
        (2, True, "dissatisfied"),
        (3, True, "satisfied"),
    ]
    order = police.get("/v1/orders/o1").json()
    assert datetime.fromisoformat(order["finish_due_at"]) == SOON + 50 * HOUR
    assert order["outcome"] == "solved"


def test_what_people_do_keeps_the_records_contracts_and_leaves_by_the_outbox_in_order(county: County):
    county.has_orders({"state": "handling"})
    county.client("department").post("/v1/orders/o1/close", json={"outcome": "not_ours"})
    county.client("dispatcher").post("/v1/orders/o1/call-back", json=ANSWERS)
    sent = county.rows(OUTBOX, "outbox_id")
    assert [(row["key"], row["message"]["type"]) for row in sent] == [
        ("o1", "order_event"),
        ("o1", "order_event"),
        ("o1", "rating"),
    ]
    for record, table, type_ in ((OrderEvent, ORDER_EVENTS, "order_event"), (Rating, RATINGS, "rating")):
        rows = county.rows(table, *record.primary_key())
        messages = [row["message"]["data"] for row in sent if row["message"]["type"] == type_]
        assert [set(data) for data in messages] == [set(record.column_names())] * len(rows)
        record.validate(pl.DataFrame(rows, infer_schema_length=None), cast=True)


def test_a_returned_order_goes_to_another_unit(county: County):
    county.has_orders({"co_unit_codes": ["traffic_police"]})
    county.client("department", "police").post("/v1/orders/o1/send-back", json={"reason": "应由交警办理"})
    dispatcher = county.client("dispatcher")
    unknown = dispatcher.post("/v1/orders/o1/dispatch", json={"unit_code": "nobody", "reason": "试一试"})
    assert (unknown.status_code, unknown.json()["errors"][0]["where"]) == (422, "body.unit_code")
    body = {"unit_code": "traffic_police", "reason": "交警职责"}
    order = dispatcher.post("/v1/orders/o1/dispatch", json=body).json()
    assert (order["state"], order["unit_code"], order["co_unit_codes"]) == ("dispatched", "traffic_police", [])
    assert county.client("department", "police").get("/v1/orders/o1").status_code == 404
    assert county.client("department", "traffic_police").post("/v1/orders/o1/sign").status_code == 200


@pytest.mark.parametrize(
    ("better", "where"),
    [
        ({"better_unit_code": "nobody"}, "body.better_unit_code"),
        ({"better_unit_code": "police"}, "body.better_unit_code"),
        ({"better_category": "noise"}, "body.better_category"),
        ({"better_category": "loudness"}, "body.better_category"),
    ],
)
def test_what_a_unit_knows_better_must_be_known_and_another(county: County, better: dict, where: str):
    county.has_orders({})
    answer = county.client("department", "police").post(
        "/v1/orders/o1/send-back", json={"reason": "不属本单位"} | better
    )
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, where)
    assert county.rows(ORDERS)[0]["state"] == "dispatched"


def test_corrections_are_kept_with_the_steps_and_sent_to_the_lake(county: County):
    county.has_orders({})
    better = {"better_unit_code": "housing", "better_category": "housing"}
    county.client("department", "police").post("/v1/orders/o1/send-back", json={"reason": "应由住建局办理"} | better)
    dispatcher = county.client("dispatcher")
    sent = {"unit_code": "housing", "category": "housing", "reason": "同意"}
    assert dispatcher.post("/v1/orders/o1/dispatch", json=sent).json()["category"] == "housing"
    corrected = dispatcher.post("/v1/orders/o1/correct", json={"category": "dispute", "reason": "实为邻里纠纷"}).json()
    assert (corrected["category"], corrected["state"], corrected["unit_code"]) == ("dispute", "dispatched", "housing")
    told = [row["message"]["data"] for row in county.rows(OUTBOX, "outbox_id")]
    assert [(e["event"], e["category"], e["better_unit_code"], e["better_category"]) for e in told] == [
        ("send_back", "noise", "housing", "housing"),
        ("dispatch", "housing", None, None),
        ("correct", "dispute", None, None),
    ]


DAY = timedelta(days=1)
RULE = "deadlines/three_days@2000-01-01"
PAUSE = {"cause": "waiting_for_caller", "reason": "来电人外出,约定三日后入户查看"}


def has_a_paused_order(county: County, paused_at: datetime, due_at: datetime) -> None:
    """Paused at that moment, with a limit of three working days."""
    reasons = [f"finish_due_at: {RULE}: level village, grade 4, complaint: 3 working days"]
    times = {"paused_at": paused_at, "finish_due_at": due_at, "accepted_at": paused_at}
    county.has_orders({"state": "paused", "version": 3, "reasons": reasons, "finish_rule": RULE} | times)
    step = {"event_id": "o1.3", "order_id": "o1", "version": 3, "event": "pause", "from_state": "handling"}
    step |= {"to_state": "paused", "unit_code": "police", "role": "department", "pause_cause": "weather"}
    step |= {"reason": None, "outcome": None, "finish_rule": RULE}
    county.has(ORDER_EVENTS, step | {"finish_due_at": due_at, "occurred_at": paused_at})


def test_a_paused_order_goes_on_with_what_remained(county: County):
    now = datetime.now(UTC)
    has_a_paused_order(county, now - 60 * DAY, now - 30 * DAY)
    police, dispatcher = county.client("department"), county.client("dispatcher")
    assert ids(dispatcher.get("/v1/orders", params={"overdue": "true"})) == [], "the clock stands"
    order = police.post("/v1/orders/o1/resume", headers={"If-Match": '"3"'}).json()
    assert (order["state"], order["paused_at"], order["version"]) == ("handling", None, 4)
    due = datetime.fromisoformat(order["finish_due_at"])
    assert now + 10 * DAY < due < now + 60 * DAY, "a month remained"
    assert re.match(RULE + r"; paused \d\d working days", order["finish_rule"])
    (_, event) = police.get("/v1/orders/o1/events").json()
    assert (event["event"], event["finish_rule"]) == ("resume", order["finish_rule"])
    assert event["finish_due_at"] == order["finish_due_at"]


def test_to_pause_and_resume_at_once_changes_nothing_but_the_version(county: County):
    county.has_orders({"state": "handling", "finish_rule": RULE})
    police = county.client("department")
    before = police.get("/v1/orders/o1").json()
    paused = police.post("/v1/orders/o1/pause", json=PAUSE, headers={"If-Match": '"1"'})
    assert (paused.status_code, paused.headers["ETag"], paused.json()["state"]) == (200, '"2"', "paused")
    assert paused.json()["finish_due_at"] == before["finish_due_at"]
    after = police.post("/v1/orders/o1/resume", headers={"If-Match": '"2"'}).json()
    assert datetime.fromisoformat(after["finish_due_at"]) - SOON - HOUR < timedelta(minutes=1)  # by the clock: no rule
    assert after["state"] == "handling"
    assert [event["pause_cause"] for event in police.get("/v1/orders/o1/events").json()] == [PAUSE["cause"], None]


@pytest.mark.parametrize(
    ("state", "step", "allowed"),
    [
        ("paused", "pause", ["resume"]),
        ("handling", "resume", ["handle", "ask_extension", "pause", "delegate", "close"]),
        ("signed", "pause", ["handle", "ask_extension", "send_back", "delegate"]),
        ("closed", "pause", []),
        ("paused", "close", ["resume"]),
    ],
)
def test_a_pause_or_resume_out_of_turn_is_refused(county: County, state: str, step: str, allowed: list[str]):
    county.has_orders({"state": state})
    body = {"pause": PAUSE, "close": {"outcome": "solved"}}.get(step, {})
    answer = county.client("department").post(f"/v1/orders/o1/{step}", json=body)
    assert (answer.status_code, answer.json()["allowed_next"]) == (409, allowed)
    assert county.rows(ORDER_EVENTS) == []


def test_a_pause_has_one_of_the_known_causes_and_a_stale_one_changes_nothing(county: County):
    county.has_orders({"state": "handling"})
    police = county.client("department")
    assert police.post("/v1/orders/o1/pause", json=PAUSE | {"cause": "no_time"}).status_code == 422
    assert police.post("/v1/orders/o1/pause", json=PAUSE, headers={"If-Match": '"9"'}).status_code == 412
    assert county.rows(ORDER_EVENTS) == []


def test_a_limit_set_by_a_step_names_the_step(county: County):
    county.has_orders({"state": "handling", "finish_rule": RULE})
    body = {"finish_due_at": (SOON + 50 * HOUR).isoformat(), "reason": "等待配件"}
    assert county.client("dispatcher").post("/v1/orders/o1/extend", json=body).json()["finish_rule"] == "extend@2"
    assert county.rows(ORDER_EVENTS)[0]["finish_rule"] == "extend@2"


def test_a_notice_goes_with_its_order_to_the_unit_that_leads_it_now(county: County):
    county.has_orders({"state": "returned"}, {"order_id": "o2"})
    county.has_notices({}, {"report_id": "r2", "order_id": "o2", "noticed_at": NOON + HOUR})
    body = {"unit_code": "housing", "reason": "经核实属住建职责"}
    assert county.client("dispatcher").post("/v1/orders/o1/dispatch", json=body).status_code == 200
    housing, police = (county.client("department", unit).get("/v1/notices") for unit in ("housing", "police"))
    (moved,), (stayed,) = housing.json()["items"], police.json()["items"]
    assert (moved["report_id"], moved["unit_code"], stayed["report_id"]) == ("r1", "housing", "r2")
    assert datetime.fromisoformat(moved["noticed_at"]) > NOON + HOUR, "it is new to that unit"
    assert datetime.fromisoformat(stayed["noticed_at"]) == NOON + HOUR


def test_a_forbidden_step_names_the_allowed_ones(county: County):
    county.has_orders({})
    answer = county.client("department").post("/v1/orders/o1/close", json={"outcome": "solved"})
    assert (answer.status_code, answer.json()["allowed_next"]) == (409, ["sign", "send_back"])
    assert "待签收" in answer.json()["detail"]


def test_a_content_caller_is_no_reason_to_reopen(county: County):
    county.has_orders({"state": "closed"})
    dispatcher = county.client("dispatcher")
    dispatcher.post("/v1/orders/o1/call-back", json=ANSWERS)
    assert dispatcher.post("/v1/orders/o1/reopen", json={"reason": "再办一次"}).status_code == 409


def test_an_extension_must_be_later(county: County):
    county.has_orders({"state": "signed"})
    body = {"finish_due_at": NOON.isoformat(), "reason": "等待配件"}
    answer = county.client("department").post("/v1/orders/o1/ask-extension", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "body.finish_due_at")


@pytest.mark.parametrize(
    "body",
    [
        {"reached": True},
        {"reached": False, "was_solved": True},
        {"reached": True, "was_contacted": True, "was_solved": True, "satisfaction": "happy"},
        {},
    ],
)
def test_answers_belong_to_a_caller_who_was_reached(county: County, body: dict):
    county.has_orders({"state": "closed"})
    assert county.client("dispatcher").post("/v1/orders/o1/call-back", json=body).status_code == 422


def test_phone_numbers_are_refused_in_reasons(county: County):
    county.has_orders({})
    answer = county.client("department").post("/v1/orders/o1/send-back", json={"reason": "电话13800000000打不通"})
    assert answer.status_code == 422
    assert "13800000000" not in answer.text


def test_the_etag_is_the_version_and_a_stale_one_changes_nothing(county: County):
    county.has_orders({})
    police = county.client("department")
    assert police.get("/v1/orders/o1").headers["ETag"] == '"1"'
    stale = police.post("/v1/orders/o1/sign", headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:ninelines:problem:stale")
    signed = police.post("/v1/orders/o1/sign", headers={"If-Match": '"1"'})
    assert (signed.status_code, signed.headers["ETag"]) == (200, '"2"')
    assert police.get("/v1/orders/o1").headers["ETag"] == '"2"'


@pytest.mark.parametrize(("headers", "loser"), [({}, 409), ({"If-Match": '"1"'}, 412)])
def test_of_two_writers_one_wins(county: County, headers: dict, loser: int):
    county.has_orders({})
    clients = [county.client("department") for _ in range(2)]
    start = Barrier(2)

    def sign(client: Any) -> int:
        start.wait()
        return client.post("/v1/orders/o1/sign", headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(sign, clients)) == [200, loser]
    assert len(county.rows(ORDER_EVENTS)) == len(county.rows(OUTBOX)) == 1


def test_instants_come_in_utc(county: County):
    county.has_orders({})
    assert county.client("leader").get("/v1/orders/o1").json()["accepted_at"] == "2026-03-02T04:00:00Z"


def test_overdue_is_judged_by_the_clock(county: County):
    county.has_orders({"sign_due_at": datetime.now(UTC) - HOUR})
    assert ids(county.client("dispatcher").get("/v1/orders", params={"overdue": True})) == ["o1"]
