"""Random steps through the real API: whatever comes, in whatever order, the story of every order holds together."""

from itertools import pairwise

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.order_life import ENDED, LIFE, STATES
from schemas.tables import ORDER_EVENTS, ORDERS, OUTBOX
from tests.api.conftest import HOUR, SOON, County

MOVES_THE_LIMIT = {"extend", "grant_extension", "resume", "reopen", "dispatch"}
LATER = {"finish_due_at": (SOON + 90 * HOUR).isoformat(), "reason": "等待配件"}
BECAUSE = {"reason": "按规定办理"}
BODIES = {
    "ask_extension": LATER, "extend": LATER, "pause": {"cause": "weather", **BECAUSE}, "close": {"outcome": "solved"},
    "dispatch": {"unit_code": "police", "force": True, **BECAUSE}, "transfer": {"line": "110", **BECAUSE},
    "call_back": {"reached": False}, "merge": {"into": "o1", **BECAUSE}, "correct": {"category": "noise", **BECAUSE},
    "delegate": {"unit_code": "housing", **BECAUSE},
}  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(sorted(LIFE)), st.sampled_from(["o1", "o2"])), min_size=5, max_size=25)


@pytest.fixture
def clients(county: County) -> dict[str, TestClient]:
    return {role: county.client(role) for role in ("department", "dispatcher", "leader")}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_story_holds_together(county: County, clients: dict[str, TestClient], steps: list[tuple[str, str]]):
    with county.store.begin() as store:
        for table in (ORDERS, ORDER_EVENTS, OUTBOX):
            store.execute(table.delete())
    county.has_orders({}, {"order_id": "o2", "state": "to_dispatch"})
    for event, order in steps:
        path = "sub-orders" if event == "delegate" else event.replace("_", "-")
        answer = clients[LIFE[event].roles[0]].post(f"/v1/orders/{order}/{path}", json=BODIES.get(event, BECAUSE))
        assert answer.status_code in {200, 201, 404, 409, 422}, answer.text
    stands = {row["order_id"]: row for row in county.rows(ORDERS)}
    told = county.rows(ORDER_EVENTS, "order_id", "version")
    sent = [row["message"]["data"]["event_id"] for row in county.rows(OUTBOX, "key", "outbox_id")]
    assert sent == [row["event_id"] for row in told]
    for order, row in stands.items():
        _holds_together(row, [event for event in told if event["order_id"] == order])


def _holds_together(order: dict, events: list[dict]) -> None:
    """Versions have no holes, each step begins where the last one ended, and the last one is where the order stands."""
    begin = order["version"] - len(events)
    assert [event["version"] for event in events] == list(range(begin + 1, order["version"] + 1))
    for before, after in pairwise(events):
        assert after["from_state"] == before["to_state"]
        if after["finish_due_at"] != before["finish_due_at"]:
            assert after["event"] in MOVES_THE_LIMIT
        if before["to_state"] in ENDED and after["to_state"] not in ENDED:
            assert after["event"] in {"reopen", "take_back"}
    if events:
        assert (order["state"], order["finish_due_at"]) == (events[-1]["to_state"], events[-1]["finish_due_at"])
    assert order["state"] in STATES
    assert (order["closed_at"] is not None) == (order["state"] in {"closed", "called_back", "archived"})
    assert (order["paused_at"] is not None) == (order["state"] == "paused")
    assert (order["merged_into"] is not None) == (order["state"] == "merged")
    assert (order["transferred_to"] is not None) == (order["state"] == "transferred")
