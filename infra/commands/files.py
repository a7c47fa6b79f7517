"""What the commands that turn one file into another share: arguments and how errors are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

InFile = Annotated[Path, typer.Argument(metavar="IN.csv", help="CSV, UTF-8 or GB18030, may be gzip")]
OutFile = Annotated[Path, typer.Argument(metavar="OUT.csv", help="where to write; gzip when it ends in .gz")]


@contextmanager
def wrong_data_told() -> Iterator[None]:
    """What is wrong with files or arguments, as a message and exit code 2."""
    from jobs.context import DataError

    try:
        yield
    except DataError as error:
        typer.echo(f"ninelines: {error}", err=True)
        raise typer.Exit(2) from None
