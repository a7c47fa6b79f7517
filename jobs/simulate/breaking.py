"""How payloads break: one function a fault, from a sound record to the bytes that a contract must refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from jobs.simulate.encoding import encode
from schemas.feeds.contract import Feed

Item = dict[str, Any]
FUTURE, PAST = datetime(2999, 3, 4, 5, 6, 7, tzinfo=UTC), datetime(1999, 3, 4, 5, 6, 7, tzinfo=UTC)
NO_TEXT = b"\xff\xff\x80"  # in no encoding
OVER_THE_LIMIT = 1024 * 1024 + 1
DOCTYPE = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
KEEPALIVE = b"<Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>99010100001320000001</DeviceID><Status>OK</Status></Notify>"
OTHER_MESSAGE = {
    "xml": b"<Ping><Seq>1</Seq></Ping>",
    "csv": "设备,状态\r\n一号,正常\r\n".encode(),
    "json": '{"code": 500, "msg": "超时"}'.encode("gb18030"),
}
FORBIDDEN = "licensePlate"


@dataclass(frozen=True)
class Fault:
    """reasons: what the contract must say, sorted. fits: whether a feed can have it. bytes_of: the broken payload."""

    reasons: tuple[str, ...]
    bytes_of: Callable[[Feed, Item], bytes]
    fits: Callable[[Feed], bool] = lambda feed: True


def _is_plain(feed: Feed) -> bool:
    """Its fields are the source's own, so that one can be taken out."""
    return feed.adapt is None


def _cut_off(feed: Feed, item: Item) -> bytes:
    if feed.format == "form":
        return encode(feed, [item]).replace(b"=", b"")
    text = encode(feed, [item]).decode(feed.encoding)
    return text[: int(len(text) * 0.7)].rstrip("\r\n}>] ").encode(feed.encoding)


def _undecodable(feed: Feed, item: Item) -> bytes:
    words = item["text"][:2].encode(feed.encoding)
    if feed.format == "form":
        return encode(feed, [item]).replace(quote_plus(words).encode(), quote_plus(NO_TEXT).encode(), 1)
    return encode(feed, [item]).replace(words, NO_TEXT, 1)


def _with_doctype(feed: Feed, item: Item) -> bytes:
    text = encode(feed, [item]).decode(feed.encoding)
    at = text.find("?>") + 2 if text.startswith("<?xml") else 0
    return (text[:at] + DOCTYPE + text[at:]).encode(feed.encoding)


def _forbidden(feed: Feed, item: Item) -> bytes:
    """A number plate as a field of the record, beside its id."""
    payload = encode(feed, [item])
    if feed.format == "form":
        return payload + f"&{FORBIDDEN}=x".encode()
    text = payload.decode(feed.encoding)
    if feed.format == "csv":
        header, row = text.strip("\r\n").split("\r\n", 1)
        return f"{header},{FORBIDDEN}\r\n{row},x\r\n".encode(feed.encoding)
    name = "DeviceID" if feed.adapt else feed.mapping["source_id"][0].split(".")[-1]
    added = f"<{FORBIDDEN}>x</{FORBIDDEN}>" if feed.format == "xml" else f'"{FORBIDDEN}": "x", '
    field = f"<{name}>" if feed.format == "xml" else f'"{name}"'
    return text.replace(field, added + field, 1).encode(feed.encoding)


def _without_id(feed: Feed, item: Item) -> bytes:
    return encode(feed, [item | ({"device_id": ""} if feed.adapt else {"source_id": None})])


def _with(**changed: Any) -> Callable[[Feed, Item], bytes]:
    return lambda feed, item: encode(feed, [item | changed])


def _lost(feed: Feed, item: Item) -> bytes:
    return encode(feed, [item | {"text": item["text"][:4] + "\ufffd\ufffd" + item["text"][6:]}])


def _refused_kind(feed: Feed) -> str | None:
    return next((code for code in feed.kinds.values() if code not in feed.admits), None)


FAULTS = (
    Fault(("empty_payload",), lambda feed, item: b""),
    Fault(("undecodable_text",), _undecodable),
    Fault(("lost_bytes",), _lost),
    Fault(("malformed_payload",), _cut_off),
    Fault(("forbidden_markup",), _with_doctype, lambda feed: feed.format == "xml"),
    Fault(("too_large",), lambda feed, item: encode(feed, [item]).ljust(OVER_THE_LIMIT)),
    Fault(("unknown_message",), lambda feed, item: OTHER_MESSAGE[feed.format], lambda feed: bool(feed.items_path or feed.adapt) or feed.format == "csv"),
    Fault(("heartbeat",), lambda feed, item: KEEPALIVE, lambda feed: feed.adapt is not None),
    Fault(("missing_source_id",), _without_id),
    Fault(("missing_time",), _with(received_at=None), _is_plain),
    Fault(("bad_time",), _with(received_at="昨天下午"), _is_plain),
    Fault(("from_the_future",), _with(received_at=FUTURE, updated_at=FUTURE)),
    Fault(("too_old",), _with(received_at=PAST, updated_at=PAST)),
    Fault(("missing_text",), _with(text="", category=None), lambda feed: _is_plain(feed) and not feed.default_category),
    Fault(("unknown_kind",), _with(kind="会商"), lambda feed: _is_plain(feed) and bool(feed.kinds)),
    Fault(("kind_not_admitted",), lambda feed, item: encode(feed, [item | {"kind": _refused_kind(feed)}]), lambda feed: _refused_kind(feed) is not None),
    Fault(("bad_coordinates",), _with(lat=333.3, lon=118.1)),
    Fault(("bad_revision",), _with(revision="第二版"), lambda feed: "revision" in feed.mapping),
    Fault(("forbidden_field",), _forbidden),
    Fault(("bad_coordinates", "missing_source_id"), lambda feed, item: _without_id(feed, item | {"lat": 333.3, "lon": 118.1}), _is_plain),
    Fault(("bad_coordinates", "too_old"), _with(received_at=PAST, updated_at=PAST, lat=333.3, lon=118.1)),
)  # fmt: skip
