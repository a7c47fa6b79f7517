"""Bytes of a payload to the source's items: encoding, format, and what must never be opened. Nothing here raises."""

import csv
import io
import re
from binascii import unhexlify
from typing import Any, NamedTuple

import orjson
from lxml import etree

from jobs.transforms.encodings import Text, declared_codec, decoded, text_of
from jobs.transforms.envelopes import opened
from schemas.feeds.contract import Feed, Item
from schemas.feeds.forbidden import forbidden_field, forbidden_name
from schemas.feeds.limits import LARGEST_MESSAGE, LARGEST_TEXT

FORBIDDEN_MARKUP = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
NAMES_OF_PARTS = re.compile(r"""name\s*=\s*"?([^";\n\r]{1,100})""")
NAMED_JSON = re.compile(rb"^[A-Za-z_]{1,40}=(?=%7B|%5B|[{\[])", re.IGNORECASE)
ESCAPED = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
XML_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)
ATTRIBUTES = etree.XPath("//@*")
MOST_ITEMS = 10_000  # of one message; each becomes a row
DEPTH = 5  # of JSON inside the strings of JSON


class Decoded(NamedTuple):
    """One item, or why there is none. reason: a code of QUARANTINE_REASONS."""

    item: Item | None
    reason: str | None = None
    detail: str = ""


def decode(payload: bytes | None, feed: Feed) -> list[Decoded]:
    """The items of a payload, at least one: what cannot be read becomes one entry with its reason."""
    if not payload or not payload.strip():
        return [Decoded(None, "empty_payload")]
    try:
        if feed.format == "json" and (document := _plain(payload)) is not None:
            return _items(document, feed)
        if len(payload) > LARGEST_MESSAGE:
            raise _too_large(len(payload), LARGEST_MESSAGE)
        return _texts(payload, feed) if feed.format in ENVELOPED else _text_items(payload, None, feed)
    except _UnreadableError as error:
        return [error.entry]


def _plain(payload: bytes) -> Any:
    """The document of a payload that is UTF-8 JSON and nothing else, as most are; None where it takes a closer look."""
    if len(payload) > LARGEST_TEXT or not payload.startswith((b"{", b"[")):
        return None
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None


class _UnreadableError(Exception):
    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.entry = Decoded(None, reason, detail)


def _too_large(size: int, limit: int) -> _UnreadableError:
    return _UnreadableError("too_large", f"{size} bytes, at most {limit}")


def _texts(payload: bytes, feed: Feed) -> list[Decoded]:
    """The items of every text of the message, each text for itself. Pictures stay behind, in bronze."""
    message = opened(payload)
    if any(forbidden_name(name) for name in NAMES_OF_PARTS.findall(message.heads)):
        raise _UnreadableError("forbidden_field", "the name of a picture")
    if not message.texts:
        raise _UnreadableError("unknown_message", "headers or pictures without a message")
    found: list[Decoded] = []
    for text in message.texts:
        try:
            found += _text_items(text.body, text.charset, feed)
        except _UnreadableError as error:
            found.append(error.entry)
    return found


def _text_items(body: bytes, charset: str | None, feed: Feed) -> list[Decoded]:
    if len(body) > LARGEST_TEXT:
        raise _too_large(len(body), LARGEST_TEXT)
    is_json = feed.format == "xml" and body.lstrip(BEFORE_JSON).startswith((b"{", b"["))  # a gateway translated it
    return _READERS["json" if is_json else feed.format](body, charset, feed)


def _json(payload: bytes, charset: str | None, feed: Feed) -> list[Decoded]:
    return _items(_json_document(payload, charset, feed), feed)


def _json_document(payload: bytes, charset: str | None, feed: Feed) -> Any:
    try:
        document = orjson.loads(payload)  # what parses is UTF-8
    except orjson.JSONDecodeError:
        document = _json_of_text(payload, charset, feed)
    return inner if isinstance(document, str) and (inner := _json_within(document)) is not None else document


def _json_of_text(payload: bytes, charset: str | None, feed: Feed) -> Any:
    """JSON in another encoding, or as the value of a form's only field."""
    if found := NAMED_JSON.match(payload):
        payload = _unquoted(payload[found.end() :].rpartition(b"&")[0] or payload[found.end() :])
    text = _text(payload, feed, charset)
    try:
        return orjson.loads(text.words)
    except orjson.JSONDecodeError as error:
        raise _UnreadableError("malformed_payload", f"JSON: {error.msg} at character {error.pos}") from None


def _json_within(words: str) -> Any:
    """What a string of JSON holds that is JSON itself; None where it is none."""
    for _ in range(DEPTH):
        try:
            document = orjson.loads(words)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(document, str):
            return document
        words = document
    return None


def _xml(payload: bytes, charset: str | None, feed: Feed) -> list[Decoded]:
    text = _text(payload, feed, declared_codec(payload) or charset).words.lstrip("\ufeff")
    if "<!" in text and FORBIDDEN_MARKUP.search(text):
        raise _UnreadableError("forbidden_markup", "document type or entity declaration")
    text = XML_DECLARATION.sub("", text)
    try:
        root = etree.fromstring(text.encode(), XML_PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0)
        raise _UnreadableError("malformed_payload", f"XML: error in line {line}") from None
    if "=" in text and (person := forbidden_field(_attributes(root))):
        raise _UnreadableError("forbidden_field", f"attribute {person}")
    return _items({_local_name(root.tag): _content(root)}, feed)


def _form(payload: bytes, _: str | None, feed: Feed) -> list[Decoded]:
    pairs = [part.partition(b"=") for part in payload.strip().split(b"&") if part]
    if not all(equals for _, equals, _ in pairs):
        raise _UnreadableError("malformed_payload", "form: a part without =")
    parts = [part for name, _, value in pairs for part in (name, value)]
    text = _text(_unquoted(b"\n".join(parts)), feed)
    said = text.words.split("\n")
    if len(said) != len(parts):  # a line end within a part
        said = [text_of(_unquoted(part), text.codec) for part in parts]
    return [Decoded(dict(zip(said[::2], said[1::2], strict=True)))]


def _csv(payload: bytes, _: str | None, feed: Feed) -> list[Decoded]:
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
ENVELOPED = ("xml", "json")  # formats that devices push with headers or pictures around them
BEFORE_JSON = b" \t\r\n\xef\xbb\xbf"


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
    whole = feed.items_of(document) if feed.items_of else document
    found = whole if isinstance(whole, list) else [whole]
    if not found:
        raise _UnreadableError("malformed_payload", "an empty list")
    if len(found) > MOST_ITEMS:
        raise _UnreadableError("too_large", f"{len(found)} records, at most {MOST_ITEMS}")
    return [
        Decoded(item) if isinstance(item, dict) else Decoded(None, "malformed_payload", "an item that is no object")
        for item in found
    ]


def _attributes(root: Any) -> Item:
    return {_local_name(value.attrname): str(value) for value in ATTRIBUTES(root)}


def _content(element: Any) -> Any:
    """An element's words, or its children by name; a repeated name gives a list. Attributes are left out."""
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name, value = _local_name(child.tag), _content(child) if len(child) else child.text or ""
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
    spaced = part.replace(b"+", b" ")
    return ESCAPED.sub(_unescaped, spaced) if b"%" in spaced else spaced


def _unescaped(run: re.Match[bytes]) -> bytes:
    return unhexlify(run[0].replace(b"%", b""))
