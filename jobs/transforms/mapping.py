"""The source's items to canonical fields, still as the source wrote them: text, or nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from jobs.transforms.folding import folded
from schemas.feeds.contract import Feed, Item

PLACEHOLDERS = frozenset({"", "-", "--", "/", "null", "none", "NULL", "None", "N/A", "无", "未知", "不详"})
LONGEST = max(map(len, PLACEHOLDERS))
NOTHING = frozenset({""})
FREE_TEXT = frozenset({"text", "title", "source_id"})  # in these a dash or a 无 may be what was meant

Path = tuple[str, ...]
Column = list[str | None]


def mapped(items: Sequence[Item], feed: Feed) -> dict[str, Column]:
    """The items' canonical fields as text; kind and category as our codes, with the source's words beside them.

    A column a field that the feed maps, a value an item. Placeholders such as `-` and `无` count as nothing. A word for
    kind that the feed does not name gives kind None.
    """
    plan, values = _plan(feed), _Values(items)
    found = {name: values.said(paths, ignored) for name, paths, ignored in plan.fields}
    kinds = found["kind_words"] = values.said(plan.kind, PLACEHOLDERS)
    found["kind"] = [plan.kinds.get(folded(words)) if words else feed.default_kind for words in kinds]
    levels = [values.said((path,), PLACEHOLDERS) for path in plan.category] or [[None] * len(items)]
    matters = [[words for words in said if words] for said in zip(*levels, strict=True)]
    found["category"] = [_category(said, plan) if said else feed.default_category for said in matters]
    found["source_category"] = ["/".join(reversed(said)) or None for said in matters]
    return found


def content_hash(item: Item) -> str:
    """SHA-256 of what the source said: its item as JSON with sorted names. ValueError where it is nested too deep."""
    try:
        return hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from None


class _Values:
    """What lies at the paths of items: each step of a path is gone once, for all items."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.at: dict[Path, Sequence[Any]] = {(): items}

    def said(self, paths: tuple[Path, ...], ignored: frozenset[str]) -> Column:
        """Of each item, what the first path says that says anything."""
        found: Column = [None] * len(self.at[()])
        for number, path in enumerate(paths):
            said = [
                words
                if value is not None
                and (
                    len(words := value.strip() if value.__class__ is str else _words(value)) > LONGEST
                    or words not in ignored
                )
                else None
                for value in self._of(path)
            ]
            found = (
                [one if one is not None else other for one, other in zip(found, said, strict=True)] if number else said
            )
            if None not in found:
                break
        return found

    def _of(self, path: Path) -> Sequence[Any]:
        if path not in self.at:
            name, outer = path[-1], self._of(path[:-1])
            self.at[path] = [value.get(name) if value.__class__ is dict else None for value in outer]
        return self.at[path]


def _category(said: list[str], plan: "_Plan") -> str | None:
    return next((code for words in said if (code := plan.categories.get(folded(words)))), None)


def _words(value: Any) -> str:
    """A scalar as text, nothing for what is no scalar. Whole numbers lose their `.0`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else ""


@dataclass(frozen=True)
class _Plan:
    """A feed's mapping, made ready: of each field its name, its paths, and the words that say nothing there."""

    fields: tuple[tuple[str, tuple[Path, ...], frozenset[str]], ...]
    kind: tuple[Path, ...]
    category: tuple[Path, ...]
    kinds: Mapping[str, str]
    categories: Mapping[str, str]


def _plan(feed: Feed) -> _Plan:
    known = _PLANS.get(id(feed))
    if known is None or known[0] is not feed:
        known = _PLANS[id(feed)] = (feed, _planned(feed))
    return known[1]


_PLANS: dict[int, tuple[Feed, _Plan]] = {}  # a feed is not hashable: it holds mappings


def _planned(feed: Feed) -> _Plan:
    paths = {name: tuple(tuple(path.split(".")) for path in found) for name, found in feed.mapping.items()}
    return _Plan(
        fields=tuple(
            (name, found, NOTHING if name in FREE_TEXT else PLACEHOLDERS)
            for name, found in paths.items()
            if name not in ("kind", "category")
        ),
        kind=paths.get("kind", ()),
        category=paths.get("category", ()),
        kinds=_folded_words(feed.kinds),
        categories=_folded_words(feed.categories),
    )


def _folded_words(words: Mapping[str, str]) -> Mapping[str, str]:
    return {folded(word): code for word, code in words.items()}
