"""One message to one webhook: signed as Standard Webhooks says, and what the answer means."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import httpx
from standardwebhooks import Webhook as Signer

from api.happenings.models import Happening
from api.happenings.queries import Position

ANSWER_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 300.0
# Answers that ask to come again, though they are below 500.
COME_AGAIN = (408, 425, 429)

Outcome = Literal["taken", "refused", "away", "gone"]


@dataclass(frozen=True)
class Answer:
    """refused: this message, by a system that works; away: the system; gone: it wants no more of any."""

    outcome: Outcome
    told: str
    wait_seconds: float | None = None  # asked for by the other system


def open_client() -> httpx.Client:
    """Follows no redirect: what was allowed is one address, not where it may point."""
    return httpx.Client(timeout=ANSWER_SECONDS, follow_redirects=False, trust_env=False)


def message_of(happening: Happening) -> dict[str, Any]:
    """What is sent: `type`, `timestamp`, `data`."""
    name = "notice" if happening.event == "notice" else f"order.{happening.event}"
    return {"type": name, "timestamp": happening.happened_at.isoformat(), "data": happening.model_dump(mode="json")}


def message_id(happening_id: int) -> str:
    """The same for each attempt, so that the receiver can set repeats aside."""
    return f"msg_{happening_id}"


def number_of(happening: Happening) -> int:
    return Position.of(happening.id).happening_id


def send(client: httpx.Client, url: str, secret: str, id_: str, message: dict[str, Any]) -> Answer:
    """Send it once."""
    at, body = datetime.now(UTC), json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Ninelines",
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(secret).sign(id_, at, body),
    }
    try:
        with client.stream("POST", url, content=body.encode(), headers=headers) as answer:  # what it says is not read
            return _meant(answer.status_code, answer.headers.get("Retry-After"))
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:  # the last: a name that no resolver takes
        return Answer("away", f"no answer: {type(error).__name__}")


def _meant(status: int, retry_after: str | None) -> Answer:
    told = str(status)
    if 200 <= status < 300:
        return Answer("taken", told)
    if status == 410:
        return Answer("gone", told)
    if status >= 500 or status in COME_AGAIN:
        asked = retry_after if retry_after and retry_after.isascii() and retry_after.isdigit() else None
        return Answer("away", told, min(float(asked), LONGEST_WAIT_SECONDS) if asked else None)
    return Answer("refused", told)
