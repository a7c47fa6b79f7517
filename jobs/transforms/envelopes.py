"""What messages travel in: a SIP or HTTP message with its headers, a multipart body with pictures.

Devices differ from the standards in line ends, in boundaries that no header names and in lengths, so the bytes
themselves decide: headers end at an empty line, a boundary is the first line where that begins with `--`.
"""

import re
from typing import NamedTuple

START_LINE = re.compile(
    rb"^(?:[A-Z]{3,10} \S{1,500} (?:SIP/2\.0|HTTP/1\.[01])|(?:SIP/2\.0|HTTP/1\.[01]) \d{3}[^\r\n]{0,200})\r?\n"
)
HEADER_LINE = re.compile(rb"^[A-Za-z][A-Za-z0-9-]{0,60}[ \t]*:[^\r\n]*\r?\n")
EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
BOUNDARY_LINE = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n")
CHARSET = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
MARKUP = (b"<", b"{", b"[", b"\xef\xbb\xbf")
WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"\x00\x00\xfe\xff", b"<\x00")  # letters of 16 or 32 bits: zeros are meant
BARE = (*MARKUP, *WIDE)  # in no envelope
BLANK = b" \t\r\n"
PADDING = BLANK + b"\x00"  # what is left of a fixed buffer
MOST_PARTS = 1_000
LONGEST_HEAD = 16 * 1024  # bytes of headers


class Text(NamedTuple):
    """One text of a message. charset: as its own headers declare it."""

    body: bytes
    charset: str | None = None


class Opened(NamedTuple):
    """The texts of a message without its pictures. heads: the headers of its parts, which name the pictures."""

    texts: tuple[Text, ...]
    heads: str = ""


def opened(payload: bytes) -> Opened:
    """The texts that a payload carries; a payload in no envelope is itself the only one, and may be none."""
    if payload.startswith(BARE):
        return Opened((Text(_unpadded(payload)),))
    head, body = _headers(payload.lstrip(PADDING))
    body = body.lstrip(BLANK)
    if boundary := BOUNDARY_LINE.match(body[:300]):
        return _parts(body, boundary.group(1))
    return Opened((Text(_unpadded(body), _charset(head)),) if body else ())


def _unpadded(body: bytes) -> bytes:
    return body if body.startswith(WIDE) else body.rstrip(b"\x00")


def _headers(payload: bytes) -> tuple[bytes, bytes]:
    """The headers and the body; no headers where the payload begins with none."""
    begin = payload[:LONGEST_HEAD]
    if payload.startswith(MARKUP) or not (START_LINE.match(begin) or HEADER_LINE.match(begin)):
        return b"", payload
    end = EMPTY_LINE.search(begin)
    return (payload[: end.start()], payload[end.end() :]) if end else (payload, b"")


def _parts(body: bytes, boundary: bytes) -> Opened:
    """The parts between boundaries at the beginnings of lines; what is no XML or JSON is taken for a picture."""
    _, *parts = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary), body, maxsplit=MOST_PARTS)
    texts, heads = [], []
    for part in parts:
        if part.startswith(b"--"):
            break
        head, content = _headers(part.lstrip(BLANK))
        heads.append(head)
        content = content.lstrip(PADDING)
        if content.startswith(MARKUP) and b"image/" not in head.lower():
            texts.append(Text(_unpadded(content), _charset(head)))
    return Opened(tuple(texts), b"\n".join(heads).decode("utf-8", "replace").lower())


def _charset(head: bytes) -> str | None:
    found = CHARSET.search(head)
    return found.group(1).decode() if found else None
