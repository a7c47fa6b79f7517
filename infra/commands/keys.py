"""`ninelines keys create`: API keys by role."""

from typing import Annotated

import typer

from jobs.settings import Settings
from schemas.vocabulary import ROLES

keys = typer.Typer(help="API keys: each shown once, kept as a hash.", no_args_is_help=True)

DEMO_SECRET = "secrets/demo_keys"  # noqa: S105 - a file's name, in the state folder


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
    from api.keys.making import random_key

    typer.echo(_registered(Settings(), random_key(), role, unit))


def demo_key(settings: Settings, role: str, unit: str | None = None) -> str:
    """The demo's key of a role: the same each time for one state folder, registered in the store."""
    from api.keys import making
    from infra.stack.environment import secret

    key = making.demo_key(secret(settings.state_dir / DEMO_SECRET), role, unit)
    return _registered(settings, key, role, unit)


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


def _registered(settings: Settings, key: str, role: str, unit: str | None) -> str:
    from api.keys.making import register as keep
    from api.store import open_store

    engine = open_store(settings)
    with engine.begin() as store:
        keep(store, key, role, unit)
    engine.dispose()
    return key


def _fault(role: str, unit: str | None) -> str | None:
    known = [name for name in ROLES if name != "system"]
    if role not in known:
        return f"keys: no role {role!r}; roles are {', '.join(known)}"
    if role == "department" and not unit:
        return "keys: a department's key needs its unit: --unit CODE (codes are in schemas/rules/units.toml)"
    if role != "department" and unit:
        return f"keys: only a department belongs to a unit; leave out --unit for {role}"
    return None
