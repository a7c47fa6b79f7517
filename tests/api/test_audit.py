"""The access log: what it keeps, that several write one chain, and that tampering is found."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.audit import chain, reading
from api.audit.recording import Recorder, append
from infra.cli import app as cli
from infra.stack.process import wait_until
from schemas.tables import ACCESS_LOG
from tests.api.conftest import County

SAID = {
    "at": datetime(2026, 3, 2, 4, tzinfo=UTC), "role": "department", "unit_code": "police", "key_id": "a" * 12,
    "method": "GET", "route": "/v1/orders", "order_id": None, "status": 200, "ms": 7,
}  # fmt: skip


def has(county: County, count: int) -> None:
    with county.store.begin() as store:
        append(store, [SAID | {"ms": number} for number in range(count)])


def verdict(county: County, head: str | None = None) -> chain.Verdict:
    return chain.verify(reading.entries(county.store), head)


def tamper(county: County, statement: Any) -> None:
    """As somebody who may do all in the store."""
    with county.store.begin() as store:
        store.execute(sa.text("ALTER TABLE access_log DISABLE TRIGGER access_log_stays"))
        store.execute(statement)


def test_a_chain_is_whole(county: County):
    has(county, 3)
    has(county, 2)
    found = verdict(county)
    assert (found.entries, found.fault) == (5, None)
    assert verdict(county, found.head).is_head_there


@pytest.mark.parametrize(
    ("statement", "entries", "fault"),
    [
        (sa.update(ACCESS_LOG).where(ACCESS_LOG.c.entry == 3).values(role="leader"), 2, "entry 3 was changed"),
        (sa.delete(ACCESS_LOG).where(ACCESS_LOG.c.entry == 3), 2, "entry 3 is missing: after 2 comes 4"),
        (sa.delete(ACCESS_LOG).where(ACCESS_LOG.c.entry == 1), 0, "entry 1 is missing: after 0 comes 2"),
        (sa.update(ACCESS_LOG).where(ACCESS_LOG.c.entry == 4).values(previous="0" * 64), 3,
         "entry 4 does not follow from the one before it"),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(county: County, statement: Any, entries: int, fault: str):
    has(county, 5)
    tamper(county, statement)
    assert (verdict(county).entries, verdict(county).fault) == (entries, fault)


def test_an_entry_that_was_written_anew_breaks_the_next_one(county: County):
    has(county, 5)
    before = list(reading.entries(county.store))[1]["hash"]
    anew = chain.linked(3, SAID | {"role": "leader"}, before)
    tamper(county, sa.update(ACCESS_LOG).where(ACCESS_LOG.c.entry == 3).values(anew))
    assert verdict(county).fault == "entry 4 does not follow from the one before it"


def test_a_cut_end_is_found_by_a_hash_that_was_kept(county: County):
    has(county, 5)
    head = verdict(county).head
    tamper(county, sa.delete(ACCESS_LOG).where(ACCESS_LOG.c.entry > 3))
    found = verdict(county, head)
    assert (found.fault, found.is_head_there) == (None, False)


@pytest.mark.parametrize("statement", ["UPDATE access_log SET ms = 0", "DELETE FROM access_log", "TRUNCATE access_log"])
def test_the_store_refuses_changes(county: County, statement: str):
    has(county, 1)
    with pytest.raises(sa.exc.DBAPIError, match="never changed"), county.store.begin() as store:
        store.execute(sa.text(statement))


def test_several_write_one_chain(county: County):
    recorders = [Recorder(county.store) for _ in range(3)]
    threads = [threading.Thread(target=recorder.run) for recorder in recorders]
    for thread in threads:
        thread.start()
    for number in range(600):
        recorder = recorders[number % 3]
        assert recorder.take_place()
        recorder.put(SAID | {"ms": number})
    for recorder, thread in zip(recorders, threads, strict=True):
        recorder.stop()
        thread.join(20)
    assert verdict(county) == chain.Verdict(600, verdict(county).head)
    assert {row["ms"] for row in reading.entries(county.store)} == set(range(600))


def test_requests_are_entered_reads_too_and_without_words(county: County):
    county.has_orders({})
    headers = county.client("department").headers
    with TestClient(create_app(county.settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:9"}))) as client:
        client.get("/v1/orders", params={"q": "夜间施工"}, headers=headers)
        client.get("/v1/orders/o1", headers=headers)
        client.post("/v1/orders/o1/reopen", json={"reason": "不应保留"}, headers=headers)
        client.get("/v1/orders/13900007731", headers=headers)  # a caller's number in place of an order's
        client.get("/v1/orders")  # nobody known
        assert wait_until(lambda: len(list(reading.entries(county.store))) == 4, 5)
    rows = list(reading.entries(county.store))
    assert [(row["method"], row["route"], row["order_id"], row["status"]) for row in rows] == [
        ("GET", "/v1/orders", None, 200), ("GET", "/v1/orders/{order_id}", "o1", 200),
        ("POST", "/v1/orders/{order_id}/reopen", None, 403), ("GET", "/v1/orders/{order_id}", None, 404),
    ]  # fmt: skip
    assert {(row["role"], row["unit_code"], len(row["key_id"])) for row in rows} == {("department", "police", 12)}
    assert "施工" not in str(rows)


def test_without_a_place_nobody_is_served(county: County):
    app = create_app(county.settings, is_relaying=False)
    app.state.recorder = Recorder(county.store, places=1)  # and nobody writes
    client = TestClient(app, headers=dict(county.client("leader").headers))
    assert client.get("/v1/orders").status_code == 200
    answer = client.get("/v1/orders")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:ninelines:problem:no-access-log")


def test_the_command_says_what_it_found(county: County, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NINELINES_DATABASE_URL", county.settings.store_url)
    has(county, 2)
    run = CliRunner().invoke
    found = run(cli, ["audit", "verify"])
    assert (found.exit_code, found.output) == (0, f"2 entries are whole; the last hash is {verdict(county).head}\n")
    assert run(cli, ["audit", "verify", "--head", "f" * 64]).exit_code == 1
    assert "department:police aaaaaaaaaaaa  GET /v1/orders" in run(cli, ["audit", "show", "--limit", "1"]).output
    tamper(county, sa.update(ACCESS_LOG).where(ACCESS_LOG.c.entry == 2).values(status=500))
    found = run(cli, ["audit", "verify"])
    assert (found.exit_code, "entry 2 was changed" in found.output) == (1, True)
