"""The migrations make the tables that `schemas.tables` describes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from api.migrate import is_migrated, migrate
from jobs.settings import Settings
from schemas.tables import METADATA
from tests.api.store import empty_database, fresh_database

HOW = 'the tables changed: run `python -m api.migrate --new "what changes"` and read what it wrote'
CONSTRAINTS = sa.text(
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version' ORDER BY 1, 2"
)


@pytest.fixture
def migrated(postgres: Settings) -> sa.Engine:
    return sa.create_engine(fresh_database(postgres), poolclass=sa.NullPool)


@pytest.fixture
def empty(postgres: Settings) -> sa.Engine:
    return sa.create_engine(empty_database(postgres), poolclass=sa.NullPool)


def test_the_migrated_store_has_the_described_tables(migrated: sa.Engine):
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == [], HOW


def test_the_migrated_store_checks_the_same_codes(migrated: sa.Engine, empty: sa.Engine):
    METADATA.create_all(empty)
    with migrated.connect() as ours, empty.connect() as described:
        assert ours.execute(CONSTRAINTS).all() == described.execute(CONSTRAINTS).all(), HOW


def test_several_may_migrate_at_once(empty: sa.Engine):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate(empty), range(4)))
    with empty.connect() as connection:
        assert is_migrated(connection)


def test_an_empty_store_is_not_ready(empty: sa.Engine):
    with empty.connect() as connection:
        assert not is_migrated(connection)
