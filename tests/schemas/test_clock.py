"""What remains of a limit at the pause remains at the resume, over festivals, make-up workdays and closed hours."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.orders.pausing import due_after_pauses
from jobs.transforms.due_times import finish_due
from schemas.regulation import load_regulation
from schemas.regulation.calendar import working_days
from schemas.regulation.clock import Counting, Pause, after_pauses, counting_of, last_set, pauses_of, rule_of
from schemas.regulation.rows import FinishUnit

LOCAL = ZoneInfo("Asia/Shanghai")
CALENDAR = working_days(2024, 2026)
UNTIL = time(17, 30)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def paused(*moments: str) -> list[Pause]:
    """`begin/end` each, local time."""
    return [Pause(*map(local, moment.split("/"))) for moment in moments]


def due(base: datetime, pauses: list[Pause], counted_in: FinishUnit) -> datetime:
    return after_pauses(base, pauses, Counting(counted_in, UNTIL))[0].astimezone(LOCAL)


def end_of(day: str) -> datetime:
    return local(f"{day} 23:59:59")


@pytest.mark.parametrize(
    ("day_due", "pause", "then_due"),
    [
        ("2026-03-05", "2026-03-03 10:00/2026-03-03 15:00", "2026-03-05"),  # within one working day
        ("2026-03-05", "2026-03-03 10:00/2026-03-04 10:00", "2026-03-06"),
        ("2026-03-06", "2026-03-03 10:00/2026-03-04 10:00", "2026-03-09"),  # over a weekend
        ("2026-03-05", "2026-03-03 18:00/2026-03-04 08:00", "2026-03-05"),  # closed hours of a night
        ("2026-03-10", "2026-03-06 17:30/2026-03-09 17:29", "2026-03-10"),  # closed hours and a weekend
        ("2026-03-10", "2026-03-07 09:00/2026-03-08 22:00", "2026-03-10"),  # a weekend
        ("2026-02-25", "2026-02-14 18:00/2026-02-24 09:00", "2026-02-25"),  # Spring Festival, 15 to 23 February
        ("2026-02-25", "2026-02-13 10:00/2026-02-24 09:00", "2026-02-27"),  # Saturday 14 is worked: two working days
        ("2026-02-27", "2026-02-25 10:00/2026-02-26 10:00", "2026-02-28"),  # a Saturday that is worked
        ("2025-10-09", "2025-09-26 10:00/2025-09-28 10:00", "2025-10-10"),  # Sunday 28 September is worked
        ("2025-09-30", "2025-09-29 10:00/2025-09-30 10:00", "2025-10-09"),  # National Day, 1 to 8 October
        ("2025-10-10", "2025-10-01 00:00/2025-10-08 23:59", "2025-10-10"),
        ("2024-02-18", "2024-02-09 10:00/2024-02-18 10:00", "2024-02-19"),  # Sunday 18 February is worked
        ("2024-02-28", "2024-02-28 10:00/2024-02-29 10:00", "2024-02-29"),  # a leap day
        ("2024-02-29", "2024-02-29 10:00/2024-03-01 10:00", "2024-03-01"),
        ("2026-03-05", "2026-03-06 10:00/2026-03-20 10:00", "2026-03-05"),  # late before: stays late
        ("2026-03-06", "2026-03-06 18:00/2026-03-09 09:00", "2026-03-06"),  # nothing was left but closed hours
    ],
)
def test_working_days_that_remained_remain(day_due: str, pause: str, then_due: str):
    assert due(end_of(day_due), paused(pause), "working_days") == end_of(then_due)


@pytest.mark.parametrize(
    ("day_due", "pause", "then_due"),
    [
        ("2026-03-05", "2026-03-03 00:00/2026-03-03 23:59", "2026-03-05"),
        ("2026-03-05", "2026-03-03 23:59/2026-03-04 00:00", "2026-03-06"),
        ("2026-03-05", "2026-03-03 10:00/2026-03-05 10:00", "2026-03-09"),  # Saturday: moves to the next working day
        ("2026-02-13", "2026-02-10 10:00/2026-02-12 10:00", "2026-02-24"),  # into Spring Festival, and behind it
        ("2024-02-28", "2024-02-27 10:00/2024-02-28 10:00", "2024-02-29"),
    ],
)
def test_calendar_days_that_remained_remain(day_due: str, pause: str, then_due: str):
    assert due(end_of(day_due), paused(pause), "calendar_days") == end_of(then_due)


@pytest.mark.parametrize(
    ("then", "pause", "then_due"),
    [
        ("2026-03-03 11:00", "2026-03-03 10:00/2026-03-03 10:30", "2026-03-03 11:30"),
        ("2025-12-31 23:00", "2025-12-31 22:00/2026-01-01 00:30", "2026-01-01 01:30"),  # over New Year of the zone
        ("2024-02-28 23:30", "2024-02-28 23:00/2024-02-29 23:00", "2024-02-29 23:30"),
        ("2026-05-03 03:00", "2026-05-03 01:00/2026-05-03 04:00", "2026-05-03 06:00"),  # no summer time in China
    ],
)
def test_minutes_that_remained_remain_by_the_clock(then: str, pause: str, then_due: str):
    assert due(local(then), paused(pause), "minutes") == local(then_due)


def test_a_pause_that_was_told_in_parts_gives_what_the_whole_gives():
    whole, parts = ["2026-03-04 09:00/2026-03-05 11:00"], ["2026-03-04 09:00/2026-03-04 12:00"]
    parts.append("2026-03-04 12:00/2026-03-05 11:00")  # it begins after the extended hour at which all was due
    dues = {due(local("2026-03-04 10:00"), paused(*told), "working_days") for told in (whole, parts)}
    assert dues == {end_of("2026-03-05")}


def test_a_pause_tells_what_it_gave():
    day, week = Counting("working_days", UNTIL), paused("2026-03-03 10:00/2026-03-05 10:00")
    assert after_pauses(end_of("2026-03-05"), week, day)[1] == "2 working days"
    assert after_pauses(end_of("2026-03-05"), week, Counting("minutes", UNTIL))[1] == "2880.0 minutes"
    assert after_pauses(end_of("2026-03-05"), [], day)[1] == ""
    beyond = paused("2031-03-03 10:00/2031-03-04 10:00")
    assert "holidays not published yet" in after_pauses(end_of("2031-03-05"), beyond, day)[1]


# --- properties -------------------------------------------------------------------------------------------------------

units = st.sampled_from(get_args(FinishUnit))
moments = st.datetimes(datetime(2025, 1, 20), datetime(2026, 3, 20), timezones=st.just(LOCAL))  # noqa: DTZ001
spans = st.timedeltas(timedelta(), timedelta(days=20))
amounts = st.integers(1, 12)


def accepted(at: datetime, amount: int, counted_in: str) -> datetime:
    instants = pl.Series([at.astimezone(UTC)], dtype=pl.Datetime("us", "UTC"))
    amount = amount * 60 if counted_in == "minutes" else amount
    limit = pl.DataFrame({"finish_amount": amount, "finish_counted_in": counted_in, "accepted_until": 17 * 60 + 30})
    return finish_due(instants, limit, CALENDAR)["finish_due_at"][0]


def remaining(then_due: datetime, at: datetime, counted_in: str) -> Any:
    """Counted a day at a time, as a person would with a calendar in the hand."""
    if counted_in == "minutes":
        return then_due - at
    first, last = at.astimezone(LOCAL), then_due.astimezone(LOCAL).date()
    if counted_in == "calendar_days":
        return last - first.date()
    day = first.date() + timedelta(days=first.time() >= UNTIL)
    worked = [one for one in CALENDAR.days.tolist() if day <= one <= last]
    return len(worked)


@given(moments, amounts, spans, spans, units)
def test_what_remained_before_the_pause_remains_after_it(at, amount, until_pause, length, counted_in):
    base, pause = accepted(at, amount, counted_in), Pause(at + until_pause, at + until_pause + length)
    found = due(base, [pause], counted_in)
    before, after = remaining(base, pause.paused_at, counted_in), remaining(found, pause.resumed_at, counted_in)
    if pause.paused_at >= base:
        assert found == base
    elif counted_in == "calendar_days":  # the last day may move on to a working day
        assert after >= before
        assert after == before or not (CALENDAR.days == found.date() - (after - before)).any()
    elif remaining(base, pause.paused_at, counted_in):
        assert after == before


@given(moments, moments, amounts, spans, spans, units)
def test_who_comes_later_is_never_due_earlier_for_a_pause_of_both(one, other, amount, wait, length, counted_in):
    first, second = sorted((one, other))
    pause = Pause(second + wait, second + wait + length)
    dues = [due(accepted(at, amount, counted_in), [pause], counted_in) for at in (first, second)]
    assert dues[0] <= dues[1]


@given(moments, amounts, spans, spans, spans, units)
def test_two_pauses_that_touch_are_one(at, amount, wait, length, more, counted_in):
    base, begin, middle = accepted(at, amount, counted_in), at + wait, at + wait + length
    two = [Pause(middle, middle + more), Pause(begin, middle)]  # in whatever order they are told
    assert due(base, two, counted_in) == due(base, [Pause(begin, middle + more)], counted_in)


@given(moments, amounts, spans, units)
def test_to_pause_and_resume_at_once_changes_nothing(at, amount, wait, counted_in):
    base = accepted(at, amount, counted_in)
    assert due(base, [Pause(at + wait, at + wait)], counted_in) == base


@given(moments, amounts, st.lists(st.tuples(spans, spans), max_size=4), spans, units)
def test_a_further_pause_never_moves_an_order_backwards(at, amount, lengths, last, counted_in):
    base, pauses, now = accepted(at, amount, counted_in), [], at
    dues = [due(base, pauses, counted_in)]
    for wait, length in lengths:
        pauses.append(Pause(now + wait, now + wait + length))
        now = pauses[-1].resumed_at - min(last, length)  # it may overlap the one before
        dues.append(due(base, pauses, counted_in))
    assert dues == sorted(dues)


# --- events -----------------------------------------------------------------------------------------------------------


def events(*told: tuple[str, str, datetime]) -> list[dict[str, Any]]:
    """(event, local time, due) each."""
    return [{"event": event, "occurred_at": local(at), "finish_due_at": due_at} for event, at, due_at in told]


LIMITS = {"minutes": "danger_in_two_hours@2026-07-01", "working_days": "three_days@2000-01-01"}
LIMITS["calendar_days"] = "suggestions_in_fifteen_days@2026-07-01"


@given(moments, amounts, spans, st.timedeltas(timedelta(hours=1), timedelta(days=9)), units)
def test_an_extension_before_or_during_a_pause_gives_the_same(at, amount, length, more, counted_in):
    base, begin, end = accepted(at, amount, counted_in), at + timedelta(minutes=10), at + timedelta(minutes=10) + length
    reasons = [f"finish_due_at: deadlines/{LIMITS[counted_in]}: why"]
    order = {"reasons": reasons, "accepted_at": at, "paused_at": begin}
    found = []
    for steps in (
        [("dispatch", at, base), ("extend", begin, base + more), ("pause", begin, base + more)],
        [("dispatch", at, base), ("pause", begin, base), ("extend", begin + length / 2, base + more)],
    ):
        told = [
            {"event": event, "occurred_at": moment, "finish_due_at": then, "finish_rule": "extend@2"}
            for event, moment, then in steps
        ]
        found.append(due_after_pauses(order, told, end, load_regulation()))
    assert found[0] == found[1]
    assert found[0]["finish_due_at"] == due(base + more, [Pause(begin, end)], counted_in)


def test_the_pauses_of_an_order_are_those_that_are_over():
    first, later = end_of("2026-03-05"), end_of("2026-03-06")
    told = events(
        ("dispatch", "2026-03-02 09:00", first), ("pause", "2026-03-03 09:00", first),
        ("remind", "2026-03-03 12:00", first), ("resume", "2026-03-04 09:00", later),
        ("pause", "2026-03-05 09:00", later),
    )  # fmt: skip
    assert pauses_of(told) == paused("2026-03-03 09:00/2026-03-04 09:00")
    assert last_set(told)["event"] == "dispatch", "a resume sets no limit"


@pytest.mark.parametrize(
    ("rule", "counted_in"),
    [
        ("three_days@2000-01-01", "working_days"),
        ("suggestions_in_fifteen_days@2026-07-01", "calendar_days"),
        ("danger_in_two_hours@2026-07-01", "minutes"),
        ("three_days@1999-01-01", "minutes"),  # a version that nobody knows any more: no minute is lost
    ],
)
def test_a_limit_counts_as_the_rule_that_the_order_names(rule: str, counted_in: str):
    reasons = ["unit_code: noise@2026-01-01: category noise", f"finish_due_at: deadlines/{rule}: level village: why"]
    assert rule_of(reasons, "finish_due_at") == f"deadlines/{rule}"
    assert counting_of(load_regulation(), reasons, local("2026-03-02 09:00")) == Counting(counted_in, UNTIL)
