"""`ninelines try`: what would become of a payload."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from jobs.settings import Settings
    from jobs.transforms.caller_tokens import CallerKeys


def register(app: typer.Typer) -> None:
    app.command("try")(try_feed)


def try_feed(
    feed: Annotated[str, typer.Argument(help="110, 119, …, video, grid; 12345.v2 for a later version")],
    file: Annotated[Path, typer.Argument(help="one payload, as the source sends it")],
) -> None:
    """Show the reports a payload becomes, as JSON (exit code 0), or {"quarantined": [reasons]} (exit code 1).

    Needs no server.
    Of a payload with sound and broken records: {"reports": […], "quarantined": […]}, exit code 1. Exit code 2: no such
    feed or file.
    """
    import orjson

    from jobs.settings import Settings

    payload = _payload(feed, file)
    reports, reasons = _judged(feed, payload, file.name, Settings())
    if reasons:
        shown: Any = {"reports": reports, "quarantined": reasons} if reports else {"quarantined": reasons}
    else:
        shown = reports
    typer.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2))
    raise typer.Exit(1 if reasons else 0)


def _payload(feed: str, file: Path) -> bytes:
    from schemas.feeds import contract_of_topic, contracts
    from schemas.feeds.contract import TOPIC_PREFIX

    if contract_of_topic(TOPIC_PREFIX + feed) is None:
        names = (known.topic.removeprefix(TOPIC_PREFIX) for known in contracts())
        raise _told(f"no feed {feed}; the feeds are {', '.join(names)}")
    try:
        return file.read_bytes()
    except OSError as error:
        raise _told(f"cannot read {file}: {error.strerror}") from None


def _judged(feed: str, payload: bytes, name: str, settings: "Settings") -> tuple[list[dict[str, Any]], list[str]]:
    """The reports, and every reason against the records that are none."""
    from datetime import UTC, datetime

    import polars as pl

    from jobs.transforms.cleaning import clean, split
    from schemas.areas import load_county
    from schemas.feeds import feed_of_topic
    from schemas.feeds.contract import TOPIC_PREFIX

    topic = TOPIC_PREFIX + feed
    where = {"topic": [topic], "feed": [feed_of_topic(topic)]}
    raw = pl.DataFrame({**where, "raw_id": [name], "landed_at": [datetime.now(UTC)], "payload": [payload]})
    reports, broken = split(clean(raw, _caller_key(settings), load_county(settings.rules_dir)))
    return reports.to_dicts(), sorted(set(broken["reasons"].explode(empty_as_null=False).to_list()))


def _caller_key(settings: "Settings") -> "bytes | CallerKeys":
    """The deployment's keys where there are any, so that tokens agree with the lake's; else one for this once.

    Writes nothing.
    """
    from secrets import token_bytes

    from jobs.io.caller_key import caller_keys, has_keys

    return caller_keys(settings) if has_keys(settings) else token_bytes(32)


def _told(message: str) -> typer.Exit:
    typer.echo(f"ninelines: {message}", err=True)
    return typer.Exit(2)
