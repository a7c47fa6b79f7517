"""A record that gains a column which may be null: older tables are read, and grow with the next write."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from jobs.context import DataError
from jobs.io.lake import Lake, read_table
from jobs.settings import Settings, path_of
from schemas.forms import to_arrow
from schemas.records import Report

NAME = "silver.reports"
GAINED = ("device_id", "grid_code", "source_category", "caller_token")  # pretend that these came later


def a_report(report_id: str) -> pl.DataFrame:
    told = {
        "report_id": report_id,
        "feed": "110",
        "kind": "help",
        "category": "rescue",
        "device_id": "c-1",
        "revision": 0,
    }
    at = datetime(2025, 3, 4, 13, 40, tzinfo=UTC)
    rest = {
        "received_at": at,
        "updated_at": at,
        "landed_at": at,
        "day": date(2025, 3, 4),
        "item_no": 0,
        "source_id": "A",
    }
    words = dict.fromkeys(("content_hash", "text", "raw_id", "contract_version"), report_id)
    nothing = dict.fromkeys(Report.column_names())
    return Report.validate(pl.DataFrame([nothing | told | rest | words], schema_overrides=Report.create_empty().schema))


def made_before(folder: str, name: str, without: tuple[str, ...], rows: pa.Table) -> None:
    """A table as an older release made it."""
    write_deltalake(path_of(folder, name), rows.drop_columns(list(without)))


def test_a_table_made_before_a_column_is_read_with_nulls(tmp_path: Path):
    made_before(str(tmp_path), NAME, GAINED, to_arrow(a_report("r-1"), Report))
    found = read_table(str(tmp_path), NAME)
    assert found.schema == Report.create_empty().schema
    assert found.select(GAINED).null_count().row(0) == (1,) * len(GAINED)
    assert found["category"].to_list() == ["rescue"]


def test_a_column_that_came_later_can_be_asked_for_and_filtered_by(tmp_path: Path):
    made_before(str(tmp_path), NAME, GAINED, to_arrow(a_report("r-1"), Report))
    assert read_table(str(tmp_path), NAME, ["device_id"]).to_dict(as_series=False) == {"device_id": [None]}
    assert read_table(str(tmp_path), NAME, ["report_id"], pl.col("device_id") == "c-1").is_empty()
    assert read_table(str(tmp_path), NAME, ["report_id"], pl.col("device_id").is_null()).height == 1


def test_a_column_that_every_row_needs_cannot_come_later(tmp_path: Path):
    made_before(str(tmp_path), NAME, ("source_id",), to_arrow(a_report("r-1"), Report))
    with pytest.raises(DataError, match="its rows have no source_id; only columns that may be null"):
        read_table(str(tmp_path), NAME)


def test_the_next_write_adds_the_column_to_the_table_as_it_is(tmp_path: Path):
    settings = Settings(state_dir=tmp_path, lake="")
    made_before(settings.lake_uri, NAME, GAINED, to_arrow(a_report("r-1"), Report))
    write_twice(Lake(settings))
    found = read_table(settings.lake_uri, NAME).sort("report_id")
    assert found.select("report_id", "device_id", "text").rows() == [("r-1", None, "r-1"), ("r-2", "c-1", "again")]
    done = [entry["operation"] for entry in DeltaTable(path_of(settings.lake_uri, NAME)).history()]
    assert done.count("ADD COLUMN") == 1
    assert not {"CREATE OR REPLACE TABLE", "REPLACE TABLE", "DELETE", "OPTIMIZE"} & set(done)


def write_twice(lake: Lake) -> None:
    lake.append_new(NAME, a_report("r-2"))
    lake.upsert(NAME, a_report("r-2").with_columns(text=pl.lit("again")))
