"""What no record of ours has a column for: faces, identities, number plates, telephones, lists or scores of persons.

Warnings and figures are about counts of events in places. Feeds have the wider rule for foreign names
(`schemas.feeds.forbidden`); of our own names every word counts.
"""

from collections.abc import Iterator, Mapping

import dataframely as dy

from schemas.feeds.forbidden import forbidden_name

WORDS = frozenset({
    "face", "faces", "facial", "plate", "plates", "identity", "identities", "idcard", "passport", "person", "persons",
    "people", "phone", "phones", "mobile", "suspect", "suspects", "offender", "offenders", "fingerprint",
    "fingerprints", "iris", "gait", "biometric", "biometrics", "imsi", "imei", "birthday", "birthdate", "ethnicity",
    "religion", "watchlist", "blacklist",
})  # fmt: skip


def personal_columns(record: type[dy.Schema]) -> list[str]:
    """Paths of the record's columns, at any depth, that are about persons; none where all is well."""
    return [path for path in _paths(record.columns()) if _is_personal(path.rpartition(".")[2])]


def _is_personal(name: str) -> bool:
    return forbidden_name(name) or not WORDS.isdisjoint(name.lower().split("_"))


def _paths(columns: Mapping[str, dy.Column], outer: str = "") -> Iterator[str]:
    for name, column in columns.items():
        yield outer + name
        inner = _innermost(column)
        if isinstance(inner, dy.Struct):
            yield from _paths(inner.inner, f"{outer}{name}.")


def _innermost(column: dy.Column) -> dy.Column:
    return _innermost(column.inner) if isinstance(column, dy.List | dy.Array) else column
