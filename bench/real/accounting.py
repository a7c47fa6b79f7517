"""Whether every record that was sent is accounted for, by data set."""

from collections.abc import Iterable

import polars as pl
from rich.table import Table as Grid

from bench.real.packets import Packet
from jobs.io.lake import read_table

PARTS = {"clean": "silver.reports", "redelivered": "silver.redeliveries", "quarantined": "silver.quarantine"}


def by_set(lake: str, sent: Iterable[Packet]) -> pl.DataFrame:
    """One row a data set: messages and records sent, messages landed, and what became of the records."""
    wanted = (
        pl.DataFrame([(one.data_set, one.records) for one in sent], schema=["data_set", "records"], orient="row")
        .group_by("data_set", maintain_order=True)
        .agg(messages=pl.len(), records=pl.col("records").sum())
    )
    raw = read_table(lake, "bronze.raw", ["raw_id", "ce_id"])
    of_set = raw.select("raw_id", data_set=pl.col("ce_id").str.split("/").list.first())
    found = wanted.join(of_set.group_by("data_set").agg(landed=pl.len()), on="data_set", how="left")
    for outcome, table in PARTS.items():
        rows_of_set = read_table(lake, table, ["raw_id"]).join(of_set, on="raw_id").group_by("data_set")
        found = found.join(rows_of_set.agg(pl.len().alias(outcome)), on="data_set", how="left")
    parts = pl.sum_horizontal(*PARTS)
    return found.fill_null(0).with_columns(
        adds_up=(pl.col("records") == parts) & (pl.col("messages") == pl.col("landed"))
    )


def grid(found: pl.DataFrame) -> Grid:
    """The rows as a table for people."""
    shown = Grid(title="by data set: records sent = clean + redelivered + quarantined", title_justify="left")
    for name in found.columns:
        shown.add_column(name.replace("_", " "), justify="left" if name == "data_set" else "right")
    for row in found.iter_rows():
        shown.add_row(*map(_words, row))
    return shown


def _words(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:,}" if isinstance(value, int) else value
