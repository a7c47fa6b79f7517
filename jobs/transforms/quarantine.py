"""The quarantine (隔离区) as an engineer asks for it: which records, and how many for which reason."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

POINTER = ["raw_id", "item_no"]


@dataclass(frozen=True)
class Chosen:
    """Which quarantined records are meant; None means any. since and until cut [since, until) of landed_at."""

    feed: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def where(self) -> pl.Expr:
        """The condition on rows of the quarantine, codes being strings."""
        meant = pl.lit(value=True)
        if self.feed:
            meant &= pl.col("feed") == self.feed
        if self.reason:
            meant &= pl.col("reasons").list.contains(self.reason)
        if self.since:
            meant &= pl.col("landed_at") >= self.since
        if self.until:
            meant &= pl.col("landed_at") < self.until
        return meant


def counts(quarantine: pl.DataFrame) -> pl.DataFrame:
    """Records by feed and reason, the most frequent first; a record with two reasons counts under both."""
    reasons = quarantine.select("feed", pl.col("reasons").cast(pl.List(pl.String)).alias("reason"))
    found = reasons.explode("reason").group_by("feed", "reason").agg(records=pl.len())
    return found.sort("records", "feed", "reason", descending=[True, False, False])


def changed(judged: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Rows of `judged` that are in quarantine already, with other reasons or words than are stored there."""
    told = ["reasons", "detail", "contract_version"]
    before = stored.select(*POINTER, *(pl.col(name).alias(f"{name}_before") for name in told))
    both = judged.join(before, on=POINTER)
    differs = pl.any_horizontal(
        pl.col(name).cast(stored.schema[name]).ne_missing(pl.col(f"{name}_before")) for name in told
    )
    return both.filter(differs).select(judged.columns)
