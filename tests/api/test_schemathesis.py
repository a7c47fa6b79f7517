"""Whatever the description allows, and much that it does not, gets an answer that the description knows.

`SCHEMATHESIS_EXAMPLES=1000 pytest tests/api/test_schemathesis.py` looks longer, each time at other requests.
"""

import os
from collections.abc import Iterator
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from requests import Session
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jobs.settings import Settings
from schemas.tables import ORDER_EVENTS, RATINGS
from schemas.vocabulary import ORDER_STATES
from tests.api.conftest import NOON, SOON, County
from tests.api.store import fresh_database
from tests.api.test_openapi import GOLDEN
from tests.api.test_rights import EVERYBODY, may

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
]
CONFIG = {
    "generation": {"with-security-parameters": False, "deterministic": not EXAMPLES},
    "phases": {"coverage": {"enabled": bool(EXAMPLES)}, "examples": {"enabled": True}},
}
THERE = {"order_id": [f"o-{state}" for state in ORDER_STATES], "incident_id": ["i1"], "warning_id": ["w1"]}

DISPATCHED = {
    "version": 1, "event": "dispatch", "to_state": "dispatched", "unit_code": "police", "role": "system",
    "finish_due_at": SOON, "occurred_at": NOON,
}  # fmt: skip

ASKED = {
    "order_id": "o-called_back", "attempt": 1, "unit_code": "police", "was_reached": True, "was_contacted": True,
    "was_solved": False, "satisfaction": "dissatisfied", "accepted_at": NOON, "called_back_at": NOON,
}  # fmt: skip

described = schemathesis.openapi.from_path(GOLDEN, config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(scope="module")
def town(postgres: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """One store for all requests: what one of them changes, the next ones find."""
    nowhere = {"kafka_bootstrap": "127.0.0.1:9", "s3_endpoint": "http://127.0.0.1:9"}
    folder = tmp_path_factory.mktemp("town")
    made = County(Settings(state_dir=folder, database_url=fresh_database(postgres), **nowhere))
    for state in ORDER_STATES:
        made.has_orders({"order_id": f"o-{state}", "state": state, "paused_at": NOON if state == "paused" else None})
        made.has(ORDER_EVENTS, DISPATCHED, {"event_id": f"o-{state}/1", "order_id": f"o-{state}"})
    made.has(RATINGS, ASKED)
    made.has_an_incident()
    made.has_warnings({})
    made.has_notices({})
    made.has_metrics({})
    yield made.with_short_streams()
    made.store.dispose()


@pytest.fixture(scope="module")
def client(town: County) -> Session:
    """Without the application's beginning and end: pytest's plugin would end it after each test."""
    return get_client(town.app)


@pytest.fixture(scope="module")
def keys(town: County) -> dict[str, dict[str, str]]:
    """Role -> the header that makes a request one of the role's."""
    return {role: {"Authorization": town.client(role).headers["Authorization"]} for role in EVERYBODY}


@described.parametrize()
@settings(
    max_examples=EXAMPLES or 10,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_gets_an_answer_that_is_not_described(
    case: schemathesis.Case, client: Session, keys: dict[str, dict[str, str]]
):
    draw = crc32(repr((case.path_parameters, case.query, case.body)).encode("utf-8", "backslashreplace"))
    for name, known in THERE.items():
        if name in case.path_parameters and draw % 8:
            case.path_parameters[name] = known[draw % len(known)]
    roles = sorted(may(case.method, case.operation.path)) * 3 + sorted(EVERYBODY)
    key = keys[roles[draw % len(roles)]]
    answer = case.call("http://testserver", session=client, headers=key, timeout=60)
    is_told = answer.status_code == 503 and answer.json()["type"].endswith(("no-objects", "no-topic"))
    case.validate_response(answer, CHECKS, excluded_checks=[not_a_server_error] if is_told else [])
