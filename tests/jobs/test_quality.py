"""The quality job on real Delta tables: what it finds, what it keeps, what it never tells, and what it blocks."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest
from deltalake import write_deltalake

from jobs.batch import quality
from jobs.context import Context, DataError
from jobs.io import table_files
from jobs.io.lake import read_table
from jobs.settings import Settings, path_of
from jobs.transforms.checking import blocked
from schemas.forms import plain, to_arrow
from schemas.lake import TABLES
from schemas.records import Report, TableCheck

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


def check(settings: Settings, scope: str = "new", now: datetime = NOW, tables: tuple[str, ...] = ("silver.reports",)):
    """The checks of these tables, kept as the job would keep them."""
    found = quality.check(Context(settings, now), scope, tables)
    write_deltalake(path_of(settings.lake_uri, "ops.quality"), to_arrow(found, TableCheck), mode="append")
    return found


def later(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


def rewritten(settings: Settings, frame: pl.DataFrame) -> None:
    """As an engineer's UPDATE or DELETE leaves the table."""
    path = Path(settings.lake_uri) / "silver" / "reports"
    write_deltalake(path, frame.to_arrow(), mode="overwrite", partition_by=["day"])


def test_sound_reports_succeed_and_data_docs_tell_it(settings):
    stored(settings, reports(20))
    found = check(settings).row(0, named=True)
    assert (found["failed"], found["rows"], found["failures"], found["is_blocked"]) == (0, 20, [], False)
    assert (settings.data_docs / "index.html").is_file()


BROKEN = {  # what is wrong with a row: what is said of it
    "text": (None, "column_values_to_not_be_null(text): 1 of 28 rows"),
    "feed": ("999", "column_values_to_be_in_set(feed): 1 of 28 rows"),
    "township_code": (SECRET, "column_values_to_match_regex(township_code): 1 of 28 rows"),
    "revision": (-1, "column_values_to_be_between(revision): 1 of 28 rows"),
    "lat": (95.0, "column_values_to_be_between(lat): 1 of 28 rows"),
    "lon": (None, "column_values_to_be_in_set(rule_place_is_whole): 1 of 28 rows"),
    "source_id": ("", "column_value_lengths_to_be_between(source_id): 1 of 28 rows"),
    "report_id": ("sound/1", "column_values_to_be_in_set(rule_key_is_unique): 2 of 28 rows"),
}


def test_each_broken_promise_is_named_with_its_count_and_no_row_is_told(settings):
    bad = [reports(1, **({"report_id": column} | {column: value})) for column, (value, _) in BROKEN.items()]
    stored(settings, *[reports(1, report_id=f"sound/{number}") for number in range(20)], *bad)
    told = check(settings)["failures"].item().to_list()
    assert sorted(told) == sorted(f"expect_{said}" for _, said in BROKEN.values())
    kept = [path for path in (settings.state_dir / "quality").rglob("*") if path.is_file()]
    assert any("data_docs" in str(path) for path in kept)
    assert [path for path in kept if SECRET in said(path)] == []
    assert SECRET not in "".join(told)


def said(path: Path) -> str:
    """Text of a file, also where JSON wrote it with escapes."""
    text = path.read_text(errors="ignore")
    return text + (text.encode().decode("unicode_escape", "ignore") if "\\u" in text else "")


RULED = {  # values of columns that a rule binds to each other
    "ops.batches": {"rows_in": 6, "rows_clean": 3, "rows_redelivered": 2, "rows_quarantined": 1},
    "gold.metrics": {"denominator": 4, "value": 0.5},
    "gold.ratings": {"was_reached": False, "was_contacted": None, "was_solved": None, "satisfaction": None},
    "silver.reports": {"lat": None, "lon": None},
}


