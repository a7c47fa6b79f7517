"""What each unit's orders did on each local day."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from jobs.transforms.orders_daily import KEY, STEPS, orders_daily
from schemas.order_life import WITH_THE_UNIT
from schemas.records import OrderEvent

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # noon in China
KINDS = OrderEvent.create_empty().schema


def events(*steps: tuple[str, int, str, str, str, float]) -> pl.DataFrame:
    """order, version, event, state after it, unit, hours after noon."""
    names = ("order_id", "version", "event", "to_state", "unit_code", "occurred_at")
    rows = [dict(zip(names, (*step[:5], NOON + timedelta(hours=step[5])), strict=True)) for step in steps]
    return pl.DataFrame(rows, schema={name: KINDS[name] for name in names})


LIFE = events(
    ("a", 1, "dispatch", "dispatched", "police", 0), ("a", 2, "send_back", "returned", "police", 11),
    ("a", 3, "dispatch", "dispatched", "housing", 13), ("a", 4, "sign", "signed", "housing", 14),
    ("a", 5, "handle", "handling", "housing", 15), ("a", 6, "close", "closed", "housing", 62),
    ("b", 1, "dispatch", "dispatched", "police", 1), ("b", 2, "remind", "dispatched", "police", 40),
)  # fmt: skip


def test_a_life_on_its_days():
    found = (
        orders_daily(LIFE).select(*KEY, "dispatched", "signed", "closed", "sent_back", "marked", "open_at_end").rows()
    )
    assert found == [
        (date(2026, 3, 2), "police", 2, 0, 0, 1, 0, 1),
        (date(2026, 3, 3), "housing", 1, 1, 0, 0, 0, 1),  # 13 hours after noon is the next day
        (date(2026, 3, 3), "police", 0, 0, 0, 0, 0, 1),
        (date(2026, 3, 4), "housing", 0, 0, 0, 0, 0, 1),
        (date(2026, 3, 4), "police", 0, 0, 0, 0, 1, 1),
        (date(2026, 3, 5), "housing", 0, 0, 1, 0, 0, 0),
        (date(2026, 3, 5), "police", 0, 0, 0, 0, 0, 1),
    ]


def test_a_step_that_a_slow_clock_puts_on_the_day_before():
    slow = events(("a", 1, "dispatch", "dispatched", "police", 12.1), ("a", 2, "merge", "merged", "police", 11.9))
    found = orders_daily(slow).select("day", "dispatched", "gone", "open_at_end").rows()
    assert found == [(date(2026, 3, 2), 0, 1, 0), (date(2026, 3, 3), 1, 0, 0)]


def test_nothing_happened():
    assert orders_daily(LIFE.head(0)).is_empty()


ONE = st.tuples(st.sampled_from(["dispatch", "sign", "close", "merge", "handle", "reopen"]),
                st.sampled_from(["dispatched", "signed", "closed", "merged", "returned", "handling"]),
                st.sampled_from(["u", "v"]), st.floats(0, 200))  # fmt: skip


@given(st.lists(st.lists(ONE, min_size=1, max_size=6), min_size=1, max_size=4), st.randoms())
def test_steps_are_each_counted_once_and_what_is_open_at_the_end_is_what_stands_open(lives, rng):
    steps = []
    for number, life in enumerate(lives):
        hours = sorted(hour for *_, hour in life)
        steps += [
            (f"o{number}", place + 1, *step[:3], hour)
            for place, (step, hour) in enumerate(zip(life, hours, strict=True))
        ]
    rng.shuffle(steps)
    found = orders_daily(events(*steps))
    counted = sum(found[column].sum() for column in STEPS)
    assert counted == sum(step[2] in sum(STEPS.values(), ()) for step in steps)
    last = {order: (state, unit) for order, _, _, state, unit, _ in sorted(steps, key=lambda step: (step[0], step[1]))}
    for unit in found["unit_code"].unique():
        stands = sum(held == unit and state in WITH_THE_UNIT for state, held in last.values())
        assert found.filter(pl.col("unit_code") == unit).sort("day")["open_at_end"][-1] == stands
