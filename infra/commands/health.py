"""What `ninelines status` says of the data: tables that are blocked, feeds in alarm, and where Data Docs are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobs.settings import Settings

if TYPE_CHECKING:
    import polars as pl


def health_lines(settings: Settings) -> Iterator[str]:
    """One line a trouble, or that there is none; nothing where nobody has looked yet."""
    from jobs.io.lake import open_table

    if open_table(settings.lake_uri, "ops.quality") is not None:
        yield from _quality(settings)
    if open_table(settings.lake_uri, "ops.feed_health") is not None:
        yield from _feeds(settings)
    if open_table(settings.lake_uri, "ops.reconciliations") is not None:
        yield from _reconciliations(settings)


def _quality(settings: Settings) -> Iterator[str]:
    from jobs.io.lake import read_table
    from jobs.transforms.checking import blocked, newest

    checks = read_table(settings.lake_uri, "ops.quality")
    shut, last = blocked(checks), newest(checks)
    for table, failures in shut.items():
        yield f"quality  {table} is blocked, publish leaves it out: {'; '.join(failures)}"
    sound = f"{last.height - len(shut)} of {last.height} tables sound"
    yield f"quality  {sound}, {_looked(last)}; {settings.data_docs}/index.html"


def _feeds(settings: Settings) -> Iterator[str]:
    import polars as pl

    from jobs.io.lake import read_table
    from schemas.vocabulary import FEED_ALARMS, FEED_STATES

    rows = read_table(settings.lake_uri, "ops.feed_health").sort("checked_at")
    last = rows.unique("feed", keep="last", maintain_order=True).with_columns(pl.col("state").cast(pl.String))
    for row in last.filter(pl.col("state").is_in(FEED_ALARMS)).sort("feed").to_dicts():
        yield f"feed     {row['feed']} {row['state']} {FEED_STATES[row['state']].zh}: {row['detail']}"
    counted = last["state"].value_counts(sort=True).iter_rows()
    told = ", ".join(f"{count} {state}" for state, count in counted)
    yield f"feeds    {told}; {_looked(last)}"


def _reconciliations(settings: Settings) -> Iterator[str]:
    from jobs.io.lake import read_table

    rows = read_table(settings.lake_uri, "ops.reconciliations").sort("reconciled_at")
    for row in rows.unique("history", keep="last", maintain_order=True).sort("history").to_dicts():
        troubles = [f"{row[name]} {name}" for name in ("missing", "unknown", "different") if row[name]]
        told = f"{', '.join(troubles)}: {', '.join(row['examples'][:3])}" if troubles else "the lake has them all"
        yield f"history  {row['history']} until {row['until']:%Y-%m-%d %H:%M}Z: {row['store_rows']} rows, {told}"


def _looked(last: "pl.DataFrame") -> str:
    return f"last look {max(last['checked_at']):%Y-%m-%d %H:%M}Z" if last.height else "no look yet"
