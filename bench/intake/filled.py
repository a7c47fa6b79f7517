"""A lake as it is after years: reports of many ordinary days, and what was set aside of them, written in minutes."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl
from deltalake import write_deltalake

from jobs.io.lake import Lake
from jobs.settings import Settings, path_of
from schemas.forms import plain
from schemas.lake import TABLES

A_DAY = 9_550  # reports, as in the sizing of DESIGN
LAST_DAY = date(2026, 11, 13)  # the events are of this day and the three before
ASIDE = {"silver.redeliveries": 0.05, "silver.quarantine": 0.01}  # as shares of the reports
FIRST_DAY = date(2000, 1, 1)
DAYS_AT_ONCE = 60


def fill(folder: Path, rows: int) -> None:
    """Put so many reports into the lake of a state folder, and their share of redeliveries and quarantine."""
    settings = Settings(state_dir=folder, lake="")
    lake = Lake(settings)
    for name in ("bronze.raw", "silver.reports", *ASIDE):
        lake.ensure(name)
    days = max(rows // A_DAY, 1)
    for begin in range(0, days, DAYS_AT_ONCE):
        reports = pl.concat(
            _day(LAST_DAY - timedelta(days=number)) for number in range(begin, min(begin + DAYS_AT_ONCE, days))
        )
        _append(settings, "silver.reports", reports)
        for name, share in ASIDE.items():
            _append(settings, name, _aside(reports.head(int(reports.height * share)), name))


def _day(day: date) -> pl.DataFrame:
    """The reports of one day, by one feed."""
    number, begin = pl.int_range(A_DAY, eager=True).alias("number"), datetime.combine(day, time(), UTC)
    named = f"filled-{day:%Y%m%d}-"
    received = pl.lit(begin - timedelta(hours=8)) + pl.duration(
        microseconds=pl.col("number") * (86_400_000_000 // A_DAY)
    )
    return number.to_frame().select(
        report_id=pl.format("r-{}{}", pl.lit(named), "number"),
        content_hash=_hash(pl.concat_str(pl.lit(named), "number")),
        feed=pl.lit("12345"), source_id=pl.format("{}{}", pl.lit(named), "number"), kind=pl.lit("complaint"),
        category=pl.lit("noise"), text=pl.format("青石镇第{}号工地夜间施工，影响休息，请尽快处理。", "number"),
        place=pl.lit("青石镇"), contract_version=pl.lit("1.0"), revision=0, item_no=0,
        received_at=received, updated_at=received, landed_at=received,
        raw_id=pl.format("ninelines.feed.12345/9/{}", (day - FIRST_DAY).days * 100_000 + pl.col("number")),
        day=pl.lit(day),
    )  # fmt: skip


def _hash(words: pl.Expr) -> pl.Expr:
    """As long as a SHA-256."""
    return words.hash().cast(pl.String).str.zfill(20).repeat_by(4).list.join("").str.head(64)


def _aside(reports: pl.DataFrame, name: str) -> pl.DataFrame:
    """Redeliveries of these, or as many broken records: other messages of the same moments."""
    other = pl.col("raw_id").str.replace("/9/", "/8/" if name == "silver.redeliveries" else "/7/")
    return reports.with_columns(
        raw_id=other, first_raw_id="raw_id", reasons=pl.lit(["bad_time"]), detail=pl.lit("bad_time: order.createTime")
    )


def _append(settings: Settings, name: str, rows: pl.DataFrame) -> None:
    table = TABLES[name]
    schema = plain(table.record.create_empty()).schema
    missing = {column: pl.lit(None, kind) for column, kind in schema.items() if column not in rows.columns}
    frame = rows.with_columns(**missing).select(pl.col(column).cast(kind) for column, kind in schema.items())
    write_deltalake(
        path_of(settings.lake_uri, name),
        frame,
        mode="append",
        partition_by=[table.partition] if table.partition else None,
    )
