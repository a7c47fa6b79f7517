"""`ninelines ingest`: files into a feed's topic, each as one message."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from jobs.io.kafka import Outgoing
    from schemas.feeds.contract import Feed


def register(app: typer.Typer) -> None:
    app.command()(ingest)


def ingest(
    feed: Annotated[str, typer.Argument(help="110, 119, …, video, grid; 12345.v2 for a later version")],
    files: Annotated[list[Path], typer.Argument(help="payloads, one a file, as the source sends them")],
) -> None:
    """Send each file's bytes to the feed's topic and wait until the broker has them. Sent twice, it is one report."""
    from jobs.io.kafka import NoBrokerError, create_topics, send
    from jobs.settings import Settings
    from schemas.feeds import contract_of_topic, contracts
    from schemas.feeds.contract import TOPIC_PREFIX

    contract = contract_of_topic(TOPIC_PREFIX + feed)
    if contract is None:
        names = (known.topic.removeprefix(TOPIC_PREFIX) for known in contracts())
        _give_up(f"no feed is called {feed}; there are {', '.join(names)}", 2)
    messages = [_message(contract, path) for path in files]
    bootstrap = Settings().kafka
    try:
        create_topics(bootstrap, [contract.topic])
        sent = send(bootstrap, messages)
    except NoBrokerError as error:
        _give_up(str(error), 1)
    typer.echo(f"sent {sent} messages to {contract.topic}")


def _message(feed: "Feed", path: Path) -> "Outgoing":
    from jobs.io.kafka import Outgoing

    try:
        payload = path.read_bytes()
    except OSError as error:
        _give_up(f"{path}: {error.strerror}", 2)
    found = sha256(payload).hexdigest()
    headers = {
        "ce_specversion": "1.0",
        "ce_id": found,
        "ce_source": f"/ninelines/ingest/{feed.code}",
        "ce_type": f"ninelines.feed.{feed.code}",
        "content-type": feed.content_type,
    }
    return Outgoing(feed.topic, payload, key=found, headers=headers)


def _give_up(why: str, code: int) -> NoReturn:
    typer.echo(f"ninelines: {why}", err=True)
    raise typer.Exit(code)
