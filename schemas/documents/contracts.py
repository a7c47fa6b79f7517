"""A feed's contract as plain data, and what a later state of it would break."""

from typing import Any

from schemas.feeds.contract import Feed

Data = dict[str, Any]

MEANINGS = {
    "source_id": "the source's own id of the contact; the same for all its revisions",
    "revision": "whole number, grows with each change of the contact",
    "received_at": "when the source took the contact",
    "updated_at": "when the source last changed it",
    "kind": "what is asked for, in the source's words",
    "category": "what it is about, in the source's words",
    "text": "what was said",
    "title": "its heading",
    "place": "where, in words",
    "area_code": "administrative division code",
    "area_name": "name of the township or street",
    "grid_code": "grid",
    "lat": "degrees north",
    "lon": "degrees east",
    "coordinate_system": "of this record's point, where it is not the feed's",
    "caller_phone": "becomes a keyed token; the number is not stored outside bronze",
    "device_id": "camera or sensor",
}
FIXED = ("format", "encoding", "items_path", "time_zone", "coordinate_system", "default_kind")
GROWING = ("admits", "time_formats")  # may gain entries, never lose one


def file_name(feed: Feed) -> str:
    """`12345.v2`: a contract's name where files lie side by side."""
    return f"{feed.code}.v{feed.major}"


def contract_data(feed: Feed) -> Data:
    """Everything the contract promises, as JSON values. Samples are told by name and expected reasons."""
    plain = (
        "code", "contract_version", "name_zh", "name_en", "topic", "format", "encoding", "content_type", "items_path",
        "kinds", "default_kind", "categories", "default_category", "owner_unit", "time_zone", "coordinate_system",
        "expected_a_day", "retention_days",
    )  # fmt: skip
    return {
        **{name: getattr(feed, name) for name in plain},
        "mapping": {name: list(paths) for name, paths in feed.mapping.items()},
        "is_adapted": is_adapted(feed),
        "admits": list(feed.admits),
        "time_formats": list(feed.time_formats),
        "rhythm": [round(share, 5) for share in feed.rhythm],
        "samples": [{"name": sample.name, "reasons": list(sample.reasons)} for sample in feed.samples],
    }


def is_adapted(feed: Feed) -> bool:
    """Whether platforms differ so much that code brings messages to one shape, and the mapping is of that shape."""
    return feed.adapt is not None or feed.items_of is not None


def broken_promises(old: Data, new: Data) -> list[str]:
    """What a source that keeps to the old state of a contract would lose with the new one of the same version."""
    found = [f"{name} was {old[name]}" for name in FIXED if old[name] not in (None, new[name])]
    for name in GROWING:
        found += [f"{name} no longer has {entry}" for entry in old[name] if entry not in new[name]]
    found += [f"kind {word} was {code}" for word, code in old["kinds"].items() if new["kinds"].get(word) != code]
    for name, paths in old["mapping"].items():
        left_out = [path for path in paths if path not in new["mapping"].get(name, ())]
        found += [f"{name} is no longer read from {path}" for path in left_out]
    return found
