"""`ninelines keys create`: API keys by role."""

from typing import Annotated

import typer

from jobs.settings import Settings
from schemas.vocabulary import ROLES

keys = typer.Typer(help="API keys: each shown once, kept as a hash.", no_args_is_help=True)


@keys.callback()
def _keys() -> None:
    """A group with one command stays a group."""


@keys.command()
def create(
    role: Annotated[str, typer.Argument(help=", ".join(role for role in ROLES if role != "system"))],
    unit: Annotated[str | None, typer.Option(help="code of the unit; a department's key needs it")] = None,
) -> None:
    """Make a new key and print it, this once."""
    if fault := _fault(role, unit):
        typer.echo(fault, err=True)
        raise typer.Exit(2)
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from api.keys.making import random_key
    from api.keys.making import register as keep
    from api.store import open_store

    key = random_key()
    try:
        with open_store(Settings()).begin() as store:
            keep(store, key, role, unit)
    except (OperationalError, ProgrammingError) as error:
        typer.echo(f"keys: the store does not take keys; is it up (`ninelines status`) and migrated? {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(key)


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


def _fault(role: str, unit: str | None) -> str | None:
    known = [name for name in ROLES if name != "system"]
    if role not in known:
        return f"keys: no role {role!r}; roles are {', '.join(known)}"
    if role == "department" and not unit:
        return "keys: a department's key needs its unit: --unit CODE (codes are in schemas/rules/units.toml)"
    if role != "department" and unit:
        return f"keys: only a department belongs to a unit; leave out --unit for {role}"
    return None
