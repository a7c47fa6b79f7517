"""The clock of an order that was paused: what remains of its limit at the pause remains at the resume.

It is counted as the limit counts. Minutes run by the clock. Calendar days are local days. Working days are counted as
at acceptance: a moment on a free day, or at or after `accepted_until`, belongs to the next working day; so a pause
over closed hours changes nothing. Sign-for (签收) needs none of this: only work that goes on can be paused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from schemas.regulation.calendar import LOCAL, WorkingDays, working_days
from schemas.regulation.loading import Regulation
from schemas.regulation.rows import FinishLimit, FinishUnit

ZONE = ZoneInfo(LOCAL)
DAY_ENDS = time(23, 59, 59)
Event = Mapping[str, Any]  # a row of OrderEvent


@dataclass(frozen=True)
class Counting:
    """How the limit of an order counts."""

    counted_in: FinishUnit
    accepted_until: time


@dataclass(frozen=True)
class Pause:
    """From a pause to its resume."""

    paused_at: datetime
    resumed_at: datetime


def after_pauses(due_at: datetime, pauses: Iterable[Pause], counting: Counting) -> tuple[datetime, str]:
    """The due time once these pauses are over, in UTC, and what they gave, such as `2 working days`; empty: nothing.

    due_at: as it would be without them. Pauses that touch or overlap count as one. A pause that began when the order
    was late gives nothing: what is late stays late. A due time that moves by days is the end of its local day.
    """
    due, given = due_at.astimezone(UTC), timedelta()
    merged = _merged(pauses)
    calendar = _calendar(due, merged)
    for pause in merged:
        if pause.paused_at < due:
            given += _length(pause, counting, calendar)
            due = _moved(due_at.astimezone(UTC), given, counting, calendar)
    return due, _told(given, counting, _is_guessed(calendar, [due_at, due]))


def pauses_of(events: Iterable[Event]) -> list[Pause]:
    """The pauses of one order that are over. events: in order of version; those of other kinds do no harm."""
    found, paused_at = [], None
    for event in events:
        if event["event"] == "pause":
            paused_at = event["occurred_at"]
        elif event["event"] == "resume" and paused_at is not None:
            found.append(Pause(paused_at, event["occurred_at"]))
            paused_at = None
    return found


def last_set(events: Sequence[Event]) -> Event:
    """The step that set the limit which the order has but for its pauses: a decision, an extension, a reopening."""
    found = before = events[0]
    for event in events:
        if event["event"] != "resume" and event["finish_due_at"] != before["finish_due_at"]:
            found = event
        before = event
    return found


def rule_of(reasons: Iterable[str], field: str) -> str | None:
    """The rule and its version that an order's reasons name for a field, as `deadlines/three_days@2000-01-01`."""
    return next((reason.split(": ")[1] for reason in reasons if reason.startswith(f"{field}: ")), None)


def named_after_pauses(rule: str | None, given: str) -> str | None:
    """How a due time names what gave it. given: as `after_pauses` tells it."""
    return f"{rule}; paused {given}" if given else rule


def limit_anew(
    regulation: Regulation, reasons: Iterable[str], accepted_at: datetime, due_at: datetime, now: datetime
) -> tuple[datetime, str]:
    """A time limit that begins now, in UTC, and the rule that gives it: the one that decided the order.

    Counted as `jobs.transforms.due_times.finish_due`. A rule that is known no more: as long as before, by the clock.
    """
    named = rule_of(reasons, "finish_due_at")
    limit = _limit_named(regulation, named)
    if limit is None:
        return now + (due_at - accepted_at), "as long as before"
    if limit.counted_in == "minutes":
        return now + timedelta(minutes=limit.amount), str(named)
    counting = Counting(limit.counted_in, _accepted_until(regulation, accepted_at))
    calendar = working_days(now.year, (now + timedelta(days=limit.amount)).year + 1)
    if limit.counted_in == "working_days":
        place = _working_day(now, counting, calendar) + limit.amount
    else:
        day = now.astimezone(ZONE).date() + timedelta(days=limit.amount)
        place = int(np.searchsorted(calendar.days, np.datetime64(day), side="left"))
    last: date = calendar.days[place].astype(date)
    return datetime.combine(last, DAY_ENDS, ZONE).astimezone(UTC), str(named)


