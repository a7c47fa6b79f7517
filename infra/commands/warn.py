"""`ninelines warn`: judge the newest counts of many series."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.files import InFile, OutFile, wrong_data_told

if TYPE_CHECKING:
    import polars as pl


def register(app: typer.Typer) -> None:
    app.command()(warn)


def warn(
    source: InFile,
    target: OutFile,
    *,
    method: Annotated[str, typer.Option(help="seasonal")] = "seasonal",
    alpha: Annotated[float, typer.Option(help="a count less likely than this is an alarm; between 0 and 1")] = 0.01,
    season: Annotated[int, typer.Option(min=1, help="integer periods in a year; dates bring their own")] = 52,
    last: Annotated[int, typer.Option(min=1, help="how many of each series' newest periods to judge")] = 1,
) -> None:
    """Judge counts: in series,period,count; out also expected,upper,p_value,alarm,reason. Needs no server.

    A period is an integer or a date (2026-11-22). A period without a row counts 0 if another series has one there,
    else it is a gap, as an empty count is; what cannot be judged says why in `reason` and is never an alarm.
    """
    import polars as pl

    from jobs.context import DataError
    from jobs.io.csv_files import read_csv, write_csv
    from jobs.models.seasonal import METHODS, judge

    with wrong_data_told():
        if method not in METHODS:
            raise DataError(f"no method {method}; there is {', '.join(METHODS)}")
        if not 0 < alpha < 1:
            raise DataError(f"alpha is {alpha}; it lies between 0 and 1")
        counts = typed_counts(read_csv(source, ("series", "period", "count")), source)
        judged = judge(counts, alpha, season, last)
        write_csv(judged.with_columns(pl.col("upper").cast(pl.Int64), pl.col("reason").cast(pl.String)), target)
    typer.echo(
        f"{judged.height} periods, {judged['alarm'].sum()} alarms, "
        f"{(judged['reason'] != 'judged').sum()} not judged: {target}"
    )


def typed_counts(rows: "pl.DataFrame", source: Path) -> "pl.DataFrame":
    """Strings as series, period (date or integer), count. Raises DataError naming the first cell that is neither."""
    import polars as pl

    from jobs.context import DataError

    stripped = rows.with_columns(pl.all().str.strip_chars())
    count = pl.col("count").replace("", None)
    typed = stripped.with_columns(_periods(stripped["period"]), count=count.cast(pl.Float64, strict=False).round(8))
    bad = typed.with_columns(said=stripped["period"], raw=stripped["count"]).filter(
        pl.col("period").is_null() | ((pl.col("raw") != "") & ~(pl.col("count") >= 0).fill_null(False))
        | (pl.col("count") != pl.col("count").floor()) | pl.col("count").is_infinite() | pl.col("count").is_nan()
    )  # fmt: skip
    if bad.height:
        row = bad.row(0, named=True)
        raise DataError(
            f"{source}: series {row['series']}: period {row['said']} count {row['raw']}: periods are all integers "
            "or all dates like 2026-11-22, counts whole numbers of 0 or more; correct the row"
        )
    if typed.select("series", "period").is_duplicated().any():
        twice = typed.filter(typed.select("series", "period").is_duplicated()).row(0, named=True)
        raise DataError(f"{source}: series {twice['series']} has period {twice['period']} twice; keep one row")
    return typed.with_columns(pl.col("count").cast(pl.Int64))


def _periods(periods: "pl.Series") -> "pl.Series":
    """Integers where all are, else dates; null where it is neither."""
    import polars as pl

    numbers = periods.cast(pl.Int64, strict=False)
    return (
        numbers if not numbers.has_nulls() else periods.str.replace_all("/", "-").str.to_date("%Y-%m-%d", strict=False)
    )
