"""The quality job on a real Delta table: what it finds, what it keeps, and what it never tells."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake

from jobs.batch import quality
from jobs.context import Context, DataError, NothingToDoError
from jobs.settings import Settings
from schemas.forms import plain
from schemas.records import Report

NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)
SECRET = "住在梧桐街九号"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


def reports(count: int, day: date = date(2026, 3, 2), landed_at: datetime = NOW, **changes: object) -> pl.DataFrame:
    """Sound reports of one local day, all with a text nobody may see; changes: of the first row only."""
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    sound = {
        "revision": 0, "content_hash": "c", "feed": "12345", "source_id": "s", "kind": "complaint", "category": "noise",
        "text": SECRET, "county_code": "330106", "township_code": "330106001", "lat": 30.2, "lon": 120.1,
        "received_at": at, "updated_at": at, "landed_at": landed_at, "raw_id": "t/0/0", "item_no": 0,
        "contract_version": "1", "day": day,
    }  # fmt: skip
    rows = [sound | {"report_id": f"{day}/{number}"} for number in range(count)]
    rows[0] |= changes
    return pl.DataFrame(rows, schema=plain(Report.create_empty()).schema)


def stored(settings: Settings, *frames: pl.DataFrame) -> None:
    path = Path(settings.lake_uri) / "silver" / "reports"
    write_deltalake(path, pl.concat(frames).to_arrow(), mode="append", partition_by=["day"])


def check(settings: Settings, **window: datetime) -> dict:
    return quality.run(Context(settings, NOW, **window))


def test_sound_reports_succeed_and_data_docs_tell_it(settings):
    stored(settings, reports(20))
    found = check(settings)
    assert (found["success"], found["days"], found["rows"]) == (True, 1, 20)
    assert Path(found["data_docs"]).is_file()


BROKEN = {  # what is wrong with a row: what is said of it
    "text": (None, "column_values_to_not_be_null(text): 1 of 28 rows"),
    "feed": ("999", "column_values_to_be_in_set(feed): 1 of 28 rows"),
    "township_code": (SECRET, "column_values_to_match_regex(township_code): 1 of 28 rows"),
    "revision": (-1, "column_values_to_be_between(revision): 1 of 28 rows"),
    "lat": (95.0, "column_values_to_be_between(lat): 1 of 28 rows"),
    "lon": (None, "column_values_to_be_in_set(rule_place_is_whole): 1 of 28 rows"),
    "source_id": ("", "column_value_lengths_to_be_between(source_id): 1 of 28 rows"),
    "report_id": ("sound/1", "compound_columns_to_be_unique(report_id, revision, content_hash): 2 of 28 rows"),
}


def test_each_broken_promise_is_named_with_its_count_and_no_row_is_told(settings):
    bad = [reports(1, **({"report_id": column} | {column: value})) for column, (value, _) in BROKEN.items()]
    stored(settings, *[reports(1, report_id=f"sound/{number}") for number in range(20)], *bad)
    with pytest.raises(DataError) as raised:
        check(settings)
    told = str(raised.value).split("; see ")[0].split(": ", 1)[1].split("; ")
    assert sorted(told) == sorted(f"expect_{said}" for _, said in BROKEN.values())
    kept = [path for path in (settings.state_dir / "quality").rglob("*") if path.is_file()]
    assert any("data_docs" in str(path) for path in kept)
    assert [path for path in kept if SECRET in said(path)] == []
    assert SECRET not in str(raised.value)


def said(path: Path) -> str:
    """Text of a file, also where JSON wrote it with escapes."""
    text = path.read_text(errors="ignore")
    return text + (text.encode().decode("unicode_escape", "ignore") if "\\u" in text else "")


def test_only_days_with_new_rows_are_checked_again(settings):
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    stored(settings, reports(5, first), reports(7, second))
    assert check(settings)["rows"] == 12
    with pytest.raises(NothingToDoError):
        check(settings)
    late = reports(1, second, NOW + timedelta(hours=1), report_id="late")
    stored(settings, late)
    assert (found := check(settings))["rows"] == 8, found


def test_what_failed_is_checked_again_until_it_is_mended(settings):
    stored(settings, reports(5, text=None))
    for _ in range(2):
        with pytest.raises(DataError):
            check(settings)


def test_a_window_checks_its_local_days_and_moves_nothing(settings):
    stored(settings, reports(5, date(2026, 3, 1)), reports(7, date(2026, 3, 2)))
    start = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in the county
    assert check(settings, start=start, end=start + timedelta(days=1))["rows"] == 7
    assert check(settings)["rows"] == 12


def test_an_empty_lake_is_nothing_to_do(settings):
    with pytest.raises(NothingToDoError):
        check(settings)


def test_the_result_is_json(settings):
    stored(settings, reports(3))
    assert json.loads(json.dumps(check(settings)))["expectations"] == 27
