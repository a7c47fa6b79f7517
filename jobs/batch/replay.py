"""Judge quarantined records again after a contract was corrected, and give the sound ones their place.

Not a job of the catalogue: a person calls it (`ninelines quarantine replay`). It holds the locks of `clean`. It goes
day by day of landing, oldest first, so that memory holds one day's records and only those days of bronze are read.
Cut short, it is done again with the same end: a day's account is written first, under a number made of the records it
moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

import polars as pl

from jobs.catalog import FEED_TOPIC_PREFIX
from jobs.context import Context, NothingToDoError, Result
from jobs.io.caller_key import caller_keys
from jobs.io.lake import Lake
from jobs.transforms.cleaning import clean
from jobs.transforms.quarantine import Chosen, changed
from jobs.transforms.sorting import ITEM_COLUMNS, POINTER, REPORT_KEY, Sorted, account, sort_out
from schemas.areas import load_county
from schemas.records import Quarantined, Report

MESSAGES = 20_000  # whose bytes are in memory at once
COUNTS = ("judged", "rows_clean", "rows_redelivered", "still_quarantined", "bytes_expired")


@dataclass(frozen=True)
class Day:
    """One day's records, judged again. still: those that stay, as they are judged now; gone: the bytes expired."""

    meant: pl.DataFrame
    judged: pl.DataFrame
    found: Sorted
    moved: pl.DataFrame
    still: pl.DataFrame
    gone: int


def replay(context: Context, chosen: Chosen, is_dry: bool = False) -> Result:
    """Move what is sound now to silver, and tell the rest's reasons anew; counts, and why the rest stays.

    is_dry: only say what would become of them. Raises NothingToDoError where nothing chosen is in quarantine.
    """
    lake = context.lake
    from_feeds = pl.col("raw_id").str.starts_with(FEED_TOPIC_PREFIX)  # others were never in bronze
    pointers = lake.read("silver.quarantine", [*POINTER, "landed_at"], chosen.where & from_feeds)
    if pointers.is_empty():
        raise NothingToDoError("replay: nothing in quarantine is meant")
    known = Report.create_empty().select(*REPORT_KEY, "raw_id")
    total = dict.fromkeys(COUNTS, 0)
    reasons: dict[str, int] = {}
    for landed_day in pointers["landed_at"].dt.date().unique().sort():
        day = _day(context, pointers.filter(pl.col("landed_at").dt.date() == landed_day), landed_day, known)
        if not is_dry:
            _write(lake, day)
        known = pl.concat([known, _keys(day)])
        total = {name: total[name] + count for name, count in _counts(day).items()}
        for reason in day.still["reasons"].explode():
            reasons[str(reason)] = reasons.get(str(reason), 0) + 1
    return total | {"still_because": reasons, "is_dry": is_dry}


def _day(context: Context, pointers: pl.DataFrame, landed_day: date, known: pl.DataFrame) -> Day:
    """Judge the records of one day. known: keys of reports that this run placed before; of use where it is dry."""
    lake, ids = context.lake, pointers["raw_id"].unique().sort()
    stored = lake.read("silver.quarantine", where=pl.col("raw_id").is_in(ids.to_list()))
    meant = stored.join(pointers, on=POINTER, how="semi")
    judged = pl.concat(_judged(context, ids, landed_day))
    found, moved = _sorted(lake, judged.select(ITEM_COLUMNS), stored, meant, known)
    is_sound = pl.col("reasons").list.len().fill_null(0) == 0
    still = judged.filter(~is_sound).join(meant, on=POINTER, how="semi").select(Quarantined.column_names())
    gone = meant.join(judged, on="raw_id", how="anti").height
    return Day(meant, judged, found, moved, still, gone)


def _judged(context: Context, ids: pl.Series, landed_day: date) -> Iterator[pl.DataFrame]:
    """The messages as they are judged now, without their bytes; one frame even where all have expired."""
    keys, county = caller_keys(context.settings), load_county(context.settings.rules_dir)
    of_day = pl.col("landed_day") == landed_day
    for start in range(0, len(ids), MESSAGES):
        some = ids.slice(start, MESSAGES).to_list()
        yield clean(context.lake.read("bronze.raw", where=of_day & pl.col("raw_id").is_in(some)), keys, county)


def _sorted(
    lake: Lake, items: pl.DataFrame, stored: pl.DataFrame, meant: pl.DataFrame, known: pl.DataFrame
) -> tuple[Sorted, pl.DataFrame]:
    """Where the items belong, and the pointers of those that leave quarantine.

    A message that could not be read was one item; read now, it may hold more, which have no place yet.
    """
    is_sound = pl.col("reasons").list.len().fill_null(0) == 0
    moved = meant.select(POINTER).join(items.filter(is_sound), on=POINTER, how="semi")
    stay = stored.select(POINTER).join(moved, on=POINTER, how="anti")
    days, ids = items["day"].drop_nulls().unique().to_list(), stored["raw_id"].unique().to_list()
    reports = lake.read("silver.reports", [*POINTER, *REPORT_KEY], pl.col("day").is_in(days))
    # An earlier try may have given some a place already and been killed before they left quarantine.
    others = pl.concat(
        [reports.select(POINTER), lake.read("silver.redeliveries", POINTER, pl.col("raw_id").is_in(ids))]
    )
    placed = pl.concat([stay, others.join(moved, on=POINTER, how="anti")])
    there = reports.join(moved, on=POINTER, how="anti").select(*REPORT_KEY, "raw_id")
    return sort_out(items, placed, pl.concat([there, known.select(there.columns)])), moved


def _write(lake: Lake, day: Day) -> None:
    """Into their tables first, out of quarantine last: at no time is one nowhere."""
    _book(lake, day.found, day.moved)
    reports = day.judged.join(day.found.clean, on=POINTER, how="semi").select(Report.column_names())
    lake.append_new("silver.reports", reports)
    lake.append_new("silver.redeliveries", day.found.redelivered)
    lake.append_new("silver.quarantine", day.found.quarantined)
    if (told_anew := changed(day.still, day.meant)).height:
        lake.upsert("silver.quarantine", told_anew)
    lake.remove("silver.quarantine", day.moved)


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


def _keys(day: Day) -> pl.DataFrame:
    placed = day.judged.join(day.found.clean, on=POINTER, how="semi")
    return placed.select(*REPORT_KEY, "raw_id")


def _counts(day: Day) -> dict[str, int]:
    return {
        "judged": day.meant.height - day.gone,
        "rows_clean": day.found.clean.height,
        "rows_redelivered": day.found.redelivered.height,
        "still_quarantined": day.meant.height - day.moved.height,
        "bytes_expired": day.gone,
    }
