"""What is new of orders: asked for, and told by a real server while it happens."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn

from api.happenings import queries
from api.happenings.models import Wanted
from api.keys.access import Actor
from api.keys.making import random_key, register
from infra.stack.process import wait_until
from schemas.tables import API_KEYS, HAPPENINGS, NOTICES
from tests.api.conftest import NOTICE, County
from tests.api.store import free_port

POLICE = Actor("-", "department", "police")
CENTRE = Actor("-", "dispatcher", None)


def seen(county: County, actor: Actor, after: queries.Position = queries.BEGINNING, **wanted: Any) -> list[str]:
    with county.store.begin() as store:
        rows = queries.after(store, actor, Wanted(**wanted), after, 200)
    return [f"{row['order_id']} {row['event']}" for row in rows]


def post(client: Any, path: str, body: dict[str, Any] | None = None) -> None:
    answer = client.post(path, json=body or {})
    assert answer.status_code < 300, answer.text


def test_steps_and_notices_are_listed_and_a_unit_sees_those_of_its_orders(county: County):
    county.has_orders(
        {},
        {"order_id": "o2", "unit_code": "housing"},
        {"order_id": "o3", "co_unit_codes": ["police"], "unit_code": "x"},
    )
    post(county.client("department"), "/v1/orders/o1/sign")
    post(county.client("department", "housing"), "/v1/orders/o2/sign")
    post(county.client("dispatcher"), "/v1/orders/o3/remind", {"reason": "群众再次来电"})
    with county.store.begin() as store:
        store.execute(sa.insert(NOTICES).values(NOTICE))
    assert seen(county, POLICE) == ["o1 sign", "o3 remind", "o1 notice"]
    assert seen(county, CENTRE) == ["o1 sign", "o2 sign", "o3 remind", "o1 notice"]
    assert seen(county, CENTRE, events=["notice", "remind"]) == ["o3 remind", "o1 notice"]
    assert seen(county, CENTRE, urgent=True) == []


def test_the_list_goes_on_where_it_ended(county: County):
    county.has_orders({}, {"order_id": "o2"})
    unit = county.client("department")
    for order in ("o1", "o2"):
        post(unit, f"/v1/orders/{order}/sign")
        post(unit, f"/v1/orders/{order}/handle")
    first = unit.get("/v1/happenings", params={"limit": 3}).json()
    rest = unit.get("/v1/happenings", params={"after": first["next_after"]}).json()
    none = unit.get("/v1/happenings", params={"after": rest["next_after"]}).json()
    assert [item["event"] for item in first["items"] + rest["items"]] == ["sign", "handle"] * 2
    assert (none["items"], none["next_after"]) == ([], rest["next_after"])
    assert "text" not in first["items"][0]
    assert "place" not in first["items"][0]


def test_an_order_that_waits_to_be_dispatched_is_told_to_no_unit(county: County):
    body = {"text": "东湖街道污水外溢", "kind": "complaint", "category": "municipal_works"}
    post(county.client("dispatcher"), "/v1/orders", body)
    ((event, units),) = [(row["event_id"], row["unit_codes"]) for row in county.rows(HAPPENINGS, "happening_id")]
    assert event
    assert units == []


def test_what_ends_late_is_told_though_its_number_is_smaller(county: County):
    county.has_orders({}, {"order_id": "o2"})
    with county.store.connect() as slow, slow.begin() as transaction:
        slow.execute(sa.insert(NOTICES).values(NOTICE))  # has its number, and its transaction goes on
        post(county.client("department"), "/v1/orders/o2/sign")
        assert seen(county, POLICE) == []
        with county.store.connect() as store:
            position = queries.now(store)
        transaction.commit()
    assert seen(county, POLICE, position) == ["o1 notice", "o2 sign"]


def test_a_notice_that_moves_is_new_to_the_other_unit(county: County):
    county.has_orders({"state": "returned"})
    with county.store.begin() as store:
        store.execute(sa.insert(NOTICES).values(NOTICE))
    post(county.client("dispatcher"), "/v1/orders/o1/dispatch", {"unit_code": "housing", "reason": "属住建职责"})
    assert seen(county, Actor("-", "department", "housing")) == ["o1 dispatch", "o1 notice"]
    assert len(county.rows(HAPPENINGS, "happening_id")) == 3


def test_what_is_no_longer_kept_is_said(county: County):
    county.has_orders({}, {"order_id": "o2"})
    unit = county.client("department")
    with county.store.begin() as store:
        begun = queries.now(store)  # as a stream begins, before anything happened
    post(unit, "/v1/orders/o1/sign")
    after = unit.get("/v1/happenings").json()["next_after"]
    post(unit, "/v1/orders/o1/handle")
    post(unit, "/v1/orders/o2/sign")
    with county.store.begin() as store:
        last = store.scalar(sa.select(sa.func.max(HAPPENINGS.c.happening_id)))
        store.execute(sa.delete(HAPPENINGS).where(HAPPENINGS.c.happening_id < last))
    for place in (after, str(begun)):
        answer = unit.get("/v1/happenings", params={"after": place})
        assert (answer.status_code, answer.json()["type"]) == (410, "urn:ninelines:problem:gone")
    kept = unit.get("/v1/happenings").json()["next_after"]
    assert unit.get("/v1/happenings", params={"after": kept}).json()["items"] == []


def test_a_store_set_up_from_a_copy_counts_transactions_anew(county: County):
    county.has_orders({}, {"order_id": "o2"})
    unit = county.client("department")
    post(unit, "/v1/orders/o1/sign")
    with county.store.begin() as store:
        store.execute(sa.update(HAPPENINGS).values(xact=10**15))  # as the server it comes from had counted
    assert seen(county, POLICE) == []
    with county.store.begin() as store:
        queries.settle(store)
    post(unit, "/v1/orders/o2/sign")
    assert seen(county, POLICE) == ["o1 sign", "o2 sign"]
    assert unit.get("/v1/happenings", params={"after": f"{10**15}-1"}).status_code == 410


class Stream:
    """What a listener got so far, read in a thread."""

    def __init__(self, url: str, headers: dict[str, str], params: dict[str, Any]) -> None:
        self.events: list[tuple[str, dict[str, Any], str]] = []
        self.has_ended = False
        self._client = httpx.Client(timeout=30)
        self._what = (url, headers, params)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def names(self) -> list[str]:
        return [name for name, _, _ in self.events]

    def _read(self) -> None:
        with suppress(httpx.RemoteProtocolError):  # a server that stops cuts its streams
            self._listen()
        self.has_ended = True

    def _listen(self) -> None:
        url, headers, params = self._what
        with self._client.stream("GET", url, headers=headers, params=params) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "data" in fields:
                    self.events.append((fields["event"], json.loads(fields["data"]), fields["id"]))
                    fields = {}


@pytest.fixture
def served(county: County) -> Iterator[tuple[County, str, uvicorn.Server]]:
    with _served(county) as (url, server):
        yield county, url, server


@contextmanager
def _served(county: County) -> Iterator[tuple[str, uvicorn.Server]]:
    port = free_port()
    config = uvicorn.Config(county.app, "127.0.0.1", port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert wait_until(lambda: server.started, 20)
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "a listener kept the server from stopping"


def listen(county: County, url: str, role: str = "department", last: str | None = None, **params: Any) -> Stream:
    key = random_key()
    with county.store.begin() as store:
        register(store, key, role, "police" if role == "department" else None)
    headers = {"Authorization": f"Bearer {key}"} | ({"Last-Event-ID": last} if last else {})
    found = Stream(f"{url}/v1/happenings/stream", headers, params)
    assert wait_until(lambda: bool(found.events), 10)
    return found


def test_a_unit_is_told_at_once_and_goes_on_after_a_break(served):
    county, url, _ = served
    county.has_orders({}, {"order_id": "o2"}, {"order_id": "theirs", "unit_code": "housing"})
    stream = listen(county, url)
    post(county.client("department"), "/v1/orders/o1/sign")
    post(county.client("department", "housing"), "/v1/orders/theirs/sign")
    assert wait_until(lambda: len(stream.events) == 2, 5)
    assert stream.names() == ["begin", "sign"]
    assert (stream.events[1][1]["order_id"], stream.events[1][1]["version"]) == ("o1", 2)
    missed = stream.events[0][2]
    post(county.client("department"), "/v1/orders/o2/sign")
    again = listen(county, url, last=missed)
    assert wait_until(lambda: len(again.events) == 3, 5)
    assert [(name, data.get("order_id")) for name, data, _ in again.events] == [
        ("begin", None), ("sign", "o1"), ("sign", "o2"),
    ]  # fmt: skip


def test_filters_of_a_stream(served):
    county, url, _ = served
    county.has_orders({"is_urgent": True}, {"order_id": "o2"})
    stream = listen(county, url, "dispatcher", urgent=True, events=["handle", "notice"])
    unit = county.client("department")
    for order in ("o1", "o2"):
        post(unit, f"/v1/orders/{order}/sign")
        post(unit, f"/v1/orders/{order}/handle")
    assert wait_until(lambda: len(stream.events) == 2, 5)
    assert (stream.names()[1], stream.events[1][1]["order_id"]) == ("handle", "o1")


def test_a_place_that_is_no_longer_kept_resets(served):
    county, url, _ = served
    county.has_orders({})
    assert listen(county, url, last=f"{10**15}-1").names() == ["reset"]


def test_a_revoked_key_ends_the_stream(served, monkeypatch):
    county, url, _ = served
    monkeypatch.setattr("api.happenings.routes.LOOK_AGAIN_SECONDS", 0.3)
    stream = listen(county, url)
    with county.store.begin() as store:
        store.execute(sa.update(API_KEYS).values(revoked_at=sa.func.now()))
    assert wait_until(lambda: stream.has_ended, 5)


def test_a_listener_does_not_keep_the_server_from_stopping_nor_a_connection(county: County):
    county.has_orders({})
    with _served(county) as (url, _):
        streams = [listen(county, url) for _ in range(12)]
        assert wait_until(lambda: county.store.pool.checkedout() == 0, 5)
        post(county.client("department"), "/v1/orders/o1/sign")
        assert wait_until(lambda: all(len(stream.events) == 2 for stream in streams), 10)
