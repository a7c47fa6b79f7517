"""Messages to departments' own systems: a real receiver, which is away, refuses, or is killed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from standardwebhooks import Webhook as Verifier

from api.app import create_app
from api.happenings import queries
from api.webhooks.delivering import Deliverer
from api.webhooks.sending import open_client, send
from infra.stack.process import wait_until
from jobs.settings import Settings
from schemas.tables import HAPPENINGS, WEBHOOKS
from tests.api.conftest import County
from tests.api.store import free_port, fresh_database


class Receiver:
    """A department's own system. answer: message -> status."""

    def __init__(self, port: int) -> None:
        self.port, self.secret = port, ""
        self.answer: Any = lambda _: 204
        self.got: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ninelines"

    def steps(self) -> list[str]:
        return [f"{message['data'].get('order_id')} {message['type']}" for message in self.got]

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                message = Verifier(receiver.secret).verify(body, dict(self.headers.items()))
                status = receiver.answer(message)
                if status < 300:
                    receiver.got.append(message)
                    receiver.ids.append(self.headers["webhook-id"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def county(postgres: Settings, tmp_path: Any) -> Iterator[County]:
    """May send over http."""
    found = County(Settings(state_dir=tmp_path, database_url=fresh_database(postgres), webhooks_over_http=True))
    yield found
    found.store.dispose()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver(free_port())
    found.start()
    yield found
    found.stop()


@contextmanager
def delivering(county: County, count: int = 1, waits: tuple[float, ...] = (0.1, 0.1)) -> Iterator[None]:
    workers = [Deliverer(county.store, waits) for _ in range(count)]
    threads = [threading.Thread(target=worker.run, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    yield
    for worker, thread in zip(workers, threads, strict=True):
        worker.stop()
        thread.join(20)
        assert not thread.is_alive()


def hook(county: County, receiver: Receiver, **more: Any) -> str:
    answer = county.client("engineer").post("/v1/webhooks", json={"unit_code": "police", "url": receiver.url} | more)
    assert answer.status_code == 201, answer.text
    receiver.secret = answer.json()["secret"]
    return str(answer.json()["webhook_id"])


def seen(county: County, webhook_id: str) -> dict[str, Any]:
    found: dict[str, Any] = county.client("department").get(f"/v1/webhooks/{webhook_id}").json()
    return found


def handle(county: County, *orders: str, unit: str | None = None) -> None:
    client = county.client("department", unit)
    for order in orders:
        answer = client.post(f"/v1/orders/{order}/handle")
        assert answer.status_code == 200, answer.text


def two_orders(county: County) -> None:
    county.has_orders(
        {"state": "signed"}, {"order_id": "o2", "state": "signed"},
        {"order_id": "theirs", "state": "signed", "unit_code": "housing"},
    )  # fmt: skip


def test_what_happens_is_told_in_order_and_signed_and_theirs_is_not(county: County, receiver: Receiver):
    two_orders(county)
    webhook_id = hook(county, receiver)
    with delivering(county, count=2):
        handle(county, "theirs", unit="housing")
        handle(county, "o1", "o2", "o1")
        assert wait_until(lambda: len(receiver.got) == 3, 15)
    assert receiver.steps() == ["o1 order.handle", "o2 order.handle", "o1 order.handle"]
    assert len(set(receiver.ids)) == 3
    assert "text" not in receiver.got[0]["data"]
    found = seen(county, webhook_id)
    assert (found["state"], found["attempts"], found["last_error"], found["dead_letters"]) == ("active", 0, None, 0)
    assert "secret" not in found


def test_only_what_is_wanted(county: County, receiver: Receiver):
    two_orders(county)
    hook(county, receiver, events=["remind"])
    with delivering(county):
        handle(county, "o1")
        county.client("dispatcher").post("/v1/orders/o2/remind", json={"reason": "群众再次来电"})
        assert wait_until(lambda: len(receiver.got) == 1, 15)
    assert receiver.steps() == ["o2 order.remind"]


def test_a_system_that_is_away_loses_nothing_and_a_worker_that_died_neither(county: County, receiver: Receiver):
    two_orders(county)
    webhook_id = hook(county, receiver)
    receiver.stop()
    with delivering(county):
        handle(county, "o1", "o2")
        assert wait_until(lambda: seen(county, webhook_id)["attempts"] > 0, 15)
    assert seen(county, webhook_id)["last_error"] == "no answer: ConnectError"
    receiver.start()
    handle(county, "o1")
    county.client("department").post(f"/v1/webhooks/{webhook_id}/resume")  # it need not wait for the next attempt
    with delivering(county):  # another worker
        assert wait_until(lambda: len(receiver.got) == 3, 15)
    assert receiver.steps() == ["o1 order.handle", "o2 order.handle", "o1 order.handle"]


def test_what_is_refused_is_set_aside_and_can_be_sent_again(county: County, receiver: Receiver):
    two_orders(county)
    webhook_id = hook(county, receiver)
    receiver.answer = lambda message: 400 if message["data"]["order_id"] == "o1" else 200
    with delivering(county):
        handle(county, "o1", "o2")
        assert wait_until(lambda: len(receiver.got) == 1, 20)
    assert receiver.steps() == ["o2 order.handle"]
    client = county.client("department")
    (letter,) = client.get(f"/v1/webhooks/{webhook_id}/dead-letters").json()
    assert (letter["attempts"], letter["last_error"], letter["message"]["data"]["order_id"]) == (3, "400", "o1")
    again = f"/v1/webhooks/{webhook_id}/dead-letters/{letter['happening_id']}/send"
    assert client.post(again).json() == {"is_taken": False, "told": "400"}
    receiver.answer = lambda _: 200
    assert client.post(again).json() == {"is_taken": True, "told": "200"}
    assert client.get(f"/v1/webhooks/{webhook_id}/dead-letters").json() == []
    assert client.post(again).status_code == 404
    assert receiver.ids[-1] == f"msg_{letter['happening_id']}"


def test_a_system_that_is_gone_stops_its_webhook_until_it_is_resumed(county: County, receiver: Receiver):
    two_orders(county)
    webhook_id = hook(county, receiver)
    receiver.answer = lambda _: 410
    with delivering(county):
        handle(county, "o1")
        assert wait_until(lambda: seen(county, webhook_id)["state"] == "stopped", 15)
        receiver.answer = lambda _: 200
        county.client("engineer").post(f"/v1/webhooks/{webhook_id}/resume")
        assert wait_until(lambda: len(receiver.got) == 1, 15)


def test_after_three_days_away_it_is_stopped(county: County, receiver: Receiver):
    two_orders(county)
    webhook_id = hook(county, receiver)
    receiver.answer = lambda _: 503
    with county.store.begin() as store:
        store.execute(sa.update(WEBHOOKS).values(failing_since=sa.text("now() - interval '4 days'")))
    with delivering(county):
        handle(county, "o1")
        assert wait_until(lambda: seen(county, webhook_id)["state"] == "stopped", 15)


def test_a_name_that_no_resolver_takes_is_a_system_that_is_away():
    with open_client() as client:
        answer = send(client, "https://a..b/", "whsec_" + "a" * 44, "msg_1", {"type": "test"})
    assert (answer.outcome, answer.told) == ("away", "no answer: UnicodeError")


def test_a_stopped_webhook_stays_where_it_was_and_goes_on_there(county: County, receiver: Receiver):
    two_orders(county)
    webhook_id = hook(county, receiver)
    with county.store.begin() as store:
        store.execute(sa.update(WEBHOOKS).values(state="stopped"))
    handle(county, "o1")
    with open_client() as client:
        Deliverer(county.store)._serve(client, webhook_id)  # as a worker that chose it a moment before
    assert receiver.got == []
    assert county.client("engineer").post(f"/v1/webhooks/{webhook_id}/resume").json()["attempts"] == 1
    with delivering(county):
        assert wait_until(lambda: len(receiver.got) == 1, 15)


def test_a_webhook_that_is_resumed_without_news_is_well_again(county: County, receiver: Receiver):
    webhook_id = hook(county, receiver)
    county.client("engineer").post(f"/v1/webhooks/{webhook_id}/resume")
    with delivering(county):
        assert wait_until(lambda: seen(county, webhook_id)["attempts"] == 0, 15)


def test_after_the_store_was_set_up_from_a_copy_what_was_not_sent_is_sent(county: County, receiver: Receiver):
    two_orders(county)
    webhook_id = hook(county, receiver)
    with delivering(county):
        handle(county, "o1")
        assert wait_until(lambda: len(receiver.got) == 1, 15)
    handle(county, "o2")
    with county.store.begin() as store:  # the server it comes from had counted further, and had moved on past o1
        last = store.scalar(sa.select(sa.func.max(HAPPENINGS.c.happening_id)))
        store.execute(sa.update(HAPPENINGS).values(xact=10**15 + HAPPENINGS.c.happening_id))
        store.execute(sa.update(WEBHOOKS).values(xact=10**15 + last - 1, happening_id=queries.LAST))
        queries.settle(store)
    with delivering(county):
        handle(county, "o1")
        assert wait_until(lambda: len(receiver.got) == 3, 15)
    assert receiver.steps() == ["o1 order.handle", "o2 order.handle", "o1 order.handle"]
    assert seen(county, webhook_id)["attempts"] == 0


def test_a_redirect_is_not_followed(receiver: Receiver):
    elsewhere = Receiver(free_port())
    elsewhere.secret = receiver.secret = "whsec_" + "a" * 44
    elsewhere.start()
    receiver.answer = lambda _: 307
    with open_client() as client:
        answer = send(client, receiver.url, receiver.secret, "msg_1", {"type": "test"})
    elsewhere.stop()
    assert (answer.outcome, answer.told, elsewhere.got) == ("refused", "307", [])


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "taken"), (204, "taken"), (301, "refused"), (400, "refused"), (404, "refused"), (408, "away"),
     (410, "gone"), (429, "away"), (500, "away"), (503, "away")],
)  # fmt: skip
def test_what_an_answer_means(receiver: Receiver, status: int, outcome: str):
    receiver.secret = "whsec_" + "a" * 44
    receiver.answer = lambda _: status
    with open_client() as client:
        assert send(client, receiver.url, receiver.secret, "msg_1", {"type": "test"}).outcome == outcome


def test_a_department_sees_and_tries_its_own_only(county: County, receiver: Receiver):
    webhook_id = hook(county, receiver)
    theirs, ours = county.client("department", "housing"), county.client("department")
    assert (theirs.get("/v1/webhooks").json(), len(ours.get("/v1/webhooks").json())) == ([], 1)
    assert theirs.post(f"/v1/webhooks/{webhook_id}/test").status_code == 404
    assert ours.post(f"/v1/webhooks/{webhook_id}/test").json() == {"is_taken": True, "told": "204"}
    assert receiver.got[0]["type"] == "test"
    assert county.client("engineer").delete(f"/v1/webhooks/{webhook_id}").status_code == 204
    assert ours.get("/v1/webhooks").json() == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.example/",
        "https://user:secret@x.example/",
        "https:///path",
        "https://x.example/#a",
        "not an address",
        "https://a..b/",
        "https://" + 64 * "a" + ".example/",
    ],
)
def test_an_address_that_is_none(county: County, url: str):
    answer = county.client("engineer").post("/v1/webhooks", json={"unit_code": "police", "url": url})
    assert answer.status_code == 422
    assert "secret" not in answer.text


def test_without_leave_only_https(county: County):
    strict = County(Settings(state_dir=county.settings.state_dir, database_url=county.settings.database_url))
    told = {"unit_code": "police", "url": "http://127.0.0.1:9/x"}
    assert "NINELINES_WEBHOOKS_OVER_HTTP" in strict.client("engineer").post("/v1/webhooks", json=told).text
    answer = strict.client("engineer").post("/v1/webhooks", json=told | {"unit_code": "nobody"})
    assert answer.json()["errors"][0]["where"] == "body.unit_code"
    strict.store.dispose()


def test_the_application_delivers(county: County, receiver: Receiver):
    two_orders(county)
    hook(county, receiver)
    app = create_app(county.settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:9"}))
    with TestClient(app):
        handle(county, "o1")
        assert wait_until(lambda: len(receiver.got) == 1, 15)
    assert receiver.got[0]["data"]["state"] == "handling"
