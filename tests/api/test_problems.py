"""Every error is an RFC 9457 problem that says what to do, and repeats nothing a caller may have said."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from jobs.settings import Settings
from tests.api.conftest import County

SAID = "13800000000"


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (("GET", "/v1/orders?cursor=x"), 400, "bad-cursor"),
        (("POST", "/v1/warnings/w1/dismiss"), 403, "not-your-role"),
        (("GET", "/v1/orders/none"), 404, "not-found"),
        (("GET", "/v1/incidents/none"), 404, "not-found"),
        (("GET", "/v1/warnings/none"), 404, "not-found"),
        (("GET", "/v1/reports/daily/2026-03-02"), 404, "not-found"),
        (("GET", "/v1/nothing"), 404, "no-such-path"),
        (("DELETE", "/v1/orders/o1"), 405, "no-such-method"),
        (("GET", "/v1/orders?limit=201"), 422, "invalid"),
        (("GET", "/v1/orders?state=open"), 422, "invalid"),
        (("GET", f"/v1/orders?typo={SAID}"), 422, "invalid"),
        (("GET", f"/v1/reports/daily/{SAID}"), 422, "invalid"),
    ],
)
def test_an_error_is_a_problem(county: County, request_: tuple, status: int, code: str):
    answer = county.client("dispatcher").request(*request_)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (problem["type"], problem["status"]) == (f"urn:ninelines:problem:{code}", status)
    assert {"title", "detail", "instance"} <= set(problem)
    assert SAID not in problem["detail"] + str(problem.get("errors"))


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"reason": 1}', '{"reason": "\ud83d"}'.encode("utf-8", "surrogatepass")]
)
def test_a_body_that_cannot_be_read_is_a_problem(county: County, body: bytes):
    county.has_orders({})
    headers = {"Content-Type": "application/json"}
    answer = county.client("department").post("/v1/orders/o1/send-back", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unknown_key_is_told_how_to_get_one(county: County):
    answer = county.stranger.get("/v1/orders", headers={"Authorization": "Bearer nl_x"})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:ninelines:problem:no-key")
    assert "ninelines keys create" in answer.json()["detail"]


def test_our_own_fault_is_a_problem_too(county: County):
    county.app.add_api_route("/broken", lambda: 1 / 0)
    answer = county.stranger.get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "ZeroDivisionError" not in answer.text


def test_without_a_database_the_process_is_up_but_not_ready(tmp_path: Path):
    nowhere = Settings(state_dir=tmp_path, database_url="postgresql+psycopg://postgres@127.0.0.1:9/none")
    client = TestClient(create_app(nowhere, is_relaying=False), raise_server_exceptions=False)
    assert client.get("/health").status_code == 200
    for path in ("/ready", "/v1/orders"):
        answer = client.get(path, headers={"X-API-Key": "nl_x"})
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:ninelines:problem:no-store")
