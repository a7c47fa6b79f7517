"""Accounts of batches (`ops.batches`) that nobody will finish: they are brought to what was really placed."""

import polars as pl

from jobs.io.lake import Lake, Step
from schemas.records import Batch

ACCOUNTS = "ops.batches"
PLACES = {  # of each count the table whose rows it counts
    "rows_clean": "silver.reports",
    "rows_redelivered": "silver.redeliveries",
    "rows_quarantined": "silver.quarantine",
}


def step_of(job: str, run: str, batch_id: int) -> Step:
    """The step under which a batch writes its account and its rows."""
    return Step(f"{job}/{run}", batch_id)


def mend_accounts(lake: Lake, job: str, but: str) -> int:
    """Correct the last account of every other run of a job, and say how many rows changed.

    A batch first writes its account and then its rows, a table at a time. Cut short, it is done again and completes
    itself, but not where its checkpoint is lost: then a new run (`but`) finds the rest and counts it. What the old one
    did not place is taken out of its account. To be called before the new run counts anything; twice equals once.
    """
    booked = lake.read(ACCOUNTS, where=(pl.col("job") == job) & (pl.col("run") != but))
    last = booked.filter(pl.col("batch_id") == pl.col("batch_id").max().over("run"))
    batches = last.select("run", "batch_id").unique().rows()
    mended = [_mended(lake, last, step_of(job, run, batch_id), run) for run, batch_id in batches]
    changed = pl.concat([last.clear(), *mended])
    if changed.height:
        lake.upsert(ACCOUNTS, changed)
    return changed.height


def _mended(lake: Lake, accounts: pl.DataFrame, step: Step, run: str) -> pl.DataFrame:
    """The rows of a batch that say more than was placed, corrected. Batches of before steps were kept stay."""
    mine = accounts.filter(pl.col("run") == run)
    if not lake.has_taken(ACCOUNTS, step):
        return mine.clear()
    missing = [count for count, table in PLACES.items() if not lake.has_taken(table, step)]
    wrong = mine.filter(pl.sum_horizontal(pl.lit(0), *missing) > 0)
    fewer = wrong.with_columns(pl.lit(0, pl.Int64).alias(count) for count in missing)
    return fewer.with_columns(rows_in=pl.sum_horizontal(*PLACES)).select(Batch.column_names())
