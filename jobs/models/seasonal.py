"""Is a count unusual? A seasonal baseline that is safe at low counts, for many series at once.

Every judged period is held against its own past only: a log-linear mean with trend and season, overdispersion, past
outbreaks weighted down (as Farrington et al. 1996, Noufaily et al. 2013), and a negative binomial prediction that also
carries the doubt about the mean. alarm = p_value below alpha = count above upper.

A period without a row counts 0 if another series has a row for it (somebody was counting), else it is a gap; so is
a row with an empty count. Gaps are left out of the past, and are never judged.
"""

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl

from jobs.models import seasons
from jobs.models.counting import greatest_usual, no_count, tail
from jobs.models.regression import IMPOSSIBLE_ZERO, Fit, expect
from schemas.records import Judgement

METHODS = ("seasonal",)
ALPHA = 0.01
SEASON = 52
FEWEST_PERIODS = 12  # of usable past
CHUNK = 500  # series fitted at a time
Regressors = Callable[[np.ndarray], np.ndarray]  # positions on the grid, ascending -> positions x terms


def judge(counts: pl.DataFrame, alpha: float = ALPHA, season: int = SEASON, last: int = 1) -> pl.DataFrame:
    """Judgement rows for the last periods of each series, by series and period.

    counts: `series`, `period` (date or integer), `count` (null: a gap); at most one row a series and period.
    season: integer periods in a year or other cycle; dates bring their own. last: how many periods of each series.
    """
    if counts.is_empty():
        return Judgement.create_empty()
    grid, regressors = _grid(counts["period"], season)
    names, table = _table(counts, grid)
    periods = [str(period) for period in grid]
    ends = np.array([np.flatnonzero(~np.isnan(row) | (row == np.inf))[-1] for row in table])
    table[np.isinf(table)] = np.nan
    found = [
        judged_at(names[rows], table[rows], end, periods[end], regressors=regressors, alpha=alpha)
        for back in range(last)
        for end, rows in _by_end(ends - back)
    ]
    return (
        Judgement.validate(pl.concat(found), cast=True).sort("series", "period") if found else Judgement.create_empty()
    )


def judged_at(
    names: np.ndarray, table: np.ndarray, end: int, period: str, *, regressors: Regressors, alpha: float = ALPHA,
    fewest: int = FEWEST_PERIODS,
) -> pl.DataFrame:  # fmt: skip
    """One judgement a series for the column `end` of series x periods, seeing no later column.

    fewest: periods of usable past below which a series is not judged.
    """
    parts = [
        _judged(
            names[start : start + CHUNK],
            table[start : start + CHUNK, : end + 1],
            period,
            regressors=regressors,
            alpha=alpha,
            fewest=fewest,
        )
        for start in range(0, max(len(names), 1), CHUNK)
    ]
    return pl.concat(parts)


def _judged(
    names: np.ndarray, table: np.ndarray, period: str, *, regressors: Regressors, alpha: float, fewest: int
) -> pl.DataFrame:
    past, count = table[:, :-1], table[:, -1]
    is_long = np.isfinite(past).sum(axis=1) >= fewest
    fit = _fit(past, is_long, regressors)
    is_fit = np.isfinite(fit.mean) & np.isfinite(fit.variance) & (fit.mean > 0)
    mean, variance = np.where(is_fit, fit.mean, 1.0), np.where(is_fit, fit.variance, 1.0)
    is_silent = (count == 0) & (no_count(mean, variance) < IMPOSSIBLE_ZERO)
    reason = np.select(
        [~is_long, np.isnan(count), ~is_fit, is_silent], ["short_history", "gap", "no_fit", "gap"], "judged"
    )
    p_value, upper = tail(np.nan_to_num(count), mean, variance), greatest_usual(mean, variance, alpha)
    rows = pl.DataFrame(
        {
            "series": pl.Series(names, dtype=pl.String), "period": [period] * len(names),
            "count": pl.Series(count, nan_to_null=True).cast(pl.Int64), "expected": mean, "upper": upper,
            "p_value": np.clip(p_value, 0, 1), "alarm": p_value < alpha, "reason": pl.Series(reason, dtype=pl.String),
        }
    )  # fmt: skip
    is_judged = pl.col("reason") == "judged"
    has_mean = pl.Series(is_long & is_fit)
    return rows.with_columns(
        pl.when(has_mean).then("expected"), pl.when(has_mean).then("upper"),
        pl.when(is_judged).then("p_value"), pl.col("alarm") & is_judged,
    )  # fmt: skip


def _fit(past: np.ndarray, is_long: np.ndarray, regressors: Regressors) -> Fit:
    """Expectations for the column after the past; NaN where the past is too short."""
    nothing = np.full(len(past), np.nan)
    if not is_long.any():
        return Fit(nothing, nothing, nothing)
    start = int(np.flatnonzero(np.isfinite(past[is_long]).any(axis=0))[0])
    terms = regressors(np.arange(start, past.shape[1] + 1))
    some = expect(past[is_long, start:], terms[:-1], terms[-1])
    filled = []
    for values in (some.mean, some.variance, some.dispersion):
        whole = nothing.copy()
        whole[is_long] = values
        filled.append(whole)
    return Fit(*filled)


def _grid(periods: pl.Series, season: int) -> tuple[list, Regressors]:
    """Every period from the first to the last, and their regressors."""
    if periods.dtype == pl.Date:
        days, step = seasons.grid_of_dates(periods.to_list())
        ordinals = np.array([day.toordinal() for day in days])
        return days, lambda places: seasons.of_dates(ordinals[places], step)
    first, final = int(periods.min()), int(periods.max())  # type: ignore[arg-type]  # whole numbers, none null
    return list(range(first, final + 1)), lambda places: seasons.of_integers(first + places, season)


def _table(counts: pl.DataFrame, grid: list[int] | list[date]) -> tuple[np.ndarray, np.ndarray]:
    """Series names, and series x periods: NaN before the first, after the last and in a gap; inf for an empty count."""
    place = {period: number for number, period in enumerate(grid)}
    names = counts["series"].unique().sort()
    table = np.full((len(names), len(grid)), np.nan)
    columns = np.array([place[period] for period in counts["period"]])
    rows = counts["series"].replace_strict(names, pl.Series(range(len(names))), return_dtype=pl.Int64).to_numpy()
    table[rows, columns] = counts["count"].cast(pl.Float64).fill_null(np.inf).to_numpy()
    was_counted = np.isfinite(table).any(axis=0)
    for row in table:
        held = np.flatnonzero(~np.isnan(row))
        inside = slice(held[0], held[-1] + 1)
        row[inside] = np.where(np.isnan(row[inside]) & was_counted[inside], 0, row[inside])
    return names.to_numpy(), table


def _by_end(ends: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """The series that end at the same column; those that end before the first column have no such period."""
    return [(int(end), np.flatnonzero(ends == end)) for end in np.unique(ends[ends >= 0])]
