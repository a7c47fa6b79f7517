"""The API on a real PostgreSQL: a fresh store a test, a client a role."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.app import create_app
from api.keys.known import Pace
from api.keys.making import random_key, register
from jobs.settings import Settings
from schemas.tables import INCIDENT_REPORTS, INCIDENTS, METRICS, NOTICES, ORDERS, WARNINGS
from tests.api.store import fresh_database, server

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOON = datetime.now(UTC) + 24 * HOUR

# fmt: off
ORDER = {
    "order_id": "o1", "incident_id": "i1", "state": "dispatched", "outcome": None, "kind": "complaint",
    "category": "noise", "is_urgent": False, "event_grade": "4", "handling_level": "village", "unit_code": "police",
    "unit_duty_tier": "tier_1", "co_unit_codes": [], "text": "工地夜间施工噪声大", "place": "东湖街道",
    "township_code": "990101001", "grid_code": None, "lat": 33.45, "lon": 118.05, "reasons": list("abcde"),
    "urged_count": 0, "accepted_at": NOON, "sign_due_at": SOON, "finish_due_at": SOON + HOUR, "dispatched_at": NOON,
    "signed_at": None, "closed_at": None, "updated_at": NOON, "parent_id": None,
    "refused_by": [], "version": 1,
}
INCIDENT = {
    "incident_id": "i1", "first_report_id": "r1", "kind": "complaint", "category": "noise",
    "text": "工地夜间施工噪声大", "place": "东湖街道", "county_code": "990101", "township_code": "990101001",
    "grid_code": None, "lat": 33.45,
    "lon": 118.05, "first_received_at": NOON, "last_received_at": NOON, "report_count": 2, "feeds": ["110", "12345"],
    "day": NOON.date(),
}
LINKED = {
    "report_id": "r1", "incident_id": "i1", "score": 1.0, "reasons": ["first_report"], "linker_version": "1",
    "linked_at": NOON, "feed": "12345", "kind": "complaint", "category": "noise", "text": "噪声", "place": None,
    "received_at": NOON,
}
WARNING = {
    "warning_id": "w1", "period": "hour", "period_at": NOON, "category": "noise", "township_code": "990101001",
    "count": 9, "expected": 2.0, "upper": 6.0, "p_value": 0.001, "method": "seasonal", "report_ids": ["r1"],
    "found_at": NOON, "state": "open", "reason": None, "reviewed_at": None, "version": 1,
}
NOTICE = {
    "report_id": "r1", "feed": "119", "incident_id": "i1", "order_id": "o1", "unit_code": "police",
    "urgency_terms": ["fire:着火"], "text": "着火了", "place": None, "received_at": NOON, "landed_at": NOON,
    "noticed_at": NOON, "confirmed_at": None,
}
METRIC = {
    "metric": "solved_rate", "scope": "county", "window_start": NOON, "window_end": NOON + 24 * HOUR, "numerator": 3,
    "denominator": 4, "value": 0.75, "definition_version": "1", "computed_at": NOON,
}
# fmt: on


class County:
    """A store with rows of our choice, and the API in front of it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = create_app(settings, is_relaying=False)
        self.app.state.pace = Pace(0)  # a test asks as often as it likes
        self.store: sa.Engine = self.app.state.store

    def client(self, role: str, unit: str | None = None, feed: str = "video") -> TestClient:
        key, source = random_key(), role == "source"
        with self.store.begin() as store:
            unit = unit or ("police" if role == "department" else None)
            register(store, key, role, unit, feed=feed if source else None, source="/sources/x" if source else None)
        headers = {"Authorization": f"Bearer {key}"}
        return TestClient(self.app, headers=headers, raise_server_exceptions=False)

    def with_short_streams(self) -> "County":
        """What is told without end ends with its first word, as when the server stops."""
        self.app.state.hub.stop()
        return self

    @property
    def stranger(self) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False)

    def has(self, table: sa.Table, example: dict[str, Any], *rows: dict[str, Any]) -> None:
        with self.store.begin() as store:
            store.execute(sa.insert(table), [example | row for row in rows or ({},)])

    def has_orders(self, *rows: dict[str, Any]) -> None:
        self.has(ORDERS, ORDER, *rows)

    def has_an_incident(self) -> None:
        self.has(INCIDENTS, INCIDENT)
        second = {"report_id": "r2", "feed": "110", "score": 0.8, "reasons": ["same_place", "similar_text"]}
        self.has(INCIDENT_REPORTS, LINKED, {}, second | {"received_at": NOON + HOUR})

    def has_warnings(self, *rows: dict[str, Any]) -> None:
        self.has(WARNINGS, WARNING, *rows)

    def has_notices(self, *rows: dict[str, Any]) -> None:
        self.has(NOTICES, NOTICE, *rows)

    def has_metrics(self, *rows: dict[str, Any]) -> None:
        self.has(METRICS, METRIC, *rows)

    def rows(self, table: sa.Table, *order: str) -> list[dict[str, Any]]:
        with self.store.connect() as store:
            query = sa.select(table).order_by(*(table.c[name] for name in order))
            return [dict(row) for row in store.execute(query).mappings()]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Settings]:
    with server() as settings:
        yield settings


@pytest.fixture
def county(postgres: Settings, tmp_path: Path) -> Iterator[County]:
    made = County(Settings(state_dir=tmp_path, database_url=fresh_database(postgres)))
    yield made
    made.store.dispose()
