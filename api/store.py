"""The API's way to PostgreSQL: one connection a request, writes in one transaction that ends before the answer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Request

from jobs.settings import Settings


def open_store(settings: Settings) -> sa.Engine:
    """A pool of connections; times come back in UTC. Connects with the first query."""
    return sa.create_engine(
        settings.store_url,
        pool_pre_ping=True,
        hide_parameters=True,  # errors are logged; what people wrote is not
        pool_size=10,
        max_overflow=20,
        connect_args={"options": "-c timezone=UTC", "connect_timeout": 5},
    )


def _reading(request: Request) -> Iterator[sa.Connection]:
    with request.app.state.store.connect() as connection:
        yield connection


def _writing(request: Request) -> Iterator[sa.Connection]:
    with request.app.state.store.begin() as connection:
        yield connection


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _now() -> datetime:
    return datetime.now(UTC)


# The scope makes the transaction end before the answer leaves: nobody is told of what was not kept.
Reading = Annotated[sa.Connection, Depends(_reading, scope="function")]
Writing = Annotated[sa.Connection, Depends(_writing, scope="function")]
AppSettings = Annotated[Settings, Depends(_settings)]
Now = Annotated[datetime, Depends(_now)]
