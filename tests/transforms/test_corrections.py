"""Which labels people's steps make: the last word counts, a suggestion that nobody followed does not."""

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.streaming.collect_order_events import read_message
from jobs.transforms.corrections import category_labels, unit_labels
from schemas.messages import message
from schemas.records import OrderEvent, Report
from tests.transforms.decided import (
    MONDAY,
    classification,
    classifications,
    event,
    events,
    incidents,
    links,
    orders,
)

Step = tuple[str, dict[str, Any]]
BEGUN: Step = ("dispatch", {"role": "system", "to_state": "dispatched"})
CLOSED: list[Step] = [
    ("sign", {"to_state": "signed"}),
    ("handle", {"to_state": "handling"}),
    ("close", {"to_state": "closed", "outcome": "solved"}),
]


def back(unit: str | None = None, category: str | None = None) -> Step:
    return "send_back", {"to_state": "returned", "better_unit_code": unit, "better_category": category}


def sent(unit: str, category: str = "noise") -> Step:
    return "dispatch", {"to_state": "dispatched", "role": "dispatcher", "unit_code": unit, "category": category}


def correct(category: str, **more: Any) -> Step:
    return "correct", {"to_state": "handling", "role": "dispatcher", "category": category, **more}


def life(*steps: Step) -> pl.DataFrame:
    """Events of o-0, one an hour from ten on; unit and category go on until a step names others."""
    found, now = [], {"unit_code": "police", "category": "noise"}
    for number, (name, told) in enumerate([BEGUN, *steps], start=1):
        now |= {key: told[key] for key in now if key in told}
        row = told | now
        found.append(event("o-0", number, name, row.pop("to_state"), f"2026-03-02 {9 + number}:00", **row))
    return events(*found)


def labels(happened: pl.DataFrame, **classified: Any) -> tuple[list[Any], list[Any]]:
    """(label, how, hour it was known) of the report's category and of the order's unit."""
    report = {"report_id": "r-0", "text": "半夜有人唱歌", "received_at": MONDAY}
    made = orders({"category": "noise"}).drop("township_code")
    said = classifications(classification("r-0", "noise", **classified))
    reports = pl.DataFrame([report], schema_overrides={"received_at": Report.create_empty().schema["received_at"]})
    ours = category_labels(happened, made, links(**{"r-0": "i-0"}), said, reports)
    units = unit_labels(happened, made, incidents({}))
    shown = pl.col("label"), pl.col("how"), pl.col("known_at").dt.convert_time_zone("Asia/Shanghai").dt.hour()
    return ours.select(shown).rows(), units.select(shown).rows()


@pytest.mark.parametrize(
    ("steps", "categories", "units"),
    [
        ([], [], []),
        (CLOSED, [("noise", "confirmed", 13)], [("police", "confirmed", 13)]),
        ([*CLOSED[:2], ("close", {"to_state": "closed", "outcome": "not_ours"})], [], []),
        ([back("housing", "housing")], [], []),
        # nobody followed the suggestion: the dispatcher insisted, and it was handled so
        (
            [back("housing", "housing"), sent("police"), *CLOSED],
            [("noise", "confirmed", 15)],
            [("police", "confirmed", 12)],
        ),
        ([back("housing", "housing"), sent("ecology")], [], [("ecology", "corrected", 12)]),
        # followed: to the unit it named, and so about what it said
        ([back("housing", "housing"), sent("housing")], [("housing", "corrected", 12)], [("housing", "corrected", 12)]),
        ([back("housing"), sent("housing")], [], [("housing", "corrected", 12)]),
        # followed, and sent back by that unit too
        ([back("housing", "housing"), sent("housing"), back("ecology")], [], []),
        # the dispatcher's last word
        (
            [back("housing", "housing"), sent("housing", "dispute"), correct("labour")],
            [("labour", "corrected", 13)],
            [("housing", "corrected", 12)],
        ),
        ([*CLOSED[:2], correct("dispute"), correct("noise")], [("noise", "confirmed", 14)], []),
        # what the pipeline books after the correction is no word of its own
        (
            [
                correct("dispute", to_state="dispatched"),
                ("urge", {"role": "system", "to_state": "dispatched"}),
                *CLOSED,
            ],
            [("dispute", "corrected", 11)],
            [("police", "confirmed", 15)],
        ),
    ],
)
def test_labels_are_what_people_agreed_on(steps: list[Step], categories: list[Any], units: list[Any]):
    assert labels(life(*steps)) == (categories, units)


def test_a_source_knows_better_than_a_confirmation_and_worse_than_a_dispatcher():
    named = {"model_version": "source"}
    assert labels(events(), **named)[0] == [("noise", "source", 9)]
    assert labels(life(*CLOSED), **named)[0] == [("noise", "source", 9)]
    assert labels(life(correct("dispute")), **named)[0] == [("dispute", "corrected", 11)]


def test_events_of_before_the_category_was_noted_speak_for_the_assigned_one():
    old = life(*CLOSED).with_columns(category=pl.lit(None, OrderEvent.create_empty().schema["category"]))
    assert labels(old)[0] == [("noise", "confirmed", 13)]


def test_a_message_of_before_corrections_still_reads():
    row = life().to_dicts()[0]
    lacking = {
        name: value for name, value in row.items() if name not in ("better_unit_code", "better_category", "category")
    }
    kind, read = read_message(json.dumps(message("order_event", lacking)).encode())
    assert (kind, read["event"], read["category"], read["better_unit_code"]) == ("order_event", "dispatch", None, None)


STEPS = st.sampled_from(
    [back("housing", "housing"), back(), sent("housing"), sent("police"), correct("dispute"), *CLOSED]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, max_size=6), st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_read_does_not_matter(steps: list[Step], chance: Any):
    told = life(*steps)
    assert labels(told.sample(fraction=1.0, shuffle=True, seed=chance.randint(0, 999))) == labels(told)
