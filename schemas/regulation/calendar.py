"""Working days of China, make-up workdays (调休) included. Local time is Asia/Shanghai."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import chinese_calendar
import numpy as np
import numpy.typing as npt
from chinese_calendar.constants import holidays

LOCAL = "Asia/Shanghai"
PUBLISHED = range(min(holidays).year, max(holidays).year + 1)
# Holidays on fixed dates of the sun's calendar (全国年节及纪念日放假办法, as amended from 2025): known in any year.
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
Days = npt.NDArray[np.datetime64]


class UnknownYearError(Exception):
    """The holiday notice of a year is not known here."""


@dataclass(frozen=True)
class WorkingDays:
    """Working days, sorted, without gaps between their first and last year."""

    days: Days
    guessed_years: frozenset[int] = frozenset()


@cache
def working_days_of(year: int) -> Days:
    """The working days of a year by the State Council's notices, make-up workdays (调休) included.

    UnknownYearError outside the years of the installed `chinesecalendar`.
    """
    if year not in PUBLISHED:
        raise UnknownYearError(
            f"the holidays of {year} are not in the installed chinesecalendar ({PUBLISHED[0]} to {PUBLISHED[-1]}): "
            "upgrade it when the State Council's notice is out"
        )
    return _days(year, chinese_calendar.is_workday)


@cache
def working_days(first: int, last: int) -> WorkingDays:
    """The working days of the years first to last.

    An order must not be lost for want of a calendar: a year without a published notice gets weekdays less the
    holidays on fixed dates, and is named in `guessed_years`, so that a decision can say so.
    """
    guessed = frozenset(year for year in range(first, last + 1) if year not in PUBLISHED)
    years = [_guessed_days(year) if year in guessed else working_days_of(year) for year in range(first, last + 1)]
    return WorkingDays(np.concatenate(years), guessed)


def _days(year: int, is_working: Callable[[date], bool]) -> Days:
    first = date(year, 1, 1)
    every = (first + timedelta(days=i) for i in range((date(year + 1, 1, 1) - first).days))
    return np.array([day for day in every if is_working(day)], dtype="datetime64[D]")


def _guessed_days(year: int) -> Days:
    return _days(year, lambda day: day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS)
