"""A push as CloudEvents 1.0: binary mode (`ce-*` headers), structured and batch mode (JSON), or a plain body.

What is kept of an event: the attributes of KEPT and its payload, byte for byte in binary mode and of plain bodies.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import orjson

from schemas.feeds.limits import LARGEST_MESSAGE, LARGEST_TEXT

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
REQUIRED = ("specversion", "id", "source", "type")
KEPT = (*REQUIRED, "time", "dataschema")  # extensions and subjects may name people, and nobody here reads them
LONGEST = 300  # characters of an attribute
MOST_EVENTS = 500  # of a batch


class PushError(Exception):
    """A push that cannot be taken as it is: status and code of the problem, and what to do."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


@dataclass(frozen=True)
class Sender:
    """Who pushes what; stands in where a plain body has no attributes."""

    feed: str
    source: str


@dataclass(frozen=True)
class Event:
    """One message for the feed's topic. attributes: CloudEvents, at least REQUIRED."""

    attributes: Mapping[str, str]
    content_type: str | None
    payload: bytes

    @property
    def key(self) -> str:
        """The same for a push and its repetition, which so keep their order in Kafka."""
        return sha256(f"{self.attributes['source']}\n{self.attributes['id']}".encode()).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        """CloudEvents' Kafka binding, binary mode."""
        found = {f"ce_{name}": value for name, value in self.attributes.items()}
        return found | ({"content-type": self.content_type} if self.content_type else {})


def largest(content_type: str | None) -> int:
    """Bytes a body of this type may have: more where it brings pictures, or wraps what is limited itself."""
    is_wrapping = media_type(content_type).startswith(("multipart/", "application/cloudevents"))
    return LARGEST_MESSAGE if is_wrapping else LARGEST_TEXT


def media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def events_of(headers: Mapping[str, str], body: bytes, sender: Sender) -> list[Event]:
    """The events of a request; headers have lower-case names. Raises PushError."""
    kind = media_type(headers.get("content-type"))
    if kind == STRUCTURED:
        return [_structured(_json(body), sender)]
    if kind == BATCH:
        return _batch(_json(body), sender)
    if kind.startswith("application/cloudevents"):
        raise PushError(415, "unknown-media-type", f"Of CloudEvents' own formats send {STRUCTURED} or {BATCH}.")
    given = {name.removeprefix("ce-"): unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    if any(name in given for name in REQUIRED):
        return [_event(given, headers.get("content-type"), body)]
    return [_event(_plain(body, sender), headers.get("content-type"), body)]


def _plain(body: bytes, sender: Sender) -> dict[str, str]:
    """Attributes of a body without any. The same bytes are the same event: a repeated push is told from a new one."""
    about = {"id": sha256(body).hexdigest(), "source": sender.source, "type": f"ninelines.feed.{sender.feed}.received"}
    return {"specversion": "1.0", **about}


def _batch(document: Any, sender: Sender) -> list[Event]:
    if not isinstance(document, list):
        raise PushError(400, "bad-event", "A batch is a JSON list of events.")
    if len(document) > MOST_EVENTS:
        raise PushError(413, "too-large", f"{len(document)} events; send at most {MOST_EVENTS} in one batch.")
    return [_structured(event, sender) for event in document]


def _structured(event: Any, sender: Sender) -> Event:
    if not isinstance(event, dict):
        raise PushError(400, "bad-event", "A structured event is a JSON object.")
    given = {name: value for name, value in event.items() if isinstance(value, str) and name in KEPT}
    content_type = event.get("datacontenttype")
    if content_type is not None and not isinstance(content_type, str):
        raise PushError(400, "bad-event", "datacontenttype is no text.")
    return _event(given, content_type or "application/json", _data(event, media_type(content_type)))


def _data(event: Mapping[str, Any], kind: str) -> bytes:
    """The payload: decoded from base64, text as it is, JSON as JSON."""
    if "data_base64" in event:
        try:
            return base64.b64decode(event["data_base64"], validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise PushError(400, "bad-event", "data_base64 is no base64.") from None
    data = event.get("data")
    if data is None:
        return b""
    is_json = not kind or kind.endswith(("/json", "+json"))
    return orjson.dumps(data) if is_json or not isinstance(data, str) else data.encode()


def _event(given: Mapping[str, str], content_type: str | None, payload: bytes) -> Event:
    if missing := [name for name in REQUIRED if not given.get(name, "").strip()]:
        raise PushError(400, "bad-event", f"CloudEvents attributes are missing: {', '.join(missing)}.")
    if given["specversion"] != "1.0":
        raise PushError(400, "bad-event", "specversion must be 1.0.")
    attributes = {name: given[name] for name in KEPT if given.get(name)}
    if wrong := _unfit((*attributes.items(), ("datacontenttype", content_type or "x"))):
        raise PushError(400, "bad-event", f"{wrong} has more than {LONGEST} characters, or some that do not show.")
    if not payload.strip():
        raise PushError(400, "bad-event", "There is no payload.")
    if len(payload) > (limit := largest(content_type)):
        raise PushError(413, "too-large", f"The payload has {len(payload)} bytes; at most {limit} are read.")
    return Event(attributes, content_type, payload)


def _unfit(attributes: Iterable[tuple[str, str]]) -> str | None:
    """The first attribute that is too long, or has letters that do not show."""
    return next((name for name, value in attributes if len(value) > LONGEST or not value.isprintable()), None)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PushError(400, "bad-event", f"The body is no JSON: character {error.pos}.") from None
