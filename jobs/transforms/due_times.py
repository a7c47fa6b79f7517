"""The two due times of an order. Local time is Asia/Shanghai."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.regulation.calendar import LOCAL, Days, WorkingDays

FINISH = ("finish_amount", "finish_counted_in", "accepted_until")
UNIT_DUTY = ("unit_first_minute", "unit_last_minute", "unit_only_working_days")
DUTY = ("sign_minutes", "first_minute", "last_minute", "only_working_days")


def finish_due(accepted_at: pl.Series, limits: pl.DataFrame, calendar: WorkingDays) -> pl.DataFrame:
    """When orders must be finished, as an instant in UTC.

    limits: columns finish_amount, finish_counted_in (`minutes`, `calendar_days` or `working_days`), accepted_until.
    Minutes count by the clock. Days end at 23:59:59 local time of the last one; the day of acceptance is not counted,
    0 days is that day itself. Working days: what is accepted on a free day, or at or after the minute of the day
    `accepted_until`, counts as accepted on the next working day. Calendar days: a last day that is free moves to the
    next working day (article 203 of the Civil Code).
    Columns finish_due_at, and is_guessed where the way there touches a year whose holidays are not published.
    """
    day, minute = _local(accepted_at)
    amount, counted_in = limits["finish_amount"].to_numpy(), limits["finish_counted_in"].to_numpy()
    late = minute >= limits["accepted_until"].to_numpy()
    by_work, by_clock = counted_in == "working_days", counted_in == "minutes"
    start = _on_or_after(calendar, day + late.astype("timedelta64[D]"))
    worked = calendar.days[start + np.where(by_work, amount, 0)]
    later = np.where(by_work | by_clock, 0, amount).astype("timedelta64[D]")
    last = np.where(by_work, worked, calendar.days[_on_or_after(calendar, day + later)])
    end = last.astype("datetime64[us]") + np.timedelta64(86_399, "s")
    minutes = np.where(by_clock, amount, 0).astype("timedelta64[m]").astype("timedelta64[us]")
    found = pl.DataFrame({"accepted": accepted_at, "minutes": minutes, "end": _instants(end), "by_clock": by_clock})
    due = pl.when("by_clock").then(pl.col("accepted") + pl.col("minutes")).otherwise("end")
    return found.select(finish_due_at=due, is_guessed=pl.Series(_touches(calendar, day, last) & ~by_clock))


def sign_due(accepted_at: pl.Series, duty: pl.DataFrame, calendar: WorkingDays) -> pl.Series:
    """When orders must be signed for, in UTC: `sign_minutes` of duty time after acceptance.

    duty: columns sign_minutes, first_minute, last_minute, only_working_days. A unit is on duty from first_minute to
    last_minute of a local day (0 and 1440: round the clock), every day or on working days only. sign_minutes may not
    exceed one duty day, so that what is left over at its end is always due on the next one.
    """
    day, minute = _local(accepted_at)
    minutes, starts, ends, working = (duty[name].to_numpy() for name in DUTY)
    duty_day = _duty_day(calendar, day + (minute >= ends).astype("timedelta64[D]"), working)
    from_minute = np.where(duty_day > day, starts, np.maximum(minute, starts))
    due_minute = from_minute + minutes
    left_over = due_minute > ends
    next_day = _duty_day(calendar, duty_day + np.timedelta64(1, "D"), working)
    due_day = np.where(left_over, next_day, duty_day)
    due_minute = np.where(left_over, starts + due_minute - ends, due_minute)
    due = due_day.astype("datetime64[us]") + (due_minute * 60e6).round().astype("timedelta64[us]")
    return _instants(due).rename("sign_due_at")


def is_on_duty(accepted_at: pl.Series, duty: pl.DataFrame, calendar: WorkingDays) -> pl.Series:
    """Whether a unit is on duty at these instants. duty: columns UNIT_DUTY."""
    day, minute = _local(accepted_at)
    starts, ends, working = (duty[name].to_numpy() for name in UNIT_DUTY)
    worked = _duty_day(calendar, day, working) == day
    return pl.Series("is_on_duty", worked & (minute >= starts) & (minute < ends))


def years_of(instants: pl.Series) -> tuple[int, int]:
    """First and last year a calendar needs for orders accepted at these instants."""
    years = instants.dt.convert_time_zone(LOCAL).dt.year()
    return int(years.min()), int(years.max()) + 1  # type: ignore[arg-type]  # whole numbers, none null


def _local(instants: pl.Series) -> tuple[Days, npt.NDArray[np.float64]]:
    """The local day, and the minutes since its midnight with their fraction."""
    local = instants.dt.convert_time_zone(LOCAL).dt.replace_time_zone(None).to_numpy().astype("datetime64[us]")
    day = local.astype("datetime64[D]")
    return day, (local - day).astype("int64") / 60e6


def _on_or_after(calendar: WorkingDays, day: Days) -> npt.NDArray[np.intp]:
    return np.searchsorted(calendar.days, day, side="left")


def _duty_day(calendar: WorkingDays, day: Days, only_working_days: npt.NDArray[np.bool_]) -> Days:
    return np.where(only_working_days, calendar.days[_on_or_after(calendar, day)], day)


def _touches(calendar: WorkingDays, first: Days, last: Days) -> npt.NDArray[np.bool_]:
    guessed = np.array(sorted(calendar.guessed_years), dtype="int64")
    years = [days.astype("datetime64[Y]").astype("int64") + 1970 for days in (first, last)]
    return np.isin(years[0], guessed) | np.isin(years[1], guessed)


def _instants(local: npt.NDArray[Any]) -> pl.Series:
    return pl.Series(local).dt.cast_time_unit("us").dt.replace_time_zone(LOCAL).dt.convert_time_zone("UTC")
