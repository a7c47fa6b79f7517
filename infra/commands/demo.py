"""`ninelines demo`: the main job, on simulated input."""

import signal
import sys
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="end when the table is printed, and stop what was started")
    ] = False,
    events: Annotated[int, typer.Option(min=100, help="first reports of the simulated day")] = 6_000,
) -> None:
    """One simulated day of eleven feeds through the whole pipeline; stays up until Ctrl-C."""
    from rich.console import Console

    from infra.airflow_client import AirflowError
    from infra.demo import DemoError, run, tell_how_to_ask
    from infra.departments import PlayError
    from infra.stack import lifecycle
    from infra.stack.ports import StackError
    from jobs.settings import Settings

    settings = Settings()
    console = Console(width=None if sys.stdout.isatty() else 120)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ways to end it stop the servers
    try:
        found = run(settings, console, events)
        tell_how_to_ask(settings, console)
        if not once:
            console.print("The stack stays up. Ctrl-C stops it.")
            signal.pause()
    except (AirflowError, DemoError, PlayError, StackError) as error:
        console.print(f"ninelines demo: {error}", style="red", markup=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("Stopping. What was done is kept: the next `make demo` goes on from here.")
    finally:
        lifecycle.down(settings, say=console.print)
    if once and not found.adds_up:
        console.print("The account does not add up: see the rows marked NO.", style="red")
        raise typer.Exit(1)
