"""What people say: sentences from templates and word lists, with the personal data in them marked and found again.

Templates lie in `texts/*.toml`, one table a category; a template may hold slots, whose words may hold slots again.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal

from schemas.vocabulary import CATEGORIES

TEXTS = Path(__file__).parent / "texts"
STYLES = ("told", "urgent", "calm", "asks", "suggests", "found", "device")
Side = Literal["all", "train", "test"]
SLOT = re.compile(r"\{(\w+)\}")
MARKED = re.compile("\x02(\\w+)\x03(.*?)\x04")
EVERY_FOURTH = 4  # templates held out for testing a classifier


@dataclass(frozen=True)
class Span:
    """A piece of a text that is personal, or `look_alike` when it only seems so. text[start:end] == value."""

    kind: str
    start: int
    end: int
    value: str


@dataclass(frozen=True)
class Said:
    text: str
    spans: tuple[Span, ...] = ()


def templates(category: str, style: str, side: Side = "all") -> list[str]:
    """The templates of one category and style; empty where there are none. Train and test share no template."""
    found = _grammar()[category].get(style, [])
    if side == "all" or len(found) < 2:
        return list(found)
    return [text for place, text in enumerate(found) if (place % EVERY_FOURTH == 1) == (side == "test")]


def styles(category: str) -> list[str]:
    return [style for style in STYLES if templates(category, style)]


def phrases(group: str, name: str) -> list[str]:
    """Turns of phrase that belong to no category: openings, closings."""
    return list(_common()[group][name])


def words_for(category: str, rng: Random) -> dict[str, str]:
    """One word for each of a category's own slots: what several tellers of one incident agree on."""
    return {slot: rng.choice(words) for slot, words in _grammar()[category].get("words", {}).items()}


def fill(template: str, category: str, rng: Random, given: dict[str, str]) -> str:
    """The template with every slot filled; `given` words come first. Personal data stay marked."""
    lists = _common()["words"] | _grammar()[category].get("words", {})
    while SLOT.search(template):
        template = SLOT.sub(lambda slot: given.get(slot[1]) or rng.choice(lists[slot[1]]), template)
    return template


def mark(kind: str, value: str) -> str:
    """A value that `plain` will find again as a span."""
    return f"\x02{kind}\x03{value}\x04"


def plain(marked: str) -> Said:
    """The text without marks, and where the marks were."""
    text, spans, end = "", [], 0
    for found in MARKED.finditer(marked):
        text += marked[end : found.start()]
        spans.append(Span(found[1], len(text), len(text) + len(found[2]), found[2]))
        text += found[2]
        end = found.end()
    return Said(text + marked[end:], tuple(spans))


@cache
def _common() -> dict[str, Any]:
    return tomllib.loads((TEXTS / "common.toml").read_text(encoding="utf-8"))


@cache
def _grammar() -> dict[str, Any]:
    files = (
        tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted(TEXTS.glob("*.toml"))
        if path.stem != "common"
    )
    found = {category: part for file in files for category, part in file.items()}
    if missing := set(CATEGORIES) - set(found):
        raise KeyError(f"{TEXTS}: no templates for {', '.join(sorted(missing))}")
    return found
