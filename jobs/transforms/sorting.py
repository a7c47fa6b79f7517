"""Sort judged items: new reports, exact redeliveries of earlier ones, and those that broke their contract.

An item is one record of one message, pointed at by (raw_id, item_no). Once it has been placed in a table it stays
there: a batch that runs again, and a whole lake that is read again, places only what has no place yet.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from schemas.records import Batch, Quarantined, Redelivery

POINTER = ["raw_id", "item_no"]
REPORT_KEY = ["report_id", "revision", "content_hash"]
ITEM_COLUMNS = [*POINTER, *REPORT_KEY, "feed", "landed_at", "day", "reasons", "detail", "contract_version"]


@dataclass(frozen=True)
class Sorted:
    """Where the items of a batch that had no place yet belong.

    clean: raw_id, item_no, feed of the items that become reports.
    """

    clean: pl.DataFrame
    redelivered: pl.DataFrame
    quarantined: pl.DataFrame


def sort_out(items: pl.DataFrame, placed: pl.DataFrame, reports: pl.DataFrame) -> Sorted:
    """Give each item without a place its place; the order of the rows does not matter.

    items: one row an item, ITEM_COLUMNS; `reasons` empty or null where it is sound. placed: pointers of items that
    have a place in any table. reports: keys of the reports there are, with raw_id. Of several new items that say
    exactly the same, the first to land is the report.
    """
    fresh = items.join(placed, on=POINTER, how="anti")
    is_sound = pl.col("reasons").list.len().fill_null(0) == 0
    known = reports.select(*REPORT_KEY, known_raw_id="raw_id").unique(REPORT_KEY)
    sound = _in_order_of_landing(fresh.filter(is_sound)).join(known, on=REPORT_KEY, how="left", maintain_order="left")
    told = sound.with_columns(
        first_raw_id=pl.coalesce("known_raw_id", pl.col("raw_id").first().over(REPORT_KEY)),
        is_new=pl.col("known_raw_id").is_null() & (pl.int_range(pl.len()).over(REPORT_KEY) == 0),
    )
    return Sorted(
        clean=told.filter("is_new").select(*POINTER, "feed"),
        redelivered=told.filter(~pl.col("is_new")).select(Redelivery.column_names()),
        quarantined=fresh.filter(~is_sound).select(Quarantined.column_names()),
    )


def account(found: Sorted, job: str, run: str, batch_id: int, finished_at: datetime) -> pl.DataFrame:
    """One row a feed that had items to place; see `schemas.records.Batch`."""
    parts = [
        ("rows_clean", found.clean),
        ("rows_redelivered", found.redelivered),
        ("rows_quarantined", found.quarantined),
    ]
    counts = pl.concat(
        frame.select(pl.col("feed").cast(pl.String), pl.lit(name).alias("part")) for name, frame in parts
    )
    by_feed = counts.group_by("feed").agg(
        rows_in=pl.len().cast(pl.Int64),
        **{name: (pl.col("part") == name).sum().cast(pl.Int64) for name, _ in parts},
    )
    about = {"job": job, "run": run, "batch_id": batch_id, "finished_at": finished_at}
    return by_feed.with_columns(**{name: pl.lit(value) for name, value in about.items()}).select(Batch.column_names())


def _in_order_of_landing(items: pl.DataFrame) -> pl.DataFrame:
    """By time, then by place in Kafka: `topic/partition/offset`, the offset as a number."""
    parts = pl.col("raw_id").str.split("/").list
    topic, partition, offset = parts.get(0), parts.get(1), parts.get(2)
    return items.sort("landed_at", topic, partition.cast(pl.Int64), offset.cast(pl.Int64), "item_no")
