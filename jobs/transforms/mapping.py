"""The source's item to canonical fields, still as the source wrote them: text, or nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from jobs.transforms.folding import folded
from schemas.feeds.contract import Feed, Item

PLACEHOLDERS = frozenset({"", "-", "--", "/", "null", "none", "NULL", "None", "N/A", "无", "未知", "不详"})
NOTHING = frozenset({""})
FREE_TEXT = frozenset({"text", "title", "source_id"})  # in these a dash or a 无 may be what was meant

Path = tuple[str, ...]


def mapped(item: Item, feed: Feed) -> dict[str, Any]:
    """The item's canonical fields as text; kind and category as our codes, with the source's words beside them.

    Placeholders such as `-` and `无` count as nothing. A word for kind that the feed does not name gives kind None.
    """
    plan = _plan(feed)
    found: dict[str, Any] = {}
    for name, top, paths, ignored in plan.fields:
        value = item.get(top) if top else None
        said = value.strip() if isinstance(value, str) else ""
        found[name] = said if said and said not in ignored else _first(item, paths, ignored)
    words = found["kind_words"] = _first(item, plan.kind, PLACEHOLDERS)
    found["kind"] = plan.kinds.get(folded(words)) if words else feed.default_kind
    matters = [words for path in plan.category if (words := _first(item, (path,), PLACEHOLDERS))]
    known = (plan.categories.get(folded(words)) for words in matters)
    found["category"] = next((code for code in known if code), None) if matters else feed.default_category
    found["source_category"] = "/".join(reversed(matters)) or None
    return found


def content_hash(item: Item) -> str:
    """SHA-256 of what the source said: its item as JSON with sorted names. ValueError where it is nested too deep."""
    try:
        return hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from None


def _first(item: Item, paths: tuple[Path, ...], ignored: frozenset[str]) -> str | None:
    """What the first path says that says anything."""
    for path in paths:
        value: Any = item
        for name in path:
            if value.__class__ is not dict:
                value = None
                break
            value = value.get(name)
        if value is not None and (words := value.strip() if value.__class__ is str else _words(value)) not in ignored:
            return words
    return None


def _words(value: Any) -> str:
    """A scalar as text, nothing for what is no scalar. Whole numbers lose their `.0`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else ""


@dataclass(frozen=True)
class _Plan:
    """A feed's mapping, made ready: of each field its name, the surest name at the item's top, all paths."""

    fields: tuple[tuple[str, str | None, tuple[Path, ...], frozenset[str]], ...]
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
            (name, found[0][0] if len(found[0]) == 1 else None, found, NOTHING if name in FREE_TEXT else PLACEHOLDERS)
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
