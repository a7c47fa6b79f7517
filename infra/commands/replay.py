"""`ninelines replay`: judge quarantined records again after a contract was corrected."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(replay)


def replay(
    feed: Annotated[str, typer.Option(help="only this feed")] = "",
    reason: Annotated[str, typer.Option(help="only records with this reason, such as bad_time")] = "",
    since: Annotated[str, typer.Option(help="only what landed since this ISO time")] = "",
) -> None:
    """Judge quarantined records again, and move those that are sound now to silver. Needs the Spark server."""
    from jobs import run
    from jobs.batch.replay import Chosen
    from jobs.batch.replay import replay as judge_again
    from jobs.context import NothingToDoError
    from jobs.streaming.clean import WRITES

    context = run.context_of()
    chosen = Chosen(feed or None, reason or None, run.moment(since) if since else None)
    try:
        with run.writing(context, "replay", WRITES):
            found = judge_again(context, chosen)
    except NothingToDoError as error:
        typer.echo(f"ninelines: {error}")
        return
    except run.FORESEEN as error:
        typer.echo(f"ninelines: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(
        f"judged {found['judged']} quarantined records again: {found['rows_clean']} are reports now, "
        f"{found['rows_redelivered']} redeliveries, {found['still_quarantined']} stay"
        + (f"; the bytes of {found['bytes_expired']} have expired" if found["bytes_expired"] else "")
    )
