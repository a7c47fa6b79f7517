"""One spelling for matching: widths, letter case, traditional and simplified characters. Texts keep their own."""

import unicodedata
from functools import cache, lru_cache
from typing import Any


@lru_cache(maxsize=16_384)
def folded(words: str) -> str:
    """NFKC, lower case, simplified, no spaces at the ends. For words and names: a whole text would cost 26 µs."""
    plain = unicodedata.normalize("NFKC", words).strip().lower()
    return plain if plain.isascii() else _converter("t2s").convert(plain)


@cache
def spellings(name: str) -> tuple[str, ...]:
    """A simplified name and its traditional forms, to look for in a text that was not folded."""
    return tuple(dict.fromkeys((name, *(_converter(way).convert(name) for way in ("s2t", "s2tw", "s2hk")))))


@cache
def _converter(way: str) -> Any:
    from opencc import OpenCC

    return OpenCC(way)
