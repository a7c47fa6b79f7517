"""Bronze to silver: parse, redact and judge each message by its feed's contract; account for every item.

What makes running twice equal to running once: the account of a batch is written first and only once, every item
that has a place already is left where it is, and tables only gain rows that they lack. So a batch that is cut short
and done again completes itself, and a lake read again from its beginning (lost checkpoint) changes nothing.
Where the checkpoint is lost together with a batch cut short, nobody finishes that batch: what it had no time to place
is taken out of its account (`jobs.io.accounts`) before a new run counts it.
"""

from datetime import UTC, datetime
from functools import cache, partial

import polars as pl
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.context import Context, NothingToDoError, Result
from jobs.io.accounts import mend_accounts, step_of
from jobs.io.caller_key import caller_keys
from jobs.io.checkpoints import checkpoint_id, has_read_table
from jobs.io.lake import Lake, read_table
from jobs.io.queries import Progress, run_query
from jobs.settings import Settings, path_of
from jobs.streaming.judging_rows import PACKED, judged_rows, unpacked
from jobs.transforms.sorting import ITEM_COLUMNS, POINTER, REPORT_KEY, Sorted, account, sort_out
from schemas import forms
from schemas.records import Report

JOB = "clean"
WRITES = ("silver.reports", "silver.redeliveries", "silver.quarantine", "ops.batches")
MAX_BYTES = "64m"  # of bronze, compressed, in one batch: bounds memory
COUNTS = ("rows_in", "rows_clean", "rows_redelivered", "rows_quarantined")


def run(context: Context) -> Result:
    """Give every message landed since the last time its place in silver."""
    lake, settings = context.lake, context.settings
    checkpoint = f"{settings.checkpoints}/clean"
    if not context.is_continuous and has_read_table(checkpoint, lake.uri, "bronze.raw"):
        raise NothingToDoError("clean: nothing new")
    for name in ("bronze.raw", *WRITES):
        lake.ensure(name)
    caller_keys(settings)  # a broken file stops the job here
    messages = lake.spark.readStream.format("delta").option("maxBytesPerTrigger", MAX_BYTES)
    # Expiry and compaction rewrite files: what they hold has been seen.
    bronze = messages.option("skipChangeCommits", "true").load(path_of(lake.uri, "bronze.raw"))
    sink = bronze.writeStream.foreachBatch(partial(place, settings=settings, checkpoint=checkpoint))
    batches = run_query(sink, "clean", checkpoint, context.is_continuous, lambda batch: _counts(settings, [batch]))
    return {"batches": len(batches), **_counts(settings, batches)}


def place(messages: DataFrame, batch_id: int, settings: Settings, checkpoint: str) -> None:
    """One batch: judge by the keys there are now, account, write."""
    judged = unpacked(judge(messages, settings).toArrow())
    put(Lake(settings), judged, _run_of(messages.sparkSession, checkpoint), batch_id)


def put(lake: Lake, judged: pa.Table, run: str, batch_id: int) -> None:
    """Account for a batch of judged items and write them. run: whose batch it is, the checkpoint's id."""
    if batch_id == 0:
        mend_accounts(lake, JOB, but=run)
    items = pl.DataFrame(judged.select(ITEM_COLUMNS))
    if items.is_empty():
        return
    found = sort_out(items, _placed(lake, items), _reports(lake, items))
    step = step_of(JOB, run, batch_id)
    lake.append_new("ops.batches", account(found, JOB, run, batch_id, datetime.now(UTC)), step)
    lake.append("silver.reports", _chosen(judged, items, found), step)
    lake.append_new("silver.redeliveries", found.redelivered, step)
    lake.append_new("silver.quarantine", found.quarantined, step)


def judge(messages: DataFrame, settings: Settings) -> DataFrame:
    """Packs of judged items: a report's columns, all reasons against it, and a detail for the engineer."""
    rows = partial(judged_rows, keys=caller_keys(settings), rules=settings.rules_dir)
    read = messages.select("topic", "feed", "raw_id", "landed_at", "payload")
    return read.mapInArrow(rows, from_arrow_schema(PACKED))


def _placed(lake: Lake, items: pl.DataFrame) -> pl.DataFrame:
    """Pointers of the items that have a place already, of the time these items landed in."""
    then = pl.col("landed_at").is_between(items["landed_at"].min(), items["landed_at"].max())
    return pl.concat(lake.read(name, POINTER, then) for name in WRITES[:3])


def _reports(lake: Lake, items: pl.DataFrame) -> pl.DataFrame:
    days = items["day"].drop_nulls().unique().to_list()
    return lake.read("silver.reports", [*REPORT_KEY, "raw_id"], pl.col("day").is_in(days))


def _chosen(judged: pa.Table, items: pl.DataFrame, found: Sorted) -> pa.Table:
    """The new reports among the judged items, whose rows are in the same order."""
    chosen = items.select(POINTER).with_row_index("row").join(found.clean, on=POINTER, how="semi")["row"].sort()
    schema = forms.arrow_schema(Report)
    return judged.take(chosen.to_arrow()).select(schema.names).cast(schema)


@cache
def _run_of(spark: SparkSession, checkpoint: str) -> str:
    return checkpoint_id(spark, checkpoint)


def _counts(settings: Settings, batches: list[Progress]) -> Result:
    """What `ops.batches` says of these batches of one checkpoint, all feeds together."""
    mine = (pl.col("run") == str(batches[0].id)) & pl.col("batch_id").is_in([batch.batchId for batch in batches])
    booked = read_table(settings.lake_uri, "ops.batches", where=mine)
    return {name: int(booked[name].sum()) for name in COUNTS}
