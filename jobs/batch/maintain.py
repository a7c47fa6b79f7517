"""Keep lake and store small and quick: expire raw bytes, attachments and what was sent on, compact small files."""

from datetime import date

import polars as pl

from jobs.context import Context, NothingToDoError, Result
from jobs.io.aging import drop_old
from jobs.io.attachments import tend_attachments
from jobs.io.lake import APPENDED, open_table
from jobs.io.locks import LockedError, Owner, held, now
from jobs.settings import path_of
from schemas.feeds import FEEDS
from schemas.lake import TABLES

LISTERS = 4
BY_SPARK = ("bronze.raw",)  # a table is written by Spark or by deltalake, never by both
UNREGISTERED_DAYS = 30  # of messages whose topic belongs to no feed


def run(context: Context) -> Result:
    """Maintain every table that exists. Those that another driver is writing now are left for the next time.

    Tables that only gain rows are compacted beside their writer: Delta sets such a commit aside from appends.
    """
    there = [name for name in TABLES if open_table(context.lake.uri, name) is not None]
    if not there:
        raise NothingToDoError("maintain: the lake is empty")
    expired = _expire(context) if "bronze.raw" in there else 0
    busy = [name for name in there if not _compact(context, name)]
    attachments = tend_attachments(context.settings, context.now)
    dropped = drop_old(context.settings, context.now)
    return {"tables": len(there) - len(busy), "busy": busy, "raw_expired": expired, **attachments, **dropped}


def _expire(context: Context) -> int:
    """Delete raw messages past their feed's retention. Reports keep the pointer; streams skip such commits."""
    days = context.lake.read("bronze.raw", ["feed", "landed_day"]).unique()
    kept = {code: feed.retention_days for code, feed in FEEDS.items()}
    limit = pl.col("feed").replace_strict(kept, default=UNREGISTERED_DAYS, return_dtype=pl.Int64)
    today = context.now.date()
    past = days.filter(pl.lit(today) - pl.col("landed_day") > pl.duration(days=limit))
    feeds = past.group_by("feed").agg(pl.col("landed_day").max())
    return sum(_deleted(context, feed, last) for feed, last in feeds.iter_rows())


def _deleted(context: Context, feed: str, last: date) -> int:
    where = f"feed = '{_quoted(feed)}' AND landed_day <= DATE'{last}'"
    path = path_of(context.lake.uri, "bronze.raw")
    done = context.lake.spark.sql(f"DELETE FROM delta.`{path}` WHERE {where}").collect()  # noqa: S608 - our own path and predicate
    return int(done[0][0])


def _compact(context: Context, name: str) -> bool:
    """OPTIMIZE and VACUUM one table (files unread for seven days); False where its writer is at work."""
    if name.startswith(APPENDED):
        _tidy(context, name)
        return True
    owner = Owner("maintain", context.lake.session_id, is_continuous=False, since=now())
    try:
        with held(context.settings.state_dir / "locks", [name], owner):
            _tidy(context, name)
    except LockedError:
        return False
    return True


def _tidy(context: Context, name: str) -> None:
    if name not in BY_SPARK:
        context.lake.tidy(name)
        return
    path, spark = path_of(context.lake.uri, name), context.lake.spark
    # Spark would list a folder in ten thousand tasks: minutes for each table.
    spark.conf.set("spark.sql.sources.parallelPartitionDiscovery.parallelism", LISTERS)
    spark.sql(f"OPTIMIZE delta.`{path}`").collect()
    spark.sql(f"VACUUM delta.`{path}`").collect()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
