"""Judge quarantined records again after a contract was corrected, and give the sound ones their place.

Not a job of the catalogue: a person calls it (`ninelines replay`). It holds the locks of `clean`. Cut short, it is
done again with the same end: its account is written first, under a number made of the records it moves.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import polars as pl

from jobs.context import Context, NothingToDoError, Result
from jobs.io.caller_key import caller_key
from jobs.io.lake import Lake
from jobs.transforms.cleaning import clean
from jobs.transforms.sorting import ITEM_COLUMNS, POINTER, REPORT_KEY, Sorted, account, sort_out
from schemas.areas import load_county
from schemas.records import Report


@dataclass(frozen=True)
class Chosen:
    """Which quarantined records to judge again; None means any."""

    feed: str | None = None
    reason: str | None = None
    since: datetime | None = None

    def rows(self, quarantine: pl.DataFrame) -> pl.DataFrame:
        """The quarantined rows that are meant."""
        meant = pl.lit(value=True)
        if self.feed:
            meant &= pl.col("feed") == self.feed
        if self.reason:
            meant &= pl.col("reasons").list.eval(pl.element().cast(pl.String)).list.contains(self.reason)
        if self.since:
            meant &= pl.col("landed_at") >= self.since
        return quarantine.filter(meant)


def replay(context: Context, chosen: Chosen) -> Result:
    """Move what is sound now to silver; counts. Raises NothingToDoError where nothing chosen is in quarantine."""
    lake = context.lake
    quarantine = lake.read("silver.quarantine")
    meant = chosen.rows(quarantine)
    if meant.is_empty():
        raise NothingToDoError("replay: nothing in quarantine is meant")
    raw = lake.read("bronze.raw", where=pl.col("raw_id").is_in(meant["raw_id"].unique().to_list()))
    judged = clean(raw, caller_key(context.settings), load_county(context.settings.rules_dir))
    found, moved = _sorted(lake, judged.select(ITEM_COLUMNS), quarantine, meant)
    _book(lake, found, moved)
    _place(lake, judged, found, moved)
    expired = meant.join(raw, on="raw_id", how="anti").height
    return {
        "judged": meant.height,
        "rows_clean": found.clean.height,
        "rows_redelivered": found.redelivered.height,
        "still_quarantined": meant.height - moved.height,
        "bytes_expired": expired,
    }


def _sorted(
    lake: Lake, items: pl.DataFrame, quarantine: pl.DataFrame, meant: pl.DataFrame
) -> tuple[Sorted, pl.DataFrame]:
    """Where the items belong, and the pointers of those that leave quarantine.

    A message that could not be read was one item; read now, it may hold more, which have no place yet.
    """
    is_sound = pl.col("reasons").list.len().fill_null(0) == 0
    moved = meant.select(POINTER).join(items.filter(is_sound), on=POINTER, how="semi")
    stay = quarantine.select(POINTER).join(moved, on=POINTER, how="anti")
    days = items["day"].drop_nulls().unique().to_list()
    reports = lake.read("silver.reports", [*POINTER, *REPORT_KEY], pl.col("day").is_in(days))
    # An earlier try may have given some a place already and been killed before they left quarantine.
    others = pl.concat([reports.select(POINTER), lake.read("silver.redeliveries", POINTER)])
    placed = pl.concat([stay, others.join(moved, on=POINTER, how="anti")])
    known = reports.join(moved, on=POINTER, how="anti")
    return sort_out(items, placed, known), moved


def _book(lake: Lake, found: Sorted, moved: pl.DataFrame) -> None:
    """A row a feed: what left quarantine is counted there as less than nothing, so that all batches still add up."""
    if not (moved.height or found.quarantined.height):
        return
    touched = pl.concat([moved, found.clean.select(POINTER), found.quarantined.select(POINTER)]).unique().sort(POINTER)
    run = sha256(touched.write_csv().encode()).hexdigest()[:32]
    booked = account(found, "replay", run, 0, datetime.now(UTC))
    left = pl.concat([found.clean.select(*POINTER, "feed"), found.redelivered.select(*POINTER, "feed")])
    left = left.join(moved, on=POINTER, how="semi").group_by("feed").agg(left=pl.len().cast(pl.Int64))
    booked = booked.join(left, on="feed", how="left").with_columns(pl.col("left").fill_null(0))
    lake.append_new(
        "ops.batches",
        booked.with_columns(pl.col("rows_in") - pl.col("left"), pl.col("rows_quarantined") - pl.col("left")).drop(
            "left"
        ),
    )


def _place(lake: Lake, judged: pl.DataFrame, found: Sorted, moved: pl.DataFrame) -> None:
    """Into their tables first, out of quarantine last: at no time is one nowhere."""
    reports = judged.join(found.clean, on=POINTER, how="semi").select(Report.column_names())
    lake.append_new("silver.reports", reports)
    lake.append_new("silver.redeliveries", found.redelivered)
    lake.append_new("silver.quarantine", found.quarantined)
    lake.remove("silver.quarantine", moved)
