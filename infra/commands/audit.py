"""`ninelines audit`: who asked the API for what, and whether that record is whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

audit = typer.Typer(help="The access log: a chain of hashes.", no_args_is_help=True)


@audit.command()
def verify(
    head: Annotated[str | None, typer.Option(help="a hash printed before: it must still be in the chain")] = None,
) -> None:
    """Walk the whole chain; exit 1 at the first entry that was changed, removed or put in.

    Keep the hash that it prints elsewhere: a chain whose end was cut off looks whole by itself.
    """
    from api.audit import chain, reading

    with _store() as store:
        found = chain.verify(reading.entries(store), head)
    typer.echo(f"{found.entries} entries are whole; the last hash is {found.head}")
    if found.fault:
        typer.echo(f"audit: {found.fault}", err=True)
    if not found.is_head_there:
        typer.echo(f"audit: the chain does not hold {head}: its end was cut off, or it was written anew", err=True)
    if found.fault or not found.is_head_there:
        raise typer.Exit(1)


@audit.command()
def show(
    since: Annotated[datetime | None, typer.Option(help="local time, as 2026-03-02T08:00:00")] = None,
    key: Annotated[str | None, typer.Option(help="first 12 signs of a key's hash")] = None,
    order: Annotated[str | None, typer.Option(help="number of an order")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
) -> None:
    """Print the newest entries that match, the first first."""
    from api.audit import reading

    with _store() as store:
        rows = reading.newest(store, limit, since.astimezone() if since else None, key, order)
    for row in rows:
        who = f"{row['role']}{':' + row['unit_code'] if row['unit_code'] else ''} {row['key_id']}"
        what = f"{row['method']} {row['route']}{' ' + row['order_id'] if row['order_id'] else ''}"
        typer.echo(f"{row['entry']:>8}  {row['at'].astimezone():%F %T}  {who}  {what}  {row['status']}  {row['ms']} ms")


@contextmanager
def _store() -> "Iterator[Engine]":
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from api.store import open_store

    store = open_store(Settings())
    try:
        yield store
    except (OperationalError, ProgrammingError) as error:
        why = str(error.orig).strip().splitlines()[0]
        typer.echo(f"audit: no access log can be read ({why}); is the store up (`ninelines status`)?", err=True)
        raise typer.Exit(1) from None
    finally:
        store.dispose()


def register(app: typer.Typer) -> None:
    app.add_typer(audit, name="audit")
