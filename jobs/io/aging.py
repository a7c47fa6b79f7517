"""What the store keeps for a time only: what was sent on, answers to repeated requests, what is new."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from jobs.io.store import NoStoreError, engine
from jobs.settings import Settings
from schemas.tables import HAPPENINGS, IDEMPOTENCY_KEYS, OUTBOX

# What is still waiting in the outbox has no published_at, and stays whatever its age.
KEPT = {
    OUTBOX.c.published_at: timedelta(days=14),
    IDEMPOTENCY_KEYS.c.created_at: timedelta(days=7),
    HAPPENINGS.c.happened_at: timedelta(days=30),
}
PART = 20_000  # rows a transaction, so that nobody waits for long
log = structlog.get_logger()


def drop_old(settings: Settings, now: datetime) -> dict[str, int]:
    """Remove rows past their time; how many of each table. Empty, with a warning, where the store does not answer."""
    try:
        store = engine(settings)
        if not sa.inspect(store).has_table(HAPPENINGS.name):
            return {}
        return {f"{since.table.name}_dropped": _drop(store, since, now - kept) for since, kept in KEPT.items()}
    except NoStoreError as error:
        log.warning("store_not_tended", error=type(error).__name__, why="the store does not answer")
        return {}


def _drop(store: sa.Engine, since: sa.Column[datetime], before: datetime) -> int:
    table = since.table
    key = sa.tuple_(*table.primary_key)
    old = sa.select(*table.primary_key).where(since < before).limit(PART)
    total = 0
    while True:
        with store.begin() as connection:
            dropped = connection.execute(sa.delete(table).where(key.in_(old))).rowcount
        total += dropped
        if dropped < PART:
            return total
