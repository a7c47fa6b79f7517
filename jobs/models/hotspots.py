"""Which hours or days brought unusually many reports of one category in one township.

Counts are judged by `seasonal`; of all series of one period, only so many are named that few of them are chance.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

import numpy as np
import polars as pl

from jobs.models import seasonal, seasons
from jobs.models.counting import accepted
from schemas.records import Warning

Period = Literal["hour", "day"]

TIME_ZONE = "Asia/Shanghai"
METHOD = "seasonal-1"
FALSE_SHARE = 0.01  # of the warnings of one period that may be chance, in expectation
LEAST_COUNT = 3  # one or two reports are no hot spot, however quiet the place
PERIOD_HOURS = {"hour": 1, "day": 24}
FEWEST_DAYS = {"hour": 14, "day": seasonal.FEWEST_PERIODS}  # of history; hours need whole weeks
HISTORY = {"hour": timedelta(weeks=26), "day": timedelta(days=3 * 366)}  # how far back is looked
FIRST_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - local time; hours are counted from here
SERIES = ["category", "township_code"]


def hot_spots(
    reports: pl.DataFrame, past: pl.DataFrame, periods: Sequence[datetime], period: Period, found_at: datetime
) -> pl.DataFrame:
    """Warning rows, one a hot category in a township and period.

    reports: report_id, category, township_code, received_at; past: PastCount rows from before the lake began.
    periods: starts of the periods to judge, UTC. A category the history does not know is not judged, nor is a period
    in which the whole county reported nothing; days like that are no history either.
    """
    said = reports.with_columns(place=_place(pl.col("received_at"), period))
    archived = past.with_columns(place=_place(pl.col("hour_at"), period))
    tallied = pl.concat([
        said.group_by(*SERIES, "place").agg(pl.len().cast(pl.Int64).alias("count"), pl.col("report_id").sort()),
        archived.group_by(*SERIES, "place").agg(pl.col("count").sum())
        .with_columns(report_id=pl.lit([], dtype=pl.List(pl.String))),
    ])  # fmt: skip
    tallied = tallied.group_by(*SERIES, "place").agg(pl.col("count").sum(), pl.col("report_id").explode().drop_nulls())
    wanted = pl.DataFrame({"period_at": list(periods)}, schema={"period_at": pl.Datetime("us", "UTC")})
    wanted = wanted.with_columns(place=_place(pl.col("period_at"), period)).sort("place")
    hot = [_hot(tallied, place, period) for place in wanted["place"]]
    if not any(part.height for part in hot):
        return Warning.create_empty()
    rows = (
        pl.concat(hot).join(wanted, on="place").join(tallied, on=[*SERIES, "place"]).rename({"report_id": "report_ids"})
    )
    rows = rows.with_columns(period=pl.lit(period), method=pl.lit(METHOD), found_at=found_at)
    found = Warning.validate(rows.with_columns(warning_id=_warning_id()), cast=True)
    return found.sort("period_at", "category", "township_code")


def _hot(tallied: pl.DataFrame, place: int, period: Period) -> pl.DataFrame:
    """category, township_code, place, expected, upper, p_value of one period's hot series."""
    earliest = place - HISTORY[period] // timedelta(hours=PERIOD_HOURS[period])
    seen = tallied.filter(pl.col("place").is_between(earliest, place))
    known = seen.filter(pl.col("place") < place)
    seen = seen.filter(pl.col("category").is_in(known["category"].unique().implode()))
    if not (seen["place"] == place).any() or known["place"].min() == place:
        return _no_rows()
    names = seen.select(SERIES).unique().sort(SERIES).with_row_index("series")
    table, first = _table(seen.join(names, on=SERIES), names.height, place, period)
    busy = np.flatnonzero(table[:, -1] >= LEAST_COUNT)  # the rest cannot become warnings: their p-value is taken as 1
    judged = seasonal.judged_at(
        names["series"].to_numpy()[busy], table[busy], table.shape[1] - 1, str(place),
        regressors=lambda places: _regressors(places + first, period),
        fewest=FEWEST_DAYS[period] * (24 // PERIOD_HOURS[period]),
    ).filter(pl.col("reason") == "judged")  # fmt: skip
    p_values = np.concatenate([judged["p_value"].to_numpy(), np.ones(names.height - judged.height)])
    hot = judged.filter(pl.Series(accepted(p_values, FALSE_SHARE)[: judged.height], dtype=pl.Boolean))
    hot = hot.with_columns(pl.col("series").cast(names.schema["series"]), place=pl.lit(place, dtype=pl.Int64))
    return hot.join(names, on="series").select(_no_rows().columns)


def _table(seen: pl.DataFrame, series: int, place: int, period: Period) -> tuple[np.ndarray, int]:
    """Series x periods up to `place`, zero where nobody called, NaN on days without any report in the county."""
    first = int(seen["place"].min())  # type: ignore[arg-type]  # whole numbers, none null
    table = np.zeros((series, place - first + 1))
    table[seen["series"].to_numpy(), seen["place"].to_numpy() - first] = seen["count"].to_numpy()
    days = (np.arange(first, place + 1) * PERIOD_HOURS[period]) // 24
    is_alive = np.isin(days, days[table.any(axis=0)])
    table[:, ~is_alive] = np.nan
    return table, first


def _regressors(places: np.ndarray, period: Period) -> np.ndarray:
    return seasons.of_hours(places) if period == "hour" else seasons.of_dates(places, 1)


def _place(instant: pl.Expr, period: Period) -> pl.Expr:
    """Whole local hours or days since a Monday."""
    local = instant.dt.convert_time_zone(TIME_ZONE).dt.replace_time_zone(None)
    return (local - FIRST_MONDAY).dt.total_hours().floordiv(PERIOD_HOURS[period])


def _warning_id() -> pl.Expr:
    """The same finding has the same id, whenever it is found."""
    key = pl.concat_str(
        "period", pl.col("period_at").dt.strftime("%Y-%m-%dT%H:%MZ"), pl.col("category").cast(pl.String),
        "township_code", separator="|",
    )  # fmt: skip
    return key.map_elements(lambda text: sha256(text.encode()).hexdigest()[:32], return_dtype=pl.String)


def _no_rows() -> pl.DataFrame:
    kinds = Warning.create_empty().schema
    columns = ["category", "township_code", "expected", "upper", "p_value"]
    return pl.DataFrame(schema={name: kinds[name] for name in columns} | {"place": pl.Int64})
