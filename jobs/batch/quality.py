"""A second look at what lies in the lake: does every report keep its contract? Answers as Data Docs, for people.

Looks at whole local days, because a report and all its copies lie in one: only so are keys seen to be unique.
"""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from jobs.catalog import TIME_ZONE
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.lake import open_table
from schemas.lake import TABLES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

TABLE = TABLES["silver.reports"]
# Counts only: what a row says never reaches the results.
COUNTS_ONLY = {"result_format": "BASIC", "exclude_unexpected_values": True}


def run(context: Context) -> Result:
    """Check the days of the window, else all days with rows that landed since the last check that succeeded.

    Raises DataError that names each broken expectation; the days are then checked again next time.
    """
    folder = context.settings.state_dir.absolute() / "quality"
    position = folder / "checked_until.json"
    stored = _stored(context)
    days, until = _days(stored, context, None if context.start else _checked_until(position))
    rows = stored.filter(pl.col("day").is_in(days)).collect()
    verdict = _verdict(rows, folder, f"{days[0]} to {days[-1]}")
    if broken := [_told(result) for result in verdict.results if not result.success]:
        raise DataError(f"{TABLE.name}, {days[0]} to {days[-1]}: {'; '.join(broken)}; see {_docs(folder)}")
    if context.start is None:
        position.write_text(json.dumps({"landed_at": until.isoformat()}))
    counts = {"days": len(days), "rows": rows.height, "expectations": len(verdict.results)}
    return {"success": True, **counts, "data_docs": str(_docs(folder))}


def _stored(context: Context) -> pl.LazyFrame:
    """The table as it is stored, codes unchecked."""
    table = open_table(context.lake.uri, TABLE.name)
    if table is None:
        raise NothingToDoError(f"{TABLE.name} holds nothing yet")
    return pl.scan_delta(table).select(TABLE.record.column_names())


def _days(stored: pl.LazyFrame, context: Context, since: datetime | None) -> tuple[list[date], datetime]:
    """Local days to look at, and the time of the last row that landed on them."""
    if context.start and context.end:
        first, last = _local_day(context.start), _local_day(context.end - timedelta(microseconds=1))
        wanted = pl.col("day").is_between(first, last)
    else:
        wanted = pl.col("landed_at") > since if since else pl.lit(value=True)
    found = stored.filter(wanted).select(pl.col("day"), pl.col("landed_at")).collect()
    if found.is_empty():
        raise NothingToDoError(f"{TABLE.name}: no row to check")
    return found["day"].unique().sort().to_list(), found["landed_at"].max()  # type: ignore[return-value]


def _verdict(rows: pl.DataFrame, folder: Path, name: str) -> "ExpectationSuiteValidationResult":
    """What Great Expectations says of the rows; kept below the folder, with Data Docs."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    from jobs.transforms.expectations import expectations, judged

    folder.mkdir(parents=True, exist_ok=True)
    house = gx.get_context(mode="file", project_root_dir=folder)
    house.variables.progress_bars = {"globally": False}
    suite = house.suites.add_or_update(gx.ExpectationSuite(name=TABLE.name, expectations=expectations(TABLE.record)))
    asset = house.data_sources.add_or_update_pandas("lake").add_dataframe_asset(TABLE.name)
    batch = asset.add_batch_definition_whole_dataframe("days")
    question = house.validation_definitions.add_or_update(
        gx.ValidationDefinition(name=TABLE.name, data=batch, suite=suite)
    )
    checkpoint = house.checkpoints.add_or_update(
        gx.Checkpoint(
            name=TABLE.name,
            validation_definitions=[question],
            actions=[gx.checkpoint.UpdateDataDocsAction(name="data_docs")],
            result_format=COUNTS_ONLY,
        )
    )
    done = checkpoint.run({"dataframe": judged(rows, TABLE.record)}, run_id=gx.RunIdentifier(run_name=name))
    return next(iter(done.run_results.values()))


def _told(result: Any) -> str:
    """`expect_column_values_to_not_be_null(text): 3 of 9550 rows`."""
    asked, found = result.expectation_config, result.result
    columns = asked.kwargs.get("column") or ", ".join(asked.kwargs.get("column_list", []))
    if "unexpected_count" not in found:
        return f"{asked.type}({columns}) could not be judged or does not hold for the table"
    return f"{asked.type}({columns}): {found['unexpected_count']} of {found['element_count']} rows"


def _checked_until(position: Path) -> datetime | None:
    return (
        datetime.fromisoformat(json.loads(position.read_text())["landed_at"]).astimezone(UTC)
        if position.exists()
        else None
    )


def _local_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(TIME_ZONE)).date()


def _docs(folder: Path) -> Path:
    return folder / "gx" / "uncommitted" / "data_docs" / "local_site" / "index.html"
