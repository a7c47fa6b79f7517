"""Which encoding bytes are really in: declarations lie."""

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

GB18030 = "gb18030"
# What sources declare, by what it is read as. Latin-1 and ASCII fit any bytes or say nothing: not believed.
CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "gb2312": GB18030, "gbk": GB18030, "gb18030": GB18030, "cp936": GB18030,
    "gb-2312": GB18030, "gb_2312-80": GB18030, "euc-cn": GB18030, "x-gbk": GB18030, "ms936": GB18030, "utf_8": "utf-8",
    "big5": "big5",
}  # fmt: skip
# How a payload begins that says by itself what it is in: byte order marks, and `<` in 16 bits.
BEGINNINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"),
)  # fmt: skip
MARKS = tuple(mark for mark, _ in BEGINNINGS)
LONGEST_NAME = 40
DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,120}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
CERTAIN = 60  # bytes beyond ASCII, all valid UTF-8: GB text of that length never is
SAMPLE = 2_000  # characters that are enough to tell


class Text(NamedTuple):
    words: str
    codec: str


def decoded(payload: bytes, declared: str | None, usual: str) -> Text | None:
    """The payload as text in the codec that reads all bytes; where several do, the likelier Chinese; None where none.

    declared: as the payload says; usual: as the feed's contract says. Earlier candidates win a tie. A character cut in
    half at the very end becomes U+FFFD: a broken-off message, no other encoding.
    """
    if payload.startswith(MARKS):
        return _read(payload, next(codec for mark, codec in BEGINNINGS if payload.startswith(mark)))
    candidates = _candidates((declared or "")[:LONGEST_NAME].lower(), usual.lower())
    unicode = _read(payload, "utf-8")
    if unicode and (candidates[0] == "utf-8" or _is_certain(payload, unicode)):
        return unicode
    fitting = [text for codec in candidates if (text := unicode if codec == "utf-8" else _read(payload, codec))]
    return max(fitting, key=_likelihood) if len(fitting) > 1 else next(iter(fitting), None)


@lru_cache(maxsize=1024)
def _candidates(declared: str, usual: str) -> tuple[str, ...]:
    names = (CODECS.get(declared), CODECS.get(usual), "utf-8", GB18030)
    return tuple(dict.fromkeys(codec for codec in names if codec))


def text_of(part: bytes, codec: str) -> str:
    """A part of a payload whose codec is known. UnicodeDecodeError where it does not fit."""
    try:
        return part.decode(codec)
    except UnicodeDecodeError as error:
        if error.end < len(part):  # no character cut in half at the end
            raise
        decoder = codecs.getincrementaldecoder(codec)()
        return decoder.decode(part) + ("\ufffd" if decoder.getstate()[0] else "")


def declared_codec(payload: bytes) -> str | None:
    """The encoding that an XML declaration names."""
    found = DECLARATION.match(payload[:200])
    return found.group(1).decode() if found else None


def _read(payload: bytes, codec: str) -> Text | None:
    try:
        return Text(payload.decode(codec), codec)
    except UnicodeDecodeError as error:
        if error.end < len(payload):
            return None
    try:
        return Text(text_of(payload, codec), codec)
    except UnicodeDecodeError:
        return None


def _is_certain(payload: bytes, unicode: Text) -> bool:
    beyond = len(payload) - len(unicode.words)  # two for each Chinese character
    return beyond == 0 or beyond > CERTAIN


def _likelihood(text: Text) -> float:
    """Share of the characters beyond ASCII that are everyday Chinese: GB 2312's first level and punctuation."""
    beyond = "".join(BEYOND_ASCII.findall(text.words[: 10 * SAMPLE]))[:SAMPLE]
    return 1 - len(EVERYDAY.sub("", beyond)) / len(beyond) if beyond else 1.0


def _everyday() -> re.Pattern[str]:
    leads = (0xA1, 0xA3, *range(0xB0, 0xD8))
    pairs = (bytes((lead, trail)).decode("gb2312", "ignore") for lead in leads for trail in range(0xA1, 0xFF))
    return re.compile(f"[{re.escape(''.join(pairs))}\ufffd·—…“”‘’]+")


BEYOND_ASCII, EVERYDAY = re.compile(r"[^\x00-\x7f]+"), _everyday()
