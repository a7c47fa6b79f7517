"""Keys seen a moment ago, and how often each may ask."""

import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.app import create_app
from api.keys.known import KEPT_SECONDS, Known, Pace
from schemas.tables import API_KEYS
from tests.api.conftest import County


def test_a_key_is_looked_up_once_in_a_while():
    now, asked = [0.0], []
    known: Known[str] = Known(lambda: now[0])

    def find() -> str:
        asked.append(now[0])
        return "police"

    for at in (0.0, 1.0, KEPT_SECONDS - 0.1, KEPT_SECONDS + 0.1, KEPT_SECONDS + 1):
        now[0] = at
        assert known.get("k", find) == "police"
    assert asked == [0.0, KEPT_SECONDS + 0.1]
    now[0] = 100
    assert known.get("k", lambda: None) is None
    assert known.get("k", find) == "police"


def test_a_revoked_key_stops_when_its_time_is_over(county: County, monkeypatch):
    client = county.client("leader")
    assert client.get("/v1/orders").status_code == 200
    with county.store.begin() as store:
        store.execute(sa.update(API_KEYS).values(revoked_at=sa.func.now()))
    monkeypatch.setattr("api.keys.known.KEPT_SECONDS", 0.0)
    assert client.get("/v1/orders").status_code == 401


def test_who_asks_too_often_is_told_to_wait_and_others_are_served(county: County):
    app = create_app(county.settings.model_copy(update={"requests_a_second": 3}), is_relaying=False)
    greedy, other = (TestClient(app, headers=dict(county.client("leader").headers)) for _ in range(2))
    answers = [greedy.get("/v1/orders") for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert refused
    assert (refused[0].headers["Retry-After"], refused[0].json()["type"]) == ("1", "urn:ninelines:problem:too-often")
    assert other.get("/v1/orders").status_code == 200


def test_no_limit():
    pace = Pace(0)
    assert all(pace.allows("k") for _ in range(1_000))
