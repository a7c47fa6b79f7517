"""The source's item to canonical fields, still as the source wrote them: text, or nothing."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson

from jobs.transforms.folding import folded
from schemas.feeds.contract import Feed, Item

PLACEHOLDERS = frozenset({"", "-", "--", "/", "null", "none", "NULL", "None", "N/A", "无", "未知", "不详"})
FREE_TEXT = frozenset({"text", "title", "source_id"})  # in these a dash or a 无 may be what was meant


def mapped(item: Item, feed: Feed) -> dict[str, Any]:
    """The item's canonical fields as text; kind and category as our codes, with the source's words beside them.

    An item that is placeholders only maps to nothing. Words for kind that the feed does not name give kind None.
    """
    found = {name: read(item) for name, read in _readers(feed)}
    kind_words, category_words = found.get("kind") or [], found.get("category") or []
    found["kind_words"] = kind_words[0] if kind_words else None
    found["kind"] = _kinds(feed).get(folded(kind_words[0])) if kind_words else feed.default_kind
    known = (_categories(feed).get(folded(words)) for words in category_words)
    found["category"] = next((code for code in known if code), feed.default_category if not category_words else None)
    found["source_category"] = "/".join(reversed(category_words)) or None
    return found


def content_hash(item: Item) -> str:
    """SHA-256 of what the source said: its item as JSON with sorted names. ValueError where it is nested too deep."""
    try:
        return hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from None


Reader = Callable[[Item], Any]


@cache
def _reader_of(paths: tuple[tuple[str, ...], ...], is_list: bool, is_free: bool) -> Reader:
    def words(item: Item) -> list[str]:
        values = (_words(_at(item, path)) for path in paths)
        return [value for value in values if value and (is_free or value not in PLACEHOLDERS)]

    return words if is_list else lambda item: next(iter(words(item)), None)


def _readers(feed: Feed) -> Sequence[tuple[str, Reader]]:
    if feed.code not in _READERS or _READERS[feed.code][0] is not feed:
        _READERS[feed.code] = (feed, [
            (name, _reader_of(tuple(tuple(path.split(".")) for path in paths), name in ("kind", "category"), name in FREE_TEXT))
            for name, paths in feed.mapping.items()
        ])  # fmt: skip
    return _READERS[feed.code][1]


_READERS: dict[str, tuple[Feed, list[tuple[str, Reader]]]] = {}


def _at(item: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(item, dict):
            return None
        item = item.get(name)
    return item


def _words(value: Any) -> str | None:
    """A scalar as text, None for what is no scalar. Whole numbers lose their `.0`."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None


def _kinds(feed: Feed) -> Mapping[str, str]:
    return _folded_words(tuple(feed.kinds.items()))


def _categories(feed: Feed) -> Mapping[str, str]:
    return _folded_words(tuple(feed.categories.items()))


@cache
def _folded_words(words: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return {folded(word): code for word, code in words}
