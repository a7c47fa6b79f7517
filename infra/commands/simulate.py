"""`ninelines simulate`: one simulated day, into files or into Kafka."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from jobs.simulate.load import Load, Message

SUFFIXES = {"application/json": "json", "application/xml": "xml", "text/csv": "csv"}


def register(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="local day; yesterday by default")] = None,
    seed: Annotated[int, typer.Option(help="same seed, same bytes")] = 9,
    events: Annotated[int, typer.Option(min=100, help="first reports, about")] = 6_000,
    out: Annotated[Path | None, typer.Option(help="write payloads, messages.jsonl and truth.jsonl here")] = None,
    send: Annotated[bool, typer.Option("--send", help="send into Kafka what is not there yet")] = False,
) -> None:
    """Make one day of hotlines, video alarms and grid reports, with the truth about it."""
    from jobs.settings import Settings
    from jobs.simulate.day import simulated
    from schemas.areas import load_county

    if (out is None) != send:
        raise typer.BadParameter("give one of --out DIR and --send")
    settings = Settings()
    load = simulated(day.date() if day else _yesterday(), seed, events, load_county(settings.rules_dir))
    if out:
        write(load, out)
    else:
        _send(load, settings.kafka)
    _tell(load)


def write(load: "Load", folder: Path) -> None:
    """One file a message, a line a message in messages.jsonl (in order of arrival), a line a record in truth.jsonl."""
    lines = []
    for message in load.messages:
        path = folder / message.feed / file_name(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(message.payload)
        about = {name: getattr(message, name) for name in ("feed", "topic", "key", "copy_no", "headers")}
        lines.append(json.dumps({"file": str(path.relative_to(folder)), **about}, ensure_ascii=False))
    (folder / "messages.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "truth.jsonl").write_text(load.truth.json_lines(), encoding="utf-8")


def file_name(message: "Message") -> str:
    """The CloudEvents id and the copy; the suffix says the format."""
    suffix = SUFFIXES.get(message.headers["content-type"].split(";")[0], "txt")
    return f"{message.ce_id}{f'.copy{message.copy_no}' if message.copy_no else ''}.{suffix}"


def _send(load: "Load", address: str) -> None:
    from kafka.errors import KafkaError

    from jobs.simulate.sending import send

    try:
        sent = send(load.messages, address, lambda done, of: typer.echo(f"sent {done:,} of {of:,}", err=True))
    except KafkaError as error:
        typer.echo(f"ninelines: no Kafka at {address} ({error}); start one with `ninelines up kafka`", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"sent {sent:,} messages; {len(load.messages) - sent:,} were there already", err=True)


def _tell(load: "Load") -> None:
    typer.echo(f"{'feed':<8} {'clean':>7} {'redelivered':>12} {'quarantined':>12}")
    for feed, counts in sorted(load.truth.counts.items()):
        typer.echo(f"{feed:<8} {counts['clean']:>7,} {counts['redelivered']:>12,} {counts['quarantined']:>12,}")
    typer.echo(f"{len(load.messages):,} messages, {len(load.truth.fates):,} records")


def _yesterday() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)
