"""Who may do what: every route with every role."""

import re

import pytest

from tests.api.conftest import County

ALL = {"engineer", "dispatcher", "department", "analyst", "leader", "auditor"}
EVERYBODY = ALL | {"source"}
ORDERS = {"dispatcher", "department", "leader", "auditor"}
FIGURES = {"dispatcher", "analyst", "leader", "auditor"}

ROUTES = {
    "POST /intake/video": {"source"},
    "GET /v1/feeds": ALL,
    "GET /v1/feeds/health": {"engineer", "auditor"},
    "GET /v1/quality": {"engineer", "auditor"},
    "GET /v1/quality/docs/x": {"engineer", "auditor"},
    "POST /v1/webhooks": {"engineer"},
    "GET /v1/webhooks": {"engineer", "department", "auditor"},
    "GET /v1/webhooks/x": {"engineer", "department", "auditor"},
    "DELETE /v1/webhooks/x": {"engineer"},
    "POST /v1/webhooks/x/resume": {"engineer", "department"},
    "POST /v1/webhooks/x/test": {"engineer", "department"},
    "GET /v1/webhooks/x/dead-letters": {"engineer", "department", "auditor"},
    "POST /v1/webhooks/x/dead-letters/7/send": {"engineer", "department"},
    "GET /v1/incidents": ORDERS | {"analyst"},
    "GET /v1/incidents/x": ORDERS | {"analyst"},
    "GET /v1/notices": ORDERS,
    "GET /v1/happenings": ORDERS,
    "GET /v1/happenings/stream": ORDERS,
    "GET /v1/metrics": ALL,
    "GET /v1/metrics/definitions": ALL,
    "GET /v1/orders": ORDERS,
    "GET /v1/orders/export": ORDERS,
    "GET /v1/orders/x": ORDERS,
    "GET /v1/orders/x/events": ORDERS,
    "GET /v1/orders/x/call-backs": ORDERS,
    "GET /v1/orders/x/attachments": {"dispatcher", "department", "auditor"},
    "POST /v1/orders/x/attachments": {"dispatcher", "department"},
    "POST /v1/orders/x/recordings": {"dispatcher"},
    "POST /v1/orders": {"dispatcher"},
    "POST /v1/orders/bulk": {"dispatcher", "department", "leader"},
    "POST /v1/orders/x/sign": {"department"},
    "POST /v1/orders/x/handle": {"department"},
    "POST /v1/orders/x/ask-extension": {"department"},
    "POST /v1/orders/x/grant-extension": {"dispatcher"},
    "POST /v1/orders/x/refuse-extension": {"dispatcher"},
    "POST /v1/orders/x/extend": {"dispatcher"},
    "POST /v1/orders/x/sub-orders": {"department", "dispatcher"},
    "POST /v1/orders/x/archive": {"dispatcher"},
    "POST /v1/orders/x/transfer": {"dispatcher"},
    "POST /v1/orders/x/take-back": {"dispatcher"},
    "POST /v1/orders/x/merge": {"dispatcher"},
    "POST /v1/orders/x/remind": {"dispatcher", "leader"},
    "POST /v1/orders/x/supervise": {"dispatcher", "leader"},
    "POST /v1/orders/x/report": {"dispatcher", "leader"},
    "POST /v1/orders/x/pause": {"department", "dispatcher"},
    "POST /v1/orders/x/resume": {"department", "dispatcher"},
    "POST /v1/orders/x/send-back": {"department"},
    "POST /v1/orders/x/close": {"department"},
    "POST /v1/orders/x/call-back": {"dispatcher"},
    "POST /v1/orders/x/reopen": {"dispatcher"},
    "POST /v1/orders/x/dispatch": {"dispatcher"},
    "POST /v1/orders/x/correct": {"dispatcher"},
    "GET /v1/reports/daily/2026-03-02": FIGURES,
    "GET /v1/scorecards": ALL,
    "POST /v1/whatif": {"engineer", "dispatcher", "leader", "auditor"},
    "GET /v1/warnings": FIGURES,
    "GET /v1/warnings/x": FIGURES,
    "POST /v1/warnings/x/acknowledge": {"analyst"},
    "POST /v1/warnings/x/dismiss": {"analyst"},
}
OPEN = {"GET /health", "GET /ready"}


def may(method: str, path: str) -> set[str]:
    """The roles that may use a route; path: as it is declared."""
    pattern = re.compile(f"{method.upper()} " + re.sub(r"\{\w+\}", "[^/]+", path))
    return next((roles for name, roles in ROUTES.items() if pattern.fullmatch(name)), EVERYBODY)


def test_every_route_stands_in_the_table(county: County):
    there = {f"{method.upper()} {path}" for path, found in county.app.openapi()["paths"].items() for method in found}
    known = {"{day}": "2026-03-02", "{feed}": "video", "{happening_id}": "7"}
    assert {re.sub(r"\{\w+\}", lambda part: known.get(part.group(), "x"), name) for name in there} == set(ROUTES) | OPEN


def test_a_role_gets_through_where_it_has_the_right(county: County):
    clients = {role: county.with_short_streams().client(role) for role in EVERYBODY}
    answers = {
        (name, role): clients[role].request(*name.split(" "), json={}).status_code
        for name in ROUTES
        for role in EVERYBODY
    }
    refused = {case for case, status in answers.items() if status == 403}
    assert refused == {(name, role) for name, roles in ROUTES.items() for role in EVERYBODY - roles}
    assert not {case for case, status in answers.items() if status in (401, 405) or status >= 500}


@pytest.mark.parametrize("name", ROUTES)
def test_nobody_gets_in_without_a_key(county: County, name: str):
    answer = county.stranger.request(*name.split(" "), json={})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("name", sorted(OPEN))
def test_health_is_for_everybody(county: County, name: str):
    assert county.stranger.request(*name.split(" ")).status_code == 200
