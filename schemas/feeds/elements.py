"""Elements of a message by name, whatever the case of the name and whether their words came as text or as numbers."""

import re

from schemas.feeds.contract import Item

ZERO = re.compile(r"[+-]?0*\.?0*")
NOTHING = frozenset({"", "-", "--", "null", "(null)", "none", "nil", "undefined", "无"})


def lowered(item: object) -> Item:
    """The children of an element by lower-case name; the first of two says more. Empty for what has none."""
    found: Item = {}
    for name, value in item.items() if isinstance(item, dict) else ():
        key = name.lower()
        if found.get(key) in ("", None):
            found[key] = value
    return found


def words(item: Item, *names: str) -> str | None:
    """The words of the first of these children that says anything; of a repeated one, the first."""
    for name in names:
        found = item.get(name)
        if isinstance(found, list) and found:
            found = found[0]
        if isinstance(found, int | float) and not isinstance(found, bool):
            found = str(int(found)) if float(found).is_integer() else str(found)
        if isinstance(found, str) and (said := found.strip()).lower() not in NOTHING:
            return said
    return None


def children(item: Item, *names: str) -> list[Item]:
    """The children of these names that hold elements themselves, with lower-case names."""
    values = [item.get(name) for name in names]
    return [
        lowered(one)
        for value in values
        for one in (value if isinstance(value, list) else [value])
        if isinstance(one, dict)
    ]


def shown(word: str) -> str:
    """A code for the engineer to read; `?` for what may be more than a code."""
    return word if word.isascii() and word.replace("_", "").isalnum() and len(word) <= 40 else "?"


def is_zero(number: str) -> bool:
    """Whether a coordinate is written as zero, which no place in China has: the device does not know where it is."""
    return ZERO.fullmatch(number) is not None
