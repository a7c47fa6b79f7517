"""Bytes of a payload to the source's items: encoding, format, and what must never be opened. Nothing here raises."""

import csv
import io
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from lxml import etree

from jobs.transforms.encodings import Text, declared_codec, decoded, text_of
from schemas.feeds.contract import Feed, Item

LARGEST = 1024 * 1024  # bytes of a payload
FORBIDDEN_MARKUP = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


@dataclass(frozen=True)
class Decoded:
    """One item, or why there is none. reason: a code of QUARANTINE_REASONS."""

    item: Item | None
    reason: str | None = None
    detail: str = ""


def decode(payload: bytes | None, feed: Feed) -> list[Decoded]:
    """The items of a payload, at least one: what cannot be read becomes one entry with its reason."""
    if not payload or not payload.strip():
        return [Decoded(None, "empty_payload")]
    if len(payload) > LARGEST:
        return [Decoded(None, "too_large", f"{len(payload)} bytes, at most {LARGEST}")]
    try:
        return _READERS[feed.format](payload, feed)
    except _UnreadableError as error:
        return [Decoded(None, error.reason, error.detail)]


class _UnreadableError(Exception):
    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def _json(payload: bytes, feed: Feed) -> list[Decoded]:
    try:
        return _items(orjson.loads(payload), feed)  # what parses is UTF-8
    except orjson.JSONDecodeError:
        text = _text(payload, feed)
    try:
        return _items(orjson.loads(text.words), feed)
    except orjson.JSONDecodeError as error:
        raise _UnreadableError("malformed_payload", f"JSON: {error.msg} at character {error.pos}") from None


def _xml(payload: bytes, feed: Feed) -> list[Decoded]:
    text = _text(payload, feed, declared_codec(payload)).words
    if FORBIDDEN_MARKUP.search(text):
        raise _UnreadableError("forbidden_markup", "document type or entity declaration")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(XML_DECLARATION.sub("", text).encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0)
        raise _UnreadableError("malformed_payload", f"XML: error in line {line}") from None
    return _items({_local_name(root.tag): _content(root)}, feed)


def _form(payload: bytes, feed: Feed) -> list[Decoded]:
    pairs = [part.partition(b"=") for part in payload.strip().split(b"&") if part]
    if not all(equals for _, equals, _ in pairs):
        raise _UnreadableError("malformed_payload", "form: a part without =")
    fields = [(_unquoted(name), _unquoted(value)) for name, _, value in pairs]
    codec = _text(b"\n".join(part for pair in fields for part in pair), feed).codec
    return [Decoded({text_of(name, codec): text_of(value, codec) for name, value in fields})]


def _csv(payload: bytes, feed: Feed) -> list[Decoded]:
    text = _text(payload, feed).words
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except (csv.Error, ValueError):
        raise _UnreadableError("malformed_payload", "CSV: quotes or fields that do not end") from None
    wanted = feed.mapping["source_id"][0]
    if wanted not in header:
        raise _UnreadableError("unknown_message", f"CSV: no column {wanted}")
    if not rows:
        raise _UnreadableError("malformed_payload", "CSV: a header and no rows")
    return [_row(header, row) for row in rows]


_READERS = {"json": _json, "xml": _xml, "form": _form, "csv": _csv}


def _text(payload: bytes, feed: Feed, declared: str | None = None) -> Text:
    text = decoded(payload, declared, feed.encoding)
    if text is None:
        raise _UnreadableError(
            "undecodable_text", "fits neither the declared encoding, nor the feed's, UTF-8 or GB18030"
        )
    return text


def _items(document: Any, feed: Feed) -> list[Decoded]:
    """The items at the feed's path; a single one counts as a list of one."""
    for name in feed.items_path.split(".") if feed.items_path else ():
        if not isinstance(document, dict) or name not in document:
            raise _UnreadableError("unknown_message", f"no {feed.items_path}")
        document = document[name]
    found = document if isinstance(document, list) else [document]
    if not found:
        raise _UnreadableError("malformed_payload", "an empty list")
    return [
        Decoded(item) if isinstance(item, dict) else Decoded(None, "malformed_payload", "an item that is no object")
        for item in found
    ]


def _content(element: Any) -> Any:
    """An element's words, or its children by name; a repeated name gives a list. Attributes are left out."""
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name, value = _local_name(child.tag), _content(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _row(header: list[str], row: list[str]) -> Decoded:
    if len(row) != len(header):
        return Decoded(None, "malformed_payload", f"CSV: {len(row)} fields under {len(header)} columns")
    return Decoded(dict(zip(header, row, strict=True)))


def _unquoted(part: bytes) -> bytes:
    return unquote_to_bytes(part.replace(b"+", b" "))
