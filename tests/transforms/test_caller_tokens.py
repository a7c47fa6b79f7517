"""A caller's token depends on the number and the period of the call, and on nothing else."""

import json
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.transforms.caller_tokens import CallerKey, caller_tokens, token_of_its_day
from jobs.transforms.cleaning import clean
from tests.transforms.messages import COUNTY, raw

FIRST = CallerKey("1", None, b"first secret")
SECOND = CallerKey("2", date(2025, 3, 5), b"second secret")
THIRD = CallerKey("3", date(2025, 3, 7), b"third secret")


def called(at: str, *keys: CallerKey, phone: str = "13900000001") -> str | None:
    item = {"JJDBH": "A1", "BJSJ": at, "BJLX": "报警", "BJNR": "有人打架", "BJDH": phone, "JD": 118.05, "WD": 33.45}
    (record,) = clean(raw(("110", json.dumps(item, ensure_ascii=False).encode())), keys, COUNTY).to_dicts()
    assert record["reasons"] == []
    return record["caller_token"]


@pytest.mark.parametrize(
    ("at", "key_id"),
    [
        ("2025-03-04 23:59:59", "1"),
        ("2025-03-05 00:00:00", "2"),  # local midnight, 16:00 UTC of the day before
        ("2025-03-06 23:59:59", "2"),
        ("2025-03-07 00:00:00", "3"),
    ],
)
def test_the_local_day_of_the_call_chooses_the_key(at: str, key_id: str):
    assert called(at, FIRST, SECOND, THIRD).startswith(f"c-{key_id}:")


@pytest.mark.parametrize("at", ["2025-03-04 21:40:12", "2025-03-05 21:40:12"])
def test_a_replay_after_later_rotations_gives_the_same_token(at: str):
    assert called(at, FIRST, SECOND) == called(at, FIRST, SECOND, THIRD)


def test_the_first_period_needs_no_rotation_to_stay_what_it_was():
    assert called("2025-03-04 21:40:12", FIRST) == called("2025-03-04 21:40:12", FIRST, SECOND)


def test_the_same_caller_is_the_same_in_a_period_and_another_in_the_next():
    before, same, after = (called(f"2025-03-{day} 08:00:00", FIRST, SECOND) for day in ("03", "04", "05"))
    assert before == same
    assert before.split(":")[1] != after.split(":")[1]
    assert called("2025-03-03 08:00:00", FIRST, phone="13900000002") != before


def test_calls_of_a_forgotten_keys_period_have_no_token():
    gone = CallerKey("1", None, None)
    assert called("2025-03-04 21:40:12", gone, SECOND) is None
    assert called("2025-03-05 21:40:12", gone, SECOND) == called("2025-03-05 21:40:12", FIRST, SECOND)


def test_a_key_is_not_in_what_is_printed_of_it():
    assert "first secret" not in repr((FIRST, SECOND))


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 3)), min_size=1, max_size=20), st.integers(0, 20))
def test_tokens_do_not_depend_on_how_calls_are_cut_into_batches(calls, border):
    keys = (FIRST, SECOND, THIRD)
    start = datetime(2025, 3, 3, 12, tzinfo=UTC)
    rows = pl.DataFrame(
        {
            "tokens": [caller_tokens(f"1390000000{who}", keys) for _, who in calls],
            "at": [start + timedelta(hours=hours) for hours, _ in calls],
        }
    )
    chosen = token_of_its_day("tokens", "at", keys).alias("token")
    parts = [part.select(chosen) for part in (rows[:border], rows[border:])]
    assert pl.concat(parts).equals(rows.select(chosen))
