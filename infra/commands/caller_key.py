"""`ninelines caller-key rotate|list|forget`: the periods of the secret behind caller tokens (ADR 10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from jobs.catalog import TIME_ZONE
from jobs.settings import Settings

caller_key = typer.Typer(help="Keys of caller tokens, by period; a key itself is never shown.", no_args_is_help=True)


@caller_key.command()
def rotate(
    valid_from: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="local day; default: tomorrow")
    ] = None,
) -> None:
    """Add a key for what sources receive from a local day on. Callers of before and after are not linked by token."""
    from jobs.io.caller_key import rotate as add

    today = _today()
    with _told():
        key = add(Settings(), valid_from.date() if valid_from else today + timedelta(days=1), today)
    typer.echo(f"key {key.id} is valid from {key.valid_from}")


@caller_key.command("list")
def show() -> None:
    """Each key's id and the first local day of its period."""
    from jobs.io.caller_key import caller_keys, has_keys

    settings = Settings()
    with _told():
        keys = caller_keys(settings) if has_keys(settings) else ()
    for key in keys:
        typer.echo(f"{key.id}  from {key.valid_from or 'ever'}{'' if key.secret else '  forgotten'}")
    if not keys:
        typer.echo("caller-key: none yet; the first is made with the first report")


@caller_key.command()
def forget(key_id: Annotated[str, typer.Argument(help="as `list` shows it")]) -> None:
    """Destroy a key whose period's raw bytes have all expired. Its tokens stay, and cannot be computed again."""
    from jobs.io.caller_key import forget as destroy
    from schemas.feeds import contracts

    settings = Settings()
    with _told():
        destroy(settings, key_id, _today(), max(feed.retention_days for feed in contracts()))
    given = settings.caller_key and key_id == "1"
    typer.echo(f"key {key_id} is forgotten{'; now unset NINELINES_CALLER_KEY too' if given else ''}")


def register(app: typer.Typer) -> None:
    app.add_typer(caller_key, name="caller-key")


def _today() -> date:
    return datetime.now(ZoneInfo(TIME_ZONE)).date()


@contextmanager
def _told() -> Iterator[None]:
    from jobs.context import DataError

    try:
        yield
    except DataError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
