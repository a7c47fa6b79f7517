"""The store (PostgreSQL) as the pipeline writes it: whole tables of rows in one transaction."""

from collections.abc import Collection, Iterable
from typing import Any

import polars as pl
import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects import postgresql

from jobs.settings import Settings
from schemas.forms import plain
from schemas.tables import OUTBOX

CONNECT_SECONDS = 5


class NoStoreError(Exception):
    """PostgreSQL does not answer, or the connection broke off; what was not committed is not there."""


def engine(settings: Settings) -> sa.Engine:
    """Connections to the store, closed when given back: a job needs one. Times come back in UTC.

    Their errors are sqlalchemy's, but for NoStoreError where PostgreSQL is away.
    """
    told = {"options": "-c timezone=UTC", "connect_timeout": CONNECT_SECONDS}
    found = sa.create_engine(settings.store_url, poolclass=sa.NullPool, hide_parameters=True, connect_args=told)
    sa.event.listen(found, "handle_error", _tell_absence)
    return found


def hold(store: sa.Connection, name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until ours ends."""
    store.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def read(store: sa.Connection, query: sa.Select) -> pl.DataFrame:
    """The query's rows; text, arrays and instants in the types the lake's readers know."""
    schema = {column.name: _polars_type(column.type) for column in query.selected_columns}
    rows = store.execute(query).fetchall()
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def upsert(store: sa.Connection, table: sa.Table, rows: pl.DataFrame, keep: Collection[str] = ()) -> int:
    """Insert new rows and update those that differ; number of rows written. Columns in keep are set by inserts only."""
    incoming = f"incoming_{table.name}"
    names = [column.name for column in table.columns]
    store.execute(sa.text(f"CREATE TEMP TABLE {incoming} (LIKE {table.name}) ON COMMIT DROP"))
    copy(store, incoming, names, plain(rows.select(names)).iter_rows())
    written = store.execute(sa.text(_merge(table, incoming, keep))).rowcount
    store.execute(sa.text(f"DROP TABLE {incoming}"))
    return written


def insert_new(store: sa.Connection, table: sa.Table, rows: pl.DataFrame) -> pl.Series:
    """Insert the rows whose key is not there yet; the keys that were. What somebody else has written stays."""
    (key,) = [column.name for column in table.primary_key]
    names = [column.name for column in table.columns]
    if rows.is_empty():
        return pl.Series(key, [], pl.String)
    new = postgresql.insert(table).on_conflict_do_nothing(index_elements=[key]).returning(table.c[key])
    return pl.Series(key, list(store.scalars(new, plain(rows.select(names)).to_dicts())), pl.String)


def _tell_absence(met: sa.engine.ExceptionContext) -> None:
    is_away = met.connection is None or met.is_disconnect
    if is_away and isinstance(met.original_exception, psycopg.OperationalError):
        why = str(met.original_exception).strip().splitlines()[0]
        raise NoStoreError(
            f"PostgreSQL gives no connection ({why}); `make up` starts the local one, `ninelines status` its log; "
            "another one is named by NINELINES_DATABASE_URL"
        ) from met.original_exception


def _merge(table: sa.Table, incoming: str, keep: Collection[str]) -> str:
    columns = ", ".join(column.name for column in table.columns)
    key = ", ".join(column.name for column in table.primary_key)
    updated = [c.name for c in table.columns if not c.primary_key and c.name not in keep]
    changes = ", ".join(f"{name} = excluded.{name}" for name in updated)
    ours, theirs = (", ".join(f"{side}.{name}" for name in updated) for side in (table.name, "excluded"))
    return (
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {incoming} "  # noqa: S608 - names of our own tables
        f"ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE ({ours}) IS DISTINCT FROM ({theirs})"
    )


def send(store: sa.Connection, messages: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Put (key, message) pairs into the outbox, in this order; they leave when the transaction is committed."""
    copy(store, OUTBOX.name, ["key", "message"], ((key, Jsonb(message)) for key, message in messages))


def copy(store: sa.Connection, table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY rows into a table."""
    driver: Any = store.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as target:
        for row in rows:
            target.write_row(row)


def _polars_type(kind: sa.types.TypeEngine[Any]) -> pl.DataType:
    if isinstance(kind, sa.ARRAY):
        return pl.List(_polars_type(kind.item_type))
    if isinstance(kind, sa.DateTime):
        return pl.Datetime("us", "UTC")
    for sql, polars in _SIMPLE.items():
        if isinstance(kind, sql):
            return polars
    raise TypeError(f"store: no Polars type for {kind!r}")


_SIMPLE: dict[type[sa.types.TypeEngine[Any]], pl.DataType] = {
    sa.Text: pl.String(),
    sa.Boolean: pl.Boolean(),
    sa.BigInteger: pl.Int64(),
    sa.Integer: pl.Int32(),
    sa.Float: pl.Float64(),
    sa.Date: pl.Date(),
}
