"""`ninelines quarantine list|show|replay`: what was set aside, why, and once more after a contract was corrected."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from jobs.transforms.quarantine import Chosen

quarantine = typer.Typer(no_args_is_help=True, help="What was set aside, why, and once more after a correction.")

Feed = Annotated[str, typer.Option(help="only this feed")]
Reason = Annotated[str, typer.Option(help="only records with this reason, such as bad_time")]
Since = Annotated[str, typer.Option(help="only what landed since this ISO time; local where no zone is named")]
Until = Annotated[str, typer.Option(help="only what landed before this ISO time")]


def register(app: typer.Typer) -> None:
    app.add_typer(quarantine, name="quarantine")


@quarantine.command("list")
def list_records(  # noqa: PLR0917 - the command's options
    feed: Feed = "",
    reason: Reason = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(help="rows to show, the newest first")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="counts and rows as JSON")] = False,
) -> None:
    """Counts by feed and reason, then the newest records with every reason. Needs no server."""
    from jobs.io.lake import read_table
    from jobs.settings import Settings
    from jobs.transforms.quarantine import counts

    chosen = _chosen(feed, reason, since, until)
    found = read_table(Settings().lake_uri, "silver.quarantine", where=chosen.where)
    newest = found.sort("landed_at", "raw_id", "item_no", descending=[True, False, False]).head(limit)
    by_reason = counts(found).to_dicts()
    if as_json:
        _print_json({"records": found.height, "counts": by_reason, "rows": newest.to_dicts()})
        return
    typer.echo(f"{found.height} records in quarantine")
    for row in by_reason:
        typer.echo(f"  {row['feed']:<8} {row['reason']:<20} {row['records']:>8,}")
    for row in newest.to_dicts():
        where = f"{row['raw_id']} item {row['item_no']}"
        typer.echo(f"{row['landed_at']:%Y-%m-%d %H:%M:%SZ}  {where}  {', '.join(row['reasons'])}  {row['detail']}")


@quarantine.command()
def show(
    raw_id: Annotated[str, typer.Argument(help="topic/partition/offset, as `list` shows it")],
    raw: Annotated[bool, typer.Option("--raw", help="write the bytes as received: personal data, and noted")] = False,
) -> None:
    """All items of one message with their reasons, and where its raw bytes are, as JSON. Needs no server.

    Exit code 1: no such message. With --raw the bytes go to standard output, unless they have expired (exit code 1).
    """
    from jobs.io.set_aside import message_of, note_access, payload_of
    from jobs.settings import Settings

    settings = Settings()
    if not raw:
        found = message_of(settings.lake_uri, raw_id)
        if found is None:
            raise _told(f"nothing is known of {raw_id}: neither in quarantine nor in bronze")
        _print_json(found)
        return
    payload = payload_of(settings.lake_uri, raw_id)
    if payload is None:
        raise _told(f"the bytes of {raw_id} are not in bronze: expired by the feed's retention, or never landed")
    typer.echo("ninelines: these bytes are personal data as received; this look is noted, with your account", err=True)
    note_access(settings, raw_id)
    sys.stdout.buffer.write(payload)


@quarantine.command()
def replay(
    feed: Feed = "",
    reason: Reason = "",
    since: Since = "",
    until: Until = "",
    dry_run: Annotated[bool, typer.Option(help="only say what would become of them")] = False,
) -> None:
    """Judge quarantined records again, and move those that are sound now to silver. Needs Spark, but for a dry run."""
    from jobs import run
    from jobs.batch.replay import replay as judge_again
    from jobs.streaming.clean import WRITES

    chosen, context = _chosen(feed, reason, since, until), run.context_of()
    with _problems_told():
        if dry_run:
            found = judge_again(context, chosen, is_dry=True)
        else:
            with run.writing(context, "replay", WRITES):
                found = judge_again(context, chosen)
        typer.echo(_told_of(found))


def _chosen(feed: str, reason: str, since: str, until: str) -> "Chosen":
    import argparse

    from jobs.run import moment
    from jobs.transforms.quarantine import Chosen
    from schemas.vocabulary import QUARANTINE_REASONS

    if reason and reason not in QUARANTINE_REASONS:
        raise _told(f"no reason is called {reason}; there are {', '.join(QUARANTINE_REASONS)}", code=2)
    try:
        first, last = (moment(text) if text else None for text in (since, until))
    except argparse.ArgumentTypeError as error:
        raise _told(str(error), code=2) from None
    return Chosen(feed or None, reason or None, first, last)


def _told_of(found: dict[str, Any]) -> str:
    now, verb = ("would be", "would stay") if found["is_dry"] else ("are", "stay")
    lines = [
        f"judged {found['judged']} quarantined records again: {found['rows_clean']} {now} reports, "
        f"{found['rows_redelivered']} redeliveries, {found['still_quarantined']} {verb}"
    ]
    lines += [f"  {reason:<20} {count:>8,}" for reason, count in sorted(found["still_because"].items())]
    if found["bytes_expired"]:
        lines.append(
            f"the bytes of {found['bytes_expired']} have expired by their feed's retention: they {verb} as they are"
        )
    return "\n".join(lines)


@contextmanager
def _problems_told() -> Iterator[None]:
    from jobs.context import DataError, NothingToDoError
    from jobs.run import FORESEEN

    try:
        yield
    except NothingToDoError as error:
        typer.echo(f"ninelines: {error}")
    except (DataError, *FORESEEN) as error:
        raise _told(str(error)) from None


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _told(message: str, code: int = 1) -> typer.Exit:
    typer.echo(f"ninelines: {message}", err=True)
    return typer.Exit(code)
