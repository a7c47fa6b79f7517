"""What the webhook routes take and give."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.happenings.models import Told
from api.orders.models import UnitCode

_HOST = re.compile(
    r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*|[0-9a-f:.]*:[0-9a-f:.]*"
)


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.hostname or "")) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or "@" in parts.netloc or parts.fragment or not url.isascii() or not url.isprintable():
        raise ValueError("give an address as https://host/path, without user, password and #")
    return url


class NewWebhook(BaseModel):
    """Tell a unit's own system what is new of its orders."""

    model_config = ConfigDict(extra="forbid")

    unit_code: UnitCode
    url: Annotated[str, Field(min_length=8, max_length=500), AfterValidator(_address)]
    events: list[Told] = Field(default_factory=list, max_length=50, description="which are told; empty: all")


class Webhook(BaseModel):
    """A webhook and how it fares."""

    webhook_id: str
    unit_code: str
    url: str
    events: list[Told]
    state: Literal["active", "stopped"] = Field(
        description="stopped: told nothing until it is resumed; nothing is lost"
    )
    attempts: int = Field(description="at the message that waits; 0: the last one was taken")
    failing_since: datetime | None
    last_error: str | None
    next_at: datetime = Field(description="the next attempt, while one fails")
    delivered_at: datetime | None = Field(description="when a message was taken last")
    dead_letters: int = Field(description="messages that it refused")
    created_at: datetime


class MadeWebhook(Webhook):
    secret: str = Field(description="checks the signatures (Standard Webhooks); shown this once")


class Attempt(BaseModel):
    """What came of sending one message now."""

    is_taken: bool
    told: str = Field(description="what the other system answered", examples=["204", "no answer: ConnectError"])


class DeadLetter(BaseModel):
    """A message that the other system refused."""

    happening_id: int
    message: dict[str, Any]
    attempts: int
    last_error: str
    died_at: datetime
