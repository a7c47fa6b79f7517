"""`ninelines up`, `down`, `status`: the local stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

Servers = Annotated[list[str] | None, typer.Argument(help="postgres objects kafka spark api airflow; default: all")]


def up(servers: Servers = None) -> None:
    """Start the local stack, or the servers named and those they need."""
    from infra.stack import lifecycle
    from jobs.settings import Settings

    with clear_errors():
        lifecycle.up(Settings(), servers or tuple(lifecycle.SERVERS), typer.echo)


def down(servers: Servers = None) -> None:
    """Stop the local stack, or the servers named."""
    from infra.stack import lifecycle
    from jobs.settings import Settings

    with clear_errors():
        lifecycle.down(Settings(), servers or tuple(lifecycle.SERVERS), typer.echo)


def status() -> None:
    """Show every server of the local stack, and what the checks of tables and feeds found.

    Exit code 1 when a server is not up.
    """
    from infra.commands.health import health_lines
    from infra.stack import lifecycle
    from jobs.settings import Settings

    settings = Settings()
    states = lifecycle.status(settings)
    typer.echo(f"{'server':<18} {'state':<9} {'pid':>7} {'port':>6}  {'up since':<19}  log")
    for state in states:
        since = f"{state.since:%Y-%m-%d %H:%M:%S}" if state.since else ""
        typer.echo(
            f"{state.name:<18} {state.word:<9} {state.pid or '':>7} {state.port or '':>6}  {since:<19}  {state.log}"
        )
    for line in health_lines(settings):
        typer.echo(line)
    if any(state.word != "up" for state in states):
        raise typer.Exit(1)


@contextmanager
def clear_errors() -> Iterator[None]:
    """What went wrong with the stack, as a message and exit code 1."""
    from infra.stack.ports import StackError

    try:
        yield
    except StackError as error:
        typer.echo(f"ninelines: {error}", err=True)
        raise typer.Exit(1) from None
