"""Due times across weekends, Spring Festival and National Day, and past the last published calendar."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.transforms.due_times import finish_due, sign_due
from schemas.regulation.calendar import PUBLISHED, UnknownYearError, working_days, working_days_of

LOCAL = ZoneInfo("Asia/Shanghai")
CALENDAR = working_days(2024, 2026)
UNTIL = 17 * 60 + 30
ROUND_THE_CLOCK, EVERY_DAY_8_TO_20, WORKING_DAYS_9_TO_17 = (0, 1440, False), (480, 1200, False), (540, 1020, True)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def finish(
    accepted_at: datetime, amount: int, calendar=CALENDAR, counted_in: str = "working_days"
) -> tuple[datetime, bool]:
    instants = pl.Series([accepted_at.astimezone(UTC)], dtype=pl.Datetime("us", "UTC"))
    limit = pl.DataFrame({"finish_amount": amount, "finish_counted_in": counted_in, "accepted_until": UNTIL})
    due, guessed = finish_due(instants, limit, calendar).row(0)
    return due.astimezone(LOCAL), guessed


def sign(accepted_at: datetime, minutes: int, duty: tuple[int, int, bool]) -> datetime:
    instants = pl.Series([accepted_at.astimezone(UTC)], dtype=pl.Datetime("us", "UTC"))
    row = dict(zip(("first_minute", "last_minute", "only_working_days"), duty, strict=True))
    due = sign_due(instants, pl.DataFrame([{"sign_minutes": minutes, **row}]), CALENDAR)
    return due[0].astimezone(LOCAL)


@pytest.mark.parametrize(
    ("accepted_at", "days", "due_on"),
    [
        ("2026-03-02 09:00", 0, date(2026, 3, 2)),  # a Monday
        ("2026-03-02 09:00", 3, date(2026, 3, 5)),
        ("2026-03-02 17:29", 0, date(2026, 3, 2)),
        ("2026-03-02 17:30", 0, date(2026, 3, 3)),  # after hours counts as the next working day
        ("2026-03-06 09:00", 5, date(2026, 3, 13)),  # over a weekend
        ("2026-03-07 09:00", 0, date(2026, 3, 9)),  # a Saturday counts as Monday
        ("2026-02-13 10:00", 3, date(2026, 2, 25)),  # Spring Festival 15 to 23 February, 14 and 28 are worked
        ("2026-02-14 10:00", 0, date(2026, 2, 14)),  # a Saturday that is worked
        ("2026-02-18 10:00", 3, date(2026, 2, 27)),
        ("2025-09-26 10:00", 5, date(2025, 10, 10)),  # National Day 1 to 8 October 2025; 28 September is worked
        ("2024-02-09 10:00", 7, date(2024, 2, 26)),  # holidays 10 to 17 February; Sunday 18 is worked
    ],
)
def test_finish_is_due_at_the_end_of_the_nth_working_day(accepted_at: str, days: int, due_on: date):
    due, guessed = finish(local(accepted_at), days)
    assert (due, guessed) == (datetime(due_on.year, due_on.month, due_on.day, 23, 59, 59, tzinfo=LOCAL), False)


@pytest.mark.parametrize(
    ("accepted_at", "minutes", "duty", "due_at"),
    [
        ("2026-03-07 23:55", 10, ROUND_THE_CLOCK, "2026-03-08 00:05"),
        ("2026-03-07 12:00", 120, EVERY_DAY_8_TO_20, "2026-03-07 14:00"),
        ("2026-03-07 19:00", 120, EVERY_DAY_8_TO_20, "2026-03-08 09:00"),  # one hour left over
        ("2026-03-02 03:00", 120, EVERY_DAY_8_TO_20, "2026-03-02 10:00"),
        ("2026-03-02 21:00", 120, EVERY_DAY_8_TO_20, "2026-03-03 10:00"),
        ("2026-03-02 13:00", 240, WORKING_DAYS_9_TO_17, "2026-03-02 17:00"),
        ("2026-03-06 16:00", 240, WORKING_DAYS_9_TO_17, "2026-03-09 12:00"),  # Friday to Monday
        ("2026-03-07 10:00", 240, WORKING_DAYS_9_TO_17, "2026-03-09 13:00"),  # Saturday
        ("2026-02-14 16:00", 240, WORKING_DAYS_9_TO_17, "2026-02-24 12:00"),  # last working day before the festival
    ],
)
def test_sign_for_is_due_after_minutes_of_duty_time(accepted_at: str, minutes: int, duty, due_at: str):
    assert sign(local(accepted_at), minutes, duty) == local(due_at)


HOLIDAYS = st.sampled_from(
    [date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2024, 10, 1), date(2025, 10, 1)]
)


@pytest.mark.parametrize(
    ("accepted_at", "days", "due_on"),
    [
        ("2026-03-02 23:30", 0, date(2026, 3, 2)),  # no hour of acceptance: days of the calendar
        ("2026-03-02 09:00", 7, date(2026, 3, 9)),
        ("2026-03-02 09:00", 5, date(2026, 3, 9)),  # a Saturday moves to Monday
        ("2026-02-09 09:00", 5, date(2026, 2, 14)),  # a Saturday that is worked
        ("2026-02-09 09:00", 7, date(2026, 2, 24)),  # into Spring Festival: the first working day after it
        ("2024-02-14 09:00", 15, date(2024, 2, 29)),  # leap day
    ],
)
def test_calendar_days_end_on_a_working_day(accepted_at: str, days: int, due_on: date):
    due, guessed = finish(local(accepted_at), days, counted_in="calendar_days")
    assert (due, guessed) == (datetime(due_on.year, due_on.month, due_on.day, 23, 59, 59, tzinfo=LOCAL), False)


@pytest.mark.parametrize("accepted_at", ["2026-03-02 09:00", "2026-02-17 23:30", "2025-12-31 23:00"])
def test_minutes_count_by_the_clock_over_holidays_midnight_and_new_year(accepted_at: str):
    due, guessed = finish(local(accepted_at), 120, counted_in="minutes")
    assert (due - local(accepted_at), guessed) == (timedelta(hours=2), False)


INSTANTS = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=LOCAL) + timedelta(minutes=minutes),
    HOLIDAYS,
    st.integers(-14 * 1440, 14 * 1440),
)
WORKED = {day.astype(date) for day in CALENDAR.days}


@given(INSTANTS, st.integers(0, 7))
def test_the_due_day_is_worked_and_n_working_days_lie_between(accepted_at: datetime, days: int):
    due = finish(accepted_at, days)[0]
    is_late = accepted_at.hour * 60 + accepted_at.minute >= UNTIL
    start = accepted_at.date() + timedelta(days=is_late)
    while start not in WORKED:
        start += timedelta(days=1)
    assert due.date() in WORKED
    assert due > accepted_at
    assert sum(start < day <= due.date() for day in WORKED) == days


@given(INSTANTS, INSTANTS, st.integers(0, 7), st.integers(1, 480))
def test_who_comes_later_is_never_due_earlier(one: datetime, other: datetime, days: int, minutes: int):
    first, second = sorted([one, other])
    for counted_in in ("working_days", "calendar_days", "minutes"):
        due = [finish(accepted_at, days or 1, counted_in=counted_in)[0] for accepted_at in (first, second)]
        assert due[0] <= due[1]
    assert finish(first, days)[0] <= finish(second, days)[0]
    for duty in (ROUND_THE_CLOCK, EVERY_DAY_8_TO_20, WORKING_DAYS_9_TO_17):
        assert sign(first, minutes, duty) <= sign(second, minutes, duty)


@given(INSTANTS, st.integers(1, 480))
def test_sign_for_falls_into_duty_hours_of_a_working_day(accepted_at: datetime, minutes: int):
    due = sign(accepted_at, minutes, WORKING_DAYS_9_TO_17)
    assert due.date() in WORKED
    assert 540 < due.hour * 60 + due.minute <= 1020
    assert due >= accepted_at + timedelta(minutes=minutes)


def test_a_year_without_a_published_calendar_is_unknown_not_guessed_in_silence():
    beyond = PUBLISHED[-1] + 1
    with pytest.raises(UnknownYearError, match=f"holidays of {beyond}.*upgrade"):
        working_days_of(beyond)


def test_an_order_due_in_an_unknown_year_still_gets_a_due_time_that_says_it_is_a_guess():
    last = PUBLISHED[-1]
    calendar = working_days(last, last + 1)
    due, guessed = finish(datetime(last, 12, 30, 10, tzinfo=LOCAL), 7, calendar)
    assert guessed and due.year == last + 1
    assert (date(last + 1, 1, 1)) not in {day.astype(date) for day in calendar.days}
    assert finish(datetime(last, 12, 1, 10, tzinfo=LOCAL), 7, calendar)[1] is False


@pytest.mark.skipif(
    "NINELINES_DATA" not in os.environ, reason="set NINELINES_DATA to the folder with reference/holidays"
)
@pytest.mark.parametrize("year", range(2015, 2027))
def test_working_days_agree_with_the_state_councils_notices(year: int):
    folder = Path(os.environ["NINELINES_DATA"]) / "reference" / "holidays"
    notices = [json.loads(file.read_text("utf-8")) for file in folder.glob("*.json")]  # one may rule on the year before
    off = {date.fromisoformat(day["date"]): day["isOffDay"] for notice in notices for day in notice["days"]}
    every = [date(year, 1, 1) + timedelta(days=i) for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    worked = [day for day in every if not off.get(day, day.weekday() >= 5)]
    assert [day.astype(date) for day in working_days_of(year)] == worked
