"""The access log as auditors read it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from schemas.tables import ACCESS_LOG

PART = 5_000


def entries(engine: sa.Engine) -> Iterator[dict[str, Any]]:
    """All of them, the first first, through a cursor of the server."""
    with engine.connect().execution_options(yield_per=PART) as store:
        for row in store.execute(sa.select(ACCESS_LOG).order_by(ACCESS_LOG.c.entry)).mappings():
            yield dict(row)


def newest(
    engine: sa.Engine, limit: int, since: datetime | None = None, key_id: str | None = None, order_id: str | None = None
) -> list[dict[str, Any]]:
    """The newest that match, the first first."""
    c = ACCESS_LOG.c
    asked = {c.key_id: key_id, c.order_id: order_id}
    wanted = [column == value for column, value in asked.items() if value is not None]
    if since:
        wanted.append(c.at >= since)
    with engine.connect() as store:
        found = store.execute(sa.select(ACCESS_LOG).where(*wanted).order_by(c.entry.desc()).limit(limit)).mappings()
        return [dict(row) for row in found][::-1]
