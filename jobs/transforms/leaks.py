"""Whether a piece of personal data can still be read in a text that was redacted."""

import re
import unicodedata

NUMERALS = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
READABLE = 6  # digits in a row of a number give it away
PLATE_TAIL = 4


def is_readable(kind: str, value: str, redacted: str) -> bool:
    """kind: phone, identity_number, plate, bank_card, door or name; value: as it was written."""
    if kind == "name":
        return any(name in redacted for name in re.split("[、和及]", value))
    if kind == "door":
        return bool(re.search(rf"(?<![0-9]){re.findall('[0-9]+', value)[-1]}(?![0-9])", redacted))
    if kind == "plate":
        return _letters(value)[-PLATE_TAIL:] in _letters(redacted)
    told, kept = _figures(value), _figures(redacted)
    return any(told[start : start + READABLE] in kept for start in range(len(told) - READABLE + 1))


def _figures(text: str) -> str:
    """Only digits, however they were written or set apart."""
    return re.sub("[^0-9]", "", unicodedata.normalize("NFKC", text).translate(NUMERALS))


def _letters(text: str) -> str:
    """Only letters, digits and Chinese characters, capitals."""
    return re.sub(r"[^0-9A-Z\u4e00-\u9fff]", "", unicodedata.normalize("NFKC", text).upper())
