"""import_history: hourly counts from before the lake began, so that warnings know a past.

Hours that the lake has reports of do not belong into the archive: both would be counted.
"""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.csv_files import read_csv
from schemas.records import PastCount


def run(context: Context) -> Result:
    """Append the rows of `file=PATH` (Parquet, or CSV with the columns of PastCount) that are not there yet."""
    rows = past_counts(_file(context.options))
    written = context.lake.append_new("gold.past_counts", rows)
    if not written:
        raise NothingToDoError(f"all {rows.height} rows are in gold.past_counts already")
    return {"rows": rows.height, "rows_new": written}


def past_counts(path: Path) -> pl.DataFrame:
    """PastCount columns as the file says. Raises DataError where it cannot be read; the lake checks the rules."""
    columns = PastCount.column_names()
    if path.suffix == ".parquet":
        try:
            return pl.read_parquet(path, columns=columns)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise DataError(
                f"{path}: cannot be read as Parquet with the columns {', '.join(columns)}: {error}"
            ) from error
    rows = read_csv(path, columns)
    hours = {hour: _instant(hour, path) for hour in rows["hour_at"].unique()}
    return rows.with_columns(
        pl.col("hour_at").replace_strict(hours, return_dtype=pl.Datetime("us", "UTC")),
        pl.col("count").cast(pl.Int64, strict=False),
    )


def _file(options: tuple[str, ...]) -> Path:
    named = [option.removeprefix("file=") for option in options if option.startswith("file=")]
    if len(named) != 1:
        raise DataError("import_history needs one option file=PATH, a Parquet or CSV file")
    return Path(named[0])


def _instant(text: str, path: Path) -> datetime:
    try:
        hour = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{path}: hour_at {text!r} is no ISO time") from error
    if hour.tzinfo is None:
        raise DataError(f"{path}: hour_at {text!r} names no time zone; write 2026-01-01T08:00:00+08:00")
    return hour.astimezone(UTC)
