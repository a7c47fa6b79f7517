"""The window [start, end) a run covers, in local time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import pendulum
from airflow.sdk.exceptions import AirflowFailException

from jobs.catalog import TIME_ZONE

Period = Literal["everything new", "last hour", "last day", "day so far"]


def window(period: Period, moment: datetime, params: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """The period before moment; or what the run's parameters start and end say, bare times being local.

    Everything new: no window, None. Last hour, last day: the last whole one. Day so far: the whole day that held the
    moment one hour before, so that the run after midnight finishes the day before it.
    """
    given = [params.get(name) for name in ("start", "end")]
    if any(given):
        return _given(*given)
    if period == "everything new":
        return None
    now = pendulum.instance(moment).in_timezone(TIME_ZONE)
    if period == "last hour":
        return now.start_of("hour") - timedelta(hours=1), now.start_of("hour")
    if period == "last day":
        return now.start_of("day").subtract(days=1), now.start_of("day")
    day = now.subtract(hours=1).start_of("day")
    return day, day.add(days=1)


def _given(start: str | None, end: str | None) -> tuple[datetime, datetime]:
    if not start or not end:
        raise AirflowFailException("start and end belong together: give both, or none")
    try:
        first, last = (pendulum.parse(text, tz=TIME_ZONE).in_timezone(TIME_ZONE) for text in (start, end))
    except ValueError as error:
        raise AirflowFailException(f"start and end are times such as 2026-11-22T00:00:00+08:00: {error}") from None
    if first >= last:
        raise AirflowFailException(f"start {first} is not before end {last}")
    return first, last