def counting_of(regulation: Regulation, reasons: Iterable[str], accepted_at: datetime) -> Counting:
    """How the limit counts that decided the order; by the clock where that rule is known no more."""
    limit = _limit_named(regulation, rule_of(reasons, "finish_due_at"))
    return Counting(limit.counted_in if limit else "minutes", _accepted_until(regulation, accepted_at))


def _limit_named(regulation: Regulation, named: str | None) -> FinishLimit | None:
    limits = regulation.rows[FinishLimit]
    return next((one for one in limits if named == f"deadlines/{one.name}@{one.valid_from}"), None)


def _accepted_until(regulation: Regulation, accepted_at: datetime) -> time:
    return regulation.on(accepted_at.astimezone(ZONE).date()).working_day.accepted_until


def _merged(pauses: Iterable[Pause]) -> list[Pause]:
    found: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: one.paused_at):
        if found and pause.paused_at <= found[-1].resumed_at:
            found[-1] = Pause(found[-1].paused_at, max(found[-1].resumed_at, pause.resumed_at))
        else:
            found.append(pause)
    return found


def _calendar(due: datetime, pauses: Sequence[Pause]) -> WorkingDays:
    """The years that these pauses can touch."""
    moments = [due, *(pause.paused_at for pause in pauses), *(pause.resumed_at for pause in pauses)]
    longest = sum((pause.resumed_at - pause.paused_at for pause in pauses), timedelta())
    return working_days(min(moments).year, (max(moments) + longest).year + 1)


def _length(pause: Pause, counting: Counting, calendar: WorkingDays) -> timedelta:
    """How much of the limit was paused: whole days where it counts in days."""
    if counting.counted_in == "minutes":
        return pause.resumed_at - pause.paused_at
    if counting.counted_in == "calendar_days":
        return pause.resumed_at.astimezone(ZONE).date() - pause.paused_at.astimezone(ZONE).date()
    first, last = (_working_day(moment, counting, calendar) for moment in (pause.paused_at, pause.resumed_at))
    return timedelta(days=last - first)


def _working_day(moment: datetime, counting: Counting, calendar: WorkingDays) -> int:
    """The place in the calendar of the working day to which the moment belongs."""
    local = moment.astimezone(ZONE)
    is_late = local.time() >= counting.accepted_until
    return int(np.searchsorted(calendar.days, np.datetime64(local.date() + timedelta(days=is_late)), side="left"))


def _moved(due: datetime, by: timedelta, counting: Counting, calendar: WorkingDays) -> datetime:
    if counting.counted_in == "minutes" or not by:
        return due + by
    day = due.astimezone(ZONE).date()
    if counting.counted_in == "calendar_days":
        place = int(np.searchsorted(calendar.days, np.datetime64(day + by), side="left"))
    else:
        place = int(np.searchsorted(calendar.days, np.datetime64(day), side="right")) - 1 + by.days
    last: date = calendar.days[place].astype(date)
    return datetime.combine(last, DAY_ENDS, ZONE).astimezone(UTC)


def _is_guessed(calendar: WorkingDays, moments: Iterable[datetime]) -> bool:
    return any(moment.astimezone(ZONE).year in calendar.guessed_years for moment in moments)


def _told(given: timedelta, counting: Counting, is_guessed: bool) -> str:
    if not given:
        return ""
    if counting.counted_in == "minutes":
        return f"{given.total_seconds() / 60:.1f} minutes"
    words = f"{given.days} {counting.counted_in.replace('_', ' ')}"
    return f"{words}, holidays not published yet, weekdays counted" if is_guessed else words
