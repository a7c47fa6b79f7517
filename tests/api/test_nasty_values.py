"""What nobody sends by mistake, wherever text, a number or an instant is taken: an answer, never a failure."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import County
from tests.api.test_openapi import DESCRIBED, JSON_BODIES, OPERATIONS
from tests.api.test_rights import EVERYBODY, may

ZERO, HALF_A_LETTER, HUGE = "a\x00b", "\ud800", "9" * 400


def _cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


WORDS = [ZERO, HUGE, "NaN", "%", "\\", "🙂" * 90, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
VALUES: list[Any] = [ZERO, HALF_A_LETTER, HUGE, "9999-12-31T23:59:59-14:00", 10**400, True, None, [[]]]
AT = "2026-03-02T04:00:00+00:00"
CURSORS = [
    _cursor("0001-01-01T00:00:00+14:00", "o1"), _cursor("9999-12-31T23:59:59-14:00", "o1"), _cursor("9999-12-31", "o1"),
    _cursor(AT, ZERO), _cursor(AT, HALF_A_LETTER), _cursor(AT, 10**400), _cursor(AT[:19], "o1"), _cursor(None, None),
    _cursor(AT, "a", ZERO), _cursor([AT], {"a": 1}), _cursor(), *WORDS,
]  # fmt: skip


@pytest.fixture
def clients(county: County) -> dict[str, TestClient]:
    """Role -> its client; every order and warning of theirs is `x`."""
    county.has_orders({"order_id": "x", "state": "handling"})
    county.has_an_incident()
    county.has_warnings({"warning_id": "x"})
    return {role: county.with_short_streams().client(role) for role in sorted(EVERYBODY)}


def test_a_query_that_makes_no_sense_gets_an_answer(clients: dict[str, TestClient]):
    asked = [
        ("GET", path, f"{path}?{name}={quote(word)}")
        for path, name in _parameters("query")
        for word in (CURSORS if name == "cursor" else WORDS)
    ]
    assert not _failed(clients, ((*one, None) for one in asked))


def test_a_path_that_makes_no_sense_gets_an_answer(clients: dict[str, TestClient]):
    asked = [
        (method.upper(), path, path.replace(f"{{{name}}}", quote(word, safe="")))
        for path, name in _parameters("path")
        for method in DESCRIBED["paths"][path]
        for word in WORDS
    ]
    assert not _failed(clients, ((*one, b"{}" if one[0] == "POST" else None) for one in asked))


def test_a_body_that_makes_no_sense_gets_an_answer(clients: dict[str, TestClient]):
    assert not _failed(clients, _bodies())


@pytest.mark.parametrize("header", ["If-Match", "Idempotency-Key"])
def test_a_header_that_makes_no_sense_gets_an_answer(clients: dict[str, TestClient], header: str):
    words = [word.encode()[:300] for word in WORDS] + [b"\xff\xfe", b'"', b",,,", b'W/"']
    department = clients["department"]
    answers = [department.post("/v1/orders/x/handle", headers={header: word}).status_code for word in words]
    assert set(answers) <= {200, 409, 412, 422}


def _failed(
    clients: dict[str, TestClient], requests: Iterable[tuple[str, str, str, bytes | None]]
) -> list[tuple[str, str, int]]:
    """Requests that were not answered by who may use the route: method, declared path, address, body."""
    found = []
    for method, path, address, body in requests:
        client, headers = clients[min(may(method, path))], {"Content-Type": "application/json"} if body else {}
        status = client.request(method, address, content=body, headers=headers).status_code
        if status >= 500:
            found.append((method, address[:120], status))
    return found


def _parameters(place: str) -> set[tuple[str, str]]:
    return {
        (path, parameter["name"])
        for path, methods in DESCRIBED["paths"].items()
        for method, operation in methods.items()
        if place == "path" or method == "get"
        for parameter in operation.get("parameters", [])
        if parameter["in"] == place
    }


def _bodies() -> Iterator[tuple[str, str, str, bytes]]:
    """Each example body with each of its values replaced by each of ours, and ours alone."""
    paths = {found["operationId"]: path for path, methods in DESCRIBED["paths"].items() for found in methods.values()}
    for name in JSON_BODIES:
        example = OPERATIONS[name]["requestBody"]["content"]["application/json"]["examples"]["zh"]["value"]
        address = re.sub(r"\{\w+\}", "x", paths[name])
        for value in VALUES:
            yield "POST", paths[name], address, json.dumps(value).encode()
            for field in example if isinstance(example, dict) else ():
                yield "POST", paths[name], address, json.dumps(example | {field: value}).encode()
