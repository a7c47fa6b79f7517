"""`ninelines run`: one job, told for people."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("run")(run_one)


def run_one(
    job: Annotated[str, typer.Argument(help="a name of jobs/catalog.py: land, clean, link, classify, …")],
    options: Annotated[list[str] | None, typer.Argument(help="further words for the job, name=value")] = None,
    continuous: Annotated[bool, typer.Option(help="streams: run until Ctrl-C")] = False,
    start: Annotated[str, typer.Option(help="window start, ISO time; local where no zone is named")] = "",
    end: Annotated[str, typer.Option(help="window end, exclusive")] = "",
) -> None:
    """Run one job as Airflow would. Exit code 0 done, 99 nothing to do, 2 wrong data or arguments, 1 anything else."""
    from jobs import run

    words = [job, *(options or ()), *(["--continuous"] if continuous else [])]
    words += [word for name, value in (("--start", start), ("--end", end)) if value for word in (name, value)]
    raise typer.Exit(run.main(words, tell=_told))


def _told(job: str, result: dict[str, object]) -> str:
    """`clean: 2 batches, 4546 rows in, …`"""
    counts = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in result.items())
    return f"{job}: {counts or 'done'}"
