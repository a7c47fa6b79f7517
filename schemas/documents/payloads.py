"""JSON Schema of what a feed sends: its payload where that is JSON, else the records in it, field by field."""

from typing import Any

from schemas.documents.contracts import MEANINGS, is_adapted
from schemas.feeds.contract import EPOCH_MS, Feed

Schema = dict[str, Any]
WORDS = ("string", "null")
SCALARS: dict[str, tuple[str, ...]] = {
    "source_id": ("string", "integer"),
    "received_at": ("string",),
    "revision": ("integer", "string", "null"),
    "lat": ("number", "string", "null"),
    "lon": ("number", "string", "null"),
    "area_code": ("string", "integer", "null"),
    "caller_phone": ("string", "integer", "null"),
}


def payload_schema(feed: Feed) -> Schema:
    """A payload with one record or several. Fields that are not named are let pass and not stored.

    XML is described as its elements by name, a repeated one as an array; a form and a row of CSV by their fields.
    """
    if is_adapted(feed):
        return {"description": f"Any message of the platforms that the page on feed {feed.code} names."}
    item = item_schema(feed)
    if feed.format == "form":
        return item
    many = {"type": "array", "minItems": 1, "items": item}
    found: Schema = many if feed.format == "csv" else {"anyOf": [item, many]}
    for name in reversed(feed.items_path.split(".") if feed.items_path else ()):
        found = {"type": "object", "required": [name], "properties": {name: found}}
    return found


def item_schema(feed: Feed) -> Schema:
    """One record: the fields of the mapping at their paths."""
    root: Schema = {"type": "object", "properties": {}}
    for name, paths in feed.mapping.items():
        is_required = len(paths) == 1 and _is_required(name, feed)
        for path in paths:
            _put(root, path.split("."), _field(name, feed), is_required)
    return root


def _put(place: Schema, path: list[str], field: Schema, is_required: bool) -> None:
    name, *rest = path
    if is_required:
        place["required"] = sorted({*place.get("required", ()), name})
    if not rest:
        place["properties"][name] = field
        return
    inner = place["properties"].setdefault(name, {"type": ["object", "null"], "properties": {}})
    if is_required:
        inner["type"] = "object"
    _put(inner, rest, field, is_required)


def _is_required(name: str, feed: Feed) -> bool:
    return name in ("source_id", "received_at") or (name == "kind" and feed.default_kind is None)


def _field(name: str, feed: Feed) -> Schema:
    found: Schema = {"type": list(SCALARS.get(name, WORDS)), "description": _told(name, feed)}
    if name in ("received_at", "updated_at"):
        found |= _moment(name, feed)
    if _is_required(name, feed):
        found["minLength"] = 1
    if name == "kind":
        found["enum"] = [*feed.kinds, *([] if _is_required(name, feed) else ["", None])]
    if name == "category" and feed.categories:
        found["examples"] = list(feed.categories)[:8]
    return found


def _told(name: str, feed: Feed) -> str:
    system = f", {feed.coordinate_system}" if name in ("lat", "lon") else ""
    return f"{name}: {MEANINGS[name]}{system}"


def _moment(name: str, feed: Feed) -> Schema:
    formats = [form for form in feed.time_formats if form != EPOCH_MS]
    zone = (
        ""
        if all(form.endswith("z") for form in formats)
        else f"; local time of {feed.time_zone} where it names no zone"
    )
    is_number = EPOCH_MS in feed.time_formats
    types = [*(["integer"] if is_number else []), "string", *([] if name == "received_at" else ["null"])]
    number = "milliseconds since 1970, or " if is_number else ""
    return {"type": types, "description": f"{name}: {MEANINGS[name]}; {number}one of {', '.join(formats)}{zone}"}
