"""Two copies of what people did, PostgreSQL's and the lake's: where do they differ?

Each row is told as one line of text, the same on both sides; a day's lines, sorted by key, have one digest. Only days
whose digests differ are looked at row by row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5

import polars as pl

SEPARATOR = "|"  # in no id and no code


@dataclass(frozen=True)
class History:
    """One kind of rows that both sides hold. columns: what is compared, the key's first; at: when it happened."""

    name: str  # of the store's table; `gold.<name>` in the lake
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    at: str


HISTORIES = (
    History(
        "order_events", ("event_id",),
        ("event_id", "order_id", "version", "event", "to_state", "unit_code", "outcome", "occurred_at"), "occurred_at",
    ),
    History(
        "ratings", ("order_id", "attempt"),
        ("order_id", "attempt", "was_reached", "was_contacted", "was_solved", "satisfaction", "called_back_at"),
        "called_back_at",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """Keys of rows: the lake lacks them, the store does not know them, both tell them otherwise."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    different: tuple[str, ...]


def lines(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """Columns day (UTC), key, line. rows: of the record; instants as microseconds since 1970, null as nothing."""
    plain = [_as_text(name, kind) for name, kind in rows.select(history.columns).schema.items()]
    return rows.select(
        day=pl.col(history.at).dt.date(),
        key=pl.concat_str([pl.col(name).cast(pl.String) for name in history.keys], separator=SEPARATOR),
        line=pl.concat_str(plain, separator=SEPARATOR),
    )


def digests(told: pl.DataFrame) -> dict[object, tuple[int, str]]:
    """Day -> rows and MD5 of its lines, in the order of their keys, with line breaks between them."""
    by_day = told.sort("day", "key").group_by("day", maintain_order=True).agg("line")
    return {day: (len(found), md5("\n".join(found).encode()).hexdigest()) for day, found in by_day.iter_rows()}  # noqa: S324 - it tells copies apart, nobody forges them


def differing_days(store: Mapping[object, tuple[int, str]], lake: Mapping[object, tuple[int, str]]) -> list[object]:
    """Days that are not the same on both sides."""
    return sorted((day for day in store.keys() | lake.keys() if store.get(day) != lake.get(day)), key=str)


def difference(store: pl.DataFrame, lake: pl.DataFrame) -> Difference:
    """What differs. store, lake: rows of `lines`, of the same days."""
    both = store.join(lake, on="key", suffix="_lake")
    return Difference(
        tuple(store.join(lake, on="key", how="anti")["key"].sort()),
        tuple(lake.join(store, on="key", how="anti")["key"].sort()),
        tuple(both.filter(pl.col("line") != pl.col("line_lake"))["key"].sort()),
    )


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        column = column.dt.epoch("us")
    elif kind == pl.Boolean:
        column = column.cast(pl.Int8)
    return column.cast(pl.String).fill_null("")