@pytest.fixture(scope="module")
def all_tables(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with rows of every table but the checks' own, made from its record."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("all"))
    for name, table in TABLES.items():
        if name != "ops.quality":
            overrides = {column: [value] * 30 for column, value in RULED.get(name, {}).items()}
            rows = table.record.sample(overrides=overrides or None, num_rows=30, generator=dy.random.Generator(7))
            path = path_of(settings.lake_uri, name)
            write_deltalake(path, to_arrow(rows, table.record), partition_by=table.partition)
    return settings


def test_every_table_has_a_suite_that_rows_of_its_record_keep(all_tables):
    found = check(all_tables, "full", tables=tuple(TABLES))
    assert set(found["table"]) == set(TABLES) - {"ops.quality"}
    assert found.filter(pl.col("failed") > 0).select("table", "failures").rows() == []
    assert found["expectations"].min() >= 3


def test_only_new_rows_are_looked_at_again_and_a_key_is_still_compared_with_the_old_ones(settings):
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    stored(settings, reports(5, first), reports(7, second))
    assert check(settings)["rows"].item() == 12
    assert check(settings, now=later(1)).is_empty()
    stored(settings, reports(1, second, report_id="late"))
    assert check(settings, now=later(2))["rows"].item() == 1
    stored(settings, reports(1, second, report_id="late"))
    repeated = check(settings, now=later(3)).row(0, named=True)
    assert repeated["rows"] == 1
    assert repeated["failures"] == ["expect_column_values_to_be_in_set(rule_key_is_unique): 1 of 1 rows"]


def test_rows_are_judged_in_pieces_that_add_up(settings, monkeypatch):
    monkeypatch.setattr(table_files, "CHUNK", 4)
    stored(settings, reports(3, date(2026, 3, 1)), reports(10, date(2026, 3, 2), text=None))
    found = check(settings).row(0, named=True)
    assert (found["rows"], found["failures"]) == (13, ["expect_column_values_to_not_be_null(text): 1 of 13 rows"])


def test_a_column_that_the_contract_gained_counts_as_empty_and_one_it_does_not_know_is_told(settings):
    old = reports(4).drop("grid_code").with_columns(face_vector=pl.lit("x"))
    write_deltalake(Path(settings.lake_uri) / "silver" / "reports", old.to_arrow(), partition_by=["day"])
    told = check(settings)["failures"].item().to_list()
    assert [text.split("(")[0] for text in told] == ["expect_table_columns_to_match_set"]


def test_what_failed_is_checked_again_until_it_is_mended(settings):
    stored(settings, reports(5, text=None))
    assert check(settings)["is_blocked"].item()
    assert check(settings, now=later(1))["is_blocked"].item()
    rewritten(settings, reports(5).slice(1))
    mended = check(settings, now=later(2)).row(0, named=True)
    assert (mended["failed"], mended["is_blocked"], mended["rows"]) == (0, False, 4)


def test_what_a_full_check_found_is_not_made_good_by_new_rows(settings):
    stored(settings, reports(5, text=None))
    assert check(settings, "full")["is_blocked"].item()
    write_deltalake(  # as where only full checks ran before
        path_of(settings.lake_uri, "ops.quality"),
        to_arrow(a_check(until_version=0, checked_at=later(-1)), TableCheck),
        mode="append",
    )
    stored(settings, reports(2, date(2026, 3, 5)))
    new = check(settings, now=later(1)).row(0, named=True)
    assert (new["rows"], new["failed"], new["is_blocked"]) == (2, 0, True)
    rewritten(settings, reports(5))
    assert not check(settings, "full", now=later(2))["is_blocked"].item()
    assert blocked(read_table(settings.lake_uri, "ops.quality")) == {}


def a_check(**changes: object) -> pl.DataFrame:
    row = {
        "table": "silver.reports", "run": "r", "scope": "new", "since_version": None, "until_version": 0, "rows": 1,
        "expectations": 5, "failed": 0, "failures": [], "is_blocked": False, "checked_at": NOW,
    }  # fmt: skip
    return TableCheck.validate(pl.DataFrame([row | changes], schema=TableCheck.create_empty().schema))


def test_data_docs_keep_one_page_a_table_and_scope(settings):
    for hour in range(3):
        stored(settings, reports(2, report_id=f"first of {hour}").with_columns(pl.col("report_id") + str(hour)))
        check(settings, now=later(hour))
    check(settings, "full", now=later(4))
    pages = sorted((settings.data_docs / "validations").rglob("*.html"))
    assert [page.parent.parent.name for page in pages] == ["full", "new"]


def test_an_empty_lake_has_nothing_to_check(settings):
    assert quality.check(Context(settings, NOW), "full").is_empty()


@pytest.mark.parametrize("words", ["scope=all", "table=silver.people", "since=yesterday"])
def test_words_that_mean_nothing_are_refused(settings, words):
    with pytest.raises(DataError, match="not understood"):
        quality.run(Context(settings, NOW, options=(words,)))
