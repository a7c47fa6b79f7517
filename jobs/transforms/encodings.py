"""Which encoding bytes are really in: declarations lie."""

import codecs
import re

GB18030 = "gb18030"
# What sources declare, by what it is read as. Latin-1 and ASCII fit any bytes or say nothing: not believed.
CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "gb2312": GB18030, "gbk": GB18030, "gb18030": GB18030, "cp936": GB18030, "big5": "big5",
    "utf-16": "utf-16",
}  # fmt: skip
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,120}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
SAMPLE = 2_000  # characters that are enough to tell


def codec_of(payload: bytes, declared: str | None, usual: str) -> str | None:
    """The codec that reads all bytes, and where several do, reads the likelier Chinese; None where none does.

    declared: as the payload says; usual: as the feed's contract says. Earlier candidates win a tie.
    """
    for mark, codec in BYTE_ORDER_MARKS:
        if payload.startswith(mark):
            return codec if _reads(payload, codec) else None
    if payload.isascii():
        return "utf-8"
    wanted = [CODECS.get((name or "").lower()) for name in (declared, usual)]
    candidates = dict.fromkeys(codec for codec in (*wanted, "utf-8", GB18030) if codec and codec != "utf-16")
    # Real GB text of any length is hardly ever valid UTF-8, so UTF-8 under a UTF-8 contract needs no second look.
    if next(iter(candidates)) == "utf-8" and _reads(payload, "utf-8"):
        return "utf-8"
    fitting = [codec for codec in candidates if _reads(payload, codec)]
    return max(fitting, key=lambda codec: _likelihood(payload, codec), default=None)


def text_of(payload: bytes, codec: str) -> str:
    """The payload as text. A character cut in half at the very end becomes U+FFFD: a broken-off message, no other encoding."""
    decoder = codecs.getincrementaldecoder(codec)()
    text = decoder.decode(payload)
    return text + "\ufffd" if decoder.getstate()[0] else text


def declared_codec(payload: bytes) -> str | None:
    """The encoding that an XML declaration names."""
    found = DECLARATION.match(payload[:200])
    return found.group(1).decode() if found else None


def _reads(payload: bytes, codec: str) -> bool:
    try:
        text_of(payload, codec)
    except UnicodeDecodeError:
        return False
    return True


def _likelihood(payload: bytes, codec: str) -> float:
    """Share of the characters beyond ASCII that are everyday Chinese: the first level of GB 2312 and its punctuation."""
    text = text_of(payload, codec)
    beyond = [letter for letter in text[: 10 * SAMPLE] if letter > "\x7f"][:SAMPLE]
    everyday = sum(_is_everyday(letter) for letter in beyond)
    return everyday / len(beyond) if beyond else 1.0


def _is_everyday(letter: str) -> bool:
    try:
        lead = letter.encode("gb2312")[0]
    except UnicodeEncodeError:
        return letter in "\ufffd·—…“”‘’"
    return 0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)
