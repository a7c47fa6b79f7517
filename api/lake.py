"""What engineers see of the lake itself: the pipeline's own tables, read as they are now. The API writes none."""

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from jobs.settings import Settings
from schemas.lake import TABLES


def newest(settings: Settings, name: str, by: str) -> pl.DataFrame:
    """The row with the newest `checked_at` for each value of `by`; empty where the table is not there yet."""
    record = TABLES[name].record
    try:
        rows = pl.scan_delta(DeltaTable(**settings.lake_uri.table(name)))
    except TableNotFoundError:
        return record.create_empty()
    last = rows.select(record.column_names()).sort("checked_at").unique(by, keep="last", maintain_order=True)
    return last.sort(by).collect()
