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
    feed: Annotated[str | None, typer.Option(help="of a source: the one feed it may push to")] = None,
    name: Annotated[str | None, typer.Option(help="of a source: what it is called; default: made from the key")] = None,
) -> None:
    """Make a new key and print it, this once."""
    if fault := _fault(role, unit) or _source_fault(role, feed, name):
        typer.echo(fault, err=True)
        raise typer.Exit(2)
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from api.keys.making import hash_of, random_key
    from api.keys.making import register as keep
    from api.store import open_store

    key = random_key()
    source = f"/sources/{name or hash_of(key)[:12]}" if feed else None
    try:
        with open_store(Settings()).begin() as store:
            keep(store, key, role, unit, feed=feed, source=source)
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


def _source_fault(role: str, feed: str | None, name: str | None) -> str | None:
    from schemas.feeds import FEEDS

    if role == "source" and feed not in FEEDS:
        return f"keys: a source's key needs its feed: --feed, one of {', '.join(FEEDS)}"
    if role != "source" and (feed or name):
        return f"keys: only a source has a feed and a name; leave out --feed and --name for {role}"
    if name and not (name.isascii() and name.replace("-", "").replace("_", "").isalnum() and len(name) <= 60):
        return "keys: a source's name has letters, digits, - and _ only, at most 60"
    return None
