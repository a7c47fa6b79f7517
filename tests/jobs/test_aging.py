"""What the store keeps for a time only, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs.io.aging import drop_old
from jobs.settings import Settings
from schemas.tables import HAPPENINGS, IDEMPOTENCY_KEYS, OUTBOX
from tests.api.store import fresh_database, server

NOW = datetime(2026, 3, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Settings]:
    with server() as settings:
        yield settings


def test_what_is_old_goes_and_what_waits_stays(postgres: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jobs.io.aging.PART", 2)
    settings = Settings(state_dir=tmp_path, database_url=fresh_database(postgres))
    store = sa.create_engine(settings.store_url, poolclass=sa.NullPool)
    days = [1, 8, 15, 31, 90, 91]
    with store.begin() as rows:
        for age in days:
            at = NOW - timedelta(days=age)
            rows.execute(sa.insert(OUTBOX).values(key=f"{age}", message={}, created_at=at, published_at=at))
            rows.execute(sa.insert(OUTBOX).values(key=f"waiting {age}", message={}, created_at=at))
            answer = {"request_hash": "x", "status": 200, "headers": {}, "body": {}}
            rows.execute(sa.insert(IDEMPOTENCY_KEYS).values(caller="c", key=f"{age}", created_at=at, **answer))
            told = {"xact": 1, "order_id": f"{age}", "event_id": "e", "unit_codes": []}
            rows.execute(sa.insert(HAPPENINGS).values(happened_at=at, **told))
    assert drop_old(settings, NOW) == {"outbox_dropped": 4, "idempotency_keys_dropped": 5, "happenings_dropped": 3}
    assert drop_old(settings, NOW) == {"outbox_dropped": 0, "idempotency_keys_dropped": 0, "happenings_dropped": 0}
    with store.connect() as rows:
        assert set(rows.scalars(sa.select(OUTBOX.c.key))) == {"1", "8", *(f"waiting {age}" for age in days)}
        assert rows.scalars(sa.select(HAPPENINGS.c.order_id)).all() == ["1", "8", "15"]


def test_without_a_store_nothing_is_done(tmp_path: Path):
    nowhere = Settings(state_dir=tmp_path, database_url="postgresql+psycopg://postgres@127.0.0.1:9/ninelines")
    assert drop_old(nowhere, NOW) == {}
