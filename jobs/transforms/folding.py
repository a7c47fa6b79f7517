"""One spelling for matching: widths, letter case, traditional and simplified characters. Texts keep their own."""

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import product
from typing import Any


@lru_cache(maxsize=16_384)
def folded(words: str) -> str:
    """NFKC, lower case, simplified, no spaces at the ends. For words and names: a whole text would cost 26 µs."""
    plain = unicodedata.normalize("NFKC", words).strip().lower()
    return plain if plain.isascii() else _to_simplified().convert(plain)


@cache
def spellings(name: str) -> tuple[str, ...]:
    """A simplified name and every way to write its characters traditionally, to look for in a text not folded.

    Character by character: 谷里 is 谷裏, 谷裡 or 穀里, also half simplified.
    """
    letters = _letters()
    ways = ("".join(way) for way in product(*(letters.get(letter, letter) for letter in name)))
    return tuple(dict.fromkeys((name, *ways)))


@cache
def _letters() -> Mapping[str, str]:
    """The Chinese characters that become each simplified one."""
    every = [chr(point) for point in range(0x4E00, 0xA000)]
    letters: dict[str, str] = {}
    for letter, simple in zip(every, _to_simplified().convert("\n".join(every)).split("\n"), strict=True):
        letters[simple] = letters.get(simple, "") + letter
    return letters


@cache
def _to_simplified() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
