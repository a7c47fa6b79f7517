"""When things usually happen: the regressors of a row of periods. First comes a column of ones, then the trend."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np

SHORT_SEASON = 12  # up to here every phase of the season may have its own level
LONG_SEASON_PAIRS = 2
YEAR = 365.25


def of_integers(periods: np.ndarray, season: int) -> np.ndarray:
    """Ones, trend, and the season once it was seen whole."""
    columns = _level_and_trend(periods.astype(float))
    if season > 1 and len(periods) > season:
        columns += _waves(periods / season, (season - 1) // 2 if season <= SHORT_SEASON else LONG_SEASON_PAIRS)
    return np.column_stack(columns)


def of_dates(days: np.ndarray, step_days: int) -> np.ndarray:
    """Ones, trend, weekday where periods are days, and the year once it was seen whole. days: ordinals, ascending."""
    columns = _level_and_trend(days.astype(float))
    if step_days == 1 and len(days) > 14:
        columns += _waves(days / 7, 3)
    if days[-1] - days[0] > YEAR:
        columns += _waves(days / YEAR, LONG_SEASON_PAIRS)
    return np.column_stack(columns)


def of_hours(hours: np.ndarray) -> np.ndarray:
    """Ones, trend, hour of the day, weekday or weekend, and what the weekend changes in the day's shape.

    hours: whole local hours since a Monday 00:00.
    """
    is_weekend = ((hours // 24) % 7 >= 5).astype(float)
    daily = _waves(hours / 24, 3)
    return np.column_stack(
        [*_level_and_trend(hours.astype(float)), *daily, is_weekend, *(w * is_weekend for w in daily[:2])]
    )


def grid_of_dates(days: list[date]) -> tuple[list[date], int]:
    """Every period from the first to the last date, and their step in days (30 for months).

    Weeks when all dates fall on one weekday, months when all are a first of a month, else days.
    """
    known = sorted(set(days))
    gaps = [(later - earlier).days for earlier, later in pairwise(known)]
    if gaps and min(gaps) >= 28 and all(day.day == 1 for day in known):
        return _months(known[0], known[-1]), 30
    step = 7 if gaps and all(gap % 7 == 0 for gap in gaps) else 1
    return [known[0] + timedelta(days=n) for n in range(0, (known[-1] - known[0]).days + 1, step)], step


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def _level_and_trend(times: np.ndarray) -> list[np.ndarray]:
    """The trend runs from -1 to 0 over the periods: the level is that of the newest."""
    span = max(times[-1] - times[0], 1.0)
    return [np.ones(len(times)), (times - times[-1]) / span]


def _waves(turns: np.ndarray, pairs: int) -> list[np.ndarray]:
    angles = 2 * np.pi * np.asarray(turns, dtype=float)
    return [wave(angle * angles) for angle in range(1, pairs + 1) for wave in (np.sin, np.cos)]
