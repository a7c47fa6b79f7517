"""The API's way to PostgreSQL: one connection a request, writes in one transaction that ends before the answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import psycopg
import sqlalchemy as sa
from fastapi import Depends, Request
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from jobs.settings import Settings

RESTED_SECONDS = 5.0


def open_store(settings: Settings) -> sa.Engine:
    """A pool of connections; times come back in UTC. Connects with the first query."""
    engine = sa.create_engine(
        settings.store_url,
        hide_parameters=True,  # errors are logged; what people wrote is not
        pool_size=10,
        max_overflow=20,
        connect_args={"options": "-c timezone=UTC", "connect_timeout": 5},
    )
    sa.event.listen(engine, "checkin", _note_use)
    sa.event.listen(engine, "checkout", partial(_require_alive, engine.dialect))
    return engine


def reading(store: sa.Engine) -> sa.Connection:
    """A connection for queries that change nothing: each stands alone, which saves a beginning and an end."""
    return store.connect().execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def alone(store: sa.Engine, name: str) -> Iterator[sa.Connection | None]:
    """A connection that holds this name against all other processes until the block ends; None: another one has it."""
    with store.connect() as connection:
        is_ours = connection.scalar(sa.select(sa.func.pg_try_advisory_lock(sa.func.hashtextextended(name, 0))))
        connection.commit()
        try:
            yield connection if is_ours else None
        finally:
            if is_ours:
                connection.invalidate()  # closes it, and the lock goes with it


def _note_use(_: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _require_alive(dialect: sa.Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
    """Ask a connection that rested whether it lives; one that was used a moment ago is not asked: that costs a call.

    DisconnectionError makes the pool take a new one.
    """
    if time.monotonic() - record.info.get("used_at", 0.0) > RESTED_SECONDS and not _lives(dialect, connection):
        raise sa.exc.DisconnectionError("the store ended this connection while it rested")


def _lives(dialect: sa.Dialect, connection: DBAPIConnection) -> bool:
    try:
        return dialect.do_ping(connection)
    except psycopg.OperationalError:
        return False


def _reading(request: Request) -> Iterator[sa.Connection]:
    with reading(request.app.state.store) as connection:
        yield connection


def _writing(request: Request) -> Iterator[sa.Connection]:
    with request.app.state.store.begin() as connection:
        yield connection


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _now() -> datetime:
    return datetime.now(UTC)


# The scope makes the transaction end before the answer leaves: nobody is told of what was not kept.
Reading = Annotated[sa.Connection, Depends(_reading, scope="function")]
Writing = Annotated[sa.Connection, Depends(_writing, scope="function")]
AppSettings = Annotated[Settings, Depends(_settings)]
Now = Annotated[datetime, Depends(_now)]
