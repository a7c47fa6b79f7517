"""Which time a run covers."""

from datetime import UTC, datetime

import pytest
from airflow.sdk.exceptions import AirflowFailException

from dags.windows import window


def times(period, moment, **params):
    found = window(period, moment, {"start": None, "end": None} | params)
    return found and tuple(time.isoformat() for time in found)


@pytest.mark.parametrize(
    ("period", "moment", "start", "end"),
    [
        ("last hour", "2026-03-02T09:12", "2026-03-02T08:00", "2026-03-02T09:00"),
        ("last hour", "2026-03-02T00:12", "2026-03-01T23:00", "2026-03-02T00:00"),
        ("last day", "2026-03-02T00:40", "2026-03-01T00:00", "2026-03-02T00:00"),  # still the first in UTC
        ("day so far", "2026-03-02T17:30", "2026-03-02T00:00", "2026-03-03T00:00"),
        ("day so far", "2026-03-03T00:50", "2026-03-02T00:00", "2026-03-03T00:00"),  # the same day, now whole
    ],
)
def test_the_window_follows_local_time(period, moment, start, end):
    at = datetime.fromisoformat(f"{moment}:00+08:00").astimezone(UTC)
    assert times(period, at) == (f"{start}:00+08:00", f"{end}:00+08:00")


def test_everything_new_needs_no_window():
    assert times("everything new", datetime(2026, 3, 2, tzinfo=UTC)) is None


def test_a_person_may_ask_for_a_window_and_bare_times_are_local():
    asked = times("last day", datetime(2026, 3, 2, tzinfo=UTC), start="2026-02-01", end="2026-02-02T16:00:00Z")
    assert asked == ("2026-02-01T00:00:00+08:00", "2026-02-03T00:00:00+08:00")


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-02-01", None, "belong together"),
        (None, "2026-02-01", "belong together"),
        ("2026-02-02", "2026-02-01", "not before"),
        ("yesterday", "2026-02-01", "times such as"),
    ],
)
def test_a_senseless_window_fails_without_retry(start, end, message):
    with pytest.raises(AirflowFailException, match=message):
        times("last day", datetime(2026, 3, 2, tzinfo=UTC), start=start, end=end)
