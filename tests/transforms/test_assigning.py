"""Every incident becomes one order, and each decided field names its rule."""

from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.models.router import Plan, Router, fit
from jobs.transforms.assigning import assign, changed
from schemas.records import Assignment
from schemas.regulation import load_regulation
from schemas.vocabulary import CATEGORIES, KINDS
from tests.transforms.decided import MONDAY, at, classification, classifications, incidents, links

RULES = load_regulation()
CRY = "屋里有人喊救命"
FOUR_O_CLOCK = at("2026-03-02 16:00")
TOWNSHIPS = ("990101001", "990101101", "990101102", "990101201", "330110999", None)


def order(incident: dict, *found: dict) -> dict:
    """The decision on one incident whose reports r0, r1, … were classified so."""
    linked = links(**{row["report_id"]: "i-0" for row in found})
    return assign(incidents(incident), linked, classifications(*found), RULES).row(0, named=True)


@pytest.mark.parametrize(
    ("incident", "unit", "co_units"),
    [
        ({"category": "fire"}, "fire_brigade", ["emergency_management"]),
        ({"category": "city_appearance"}, "urban_management", ["donghu"]),  # named exception: the county seat
        ({"category": "city_appearance", "township_code": "990101101"}, "qingshi", ["urban_management"]),
        ({"category": "city_appearance", "township_code": None}, "urban_management", []),
        ({"category": "noise", "township_code": "990101101"}, "ecology", ["qingshi"]),  # named exception: the works
        ({"category": "noise", "township_code": "990101101", "kind": "help"}, "qingshi", ["police"]),
        ({"category": "dispute", "kind": "emergency"}, "police", ["donghu"]),
        ({"category": "dispute", "township_code": "330110999"}, "justice", []),  # no government of ours
        ({"category": "flood", "township_code": None}, "water_affairs", ["emergency_management"]),
        ({"category": "other"}, "command_centre", []),
        ({}, "command_centre", []),
    ],
)
def test_category_and_place_set_the_unit(incident: dict, unit: str, co_units: list[str]):
    found = order(incident)
    assert (found["unit_code"], found["co_unit_codes"]) == (unit, co_units)


@pytest.mark.parametrize(
    ("incident", "event_grade", "handling_level"),
    [
        ({"category": "fire", "text": "着火了"}, "1", "county"),
        ({"category": "fire"}, "2", "county"),
        ({"category": "fire", "report_count": 5}, "1", "county"),
        ({"category": "consumer", "text": "有人持刀"}, "2", "county"),
        ({"category": "city_appearance", "kind": "inspection"}, "4", "grid"),
        ({"category": "noise"}, "4", "village"),
        ({"category": "municipal_works"}, "4", "town"),
        ({"category": "municipal_works", "report_count": 3}, "3", "town"),
        ({"category": "education", "kind": "enquiry"}, "4", "village"),
        ({"category": "education"}, "4", "county"),
    ],
)
def test_grade_and_level_stay_apart(incident: dict, event_grade: str, handling_level: str):
    found = order(incident)
    assert (found["event_grade"], found["handling_level"]) == (event_grade, handling_level)


@pytest.mark.parametrize(
    ("incident", "duty_tier", "sign_due", "finish_due"),
    [
        # grade 1: ten minutes by the clock; county: seven working days
        ({"category": "fire", "text": "着火了"}, "tier_1", "2026-03-02 09:10", "2026-03-11 23:59:59"),
        # grade 4: 240 minutes of duty time, which for a third-tier unit starts on Monday at nine
        ({"category": "agriculture", "first_received_at": at("2026-02-28 20:00")},
         "tier_3", "2026-03-02 13:00", "2026-03-05 23:59:59"),
        # same day; four hours of duty time would end after it, and sign-for is never due after finish
        ({"category": "noise", "kind": "inspection", "township_code": "990101201", "first_received_at": FOUR_O_CLOCK},
         "tier_3", "2026-03-02 23:59:59", "2026-03-02 23:59:59"),
    ],
)  # fmt: skip
def test_the_due_times_follow_grade_level_and_duty_tier(incident: dict, duty_tier: str, sign_due: str, finish_due: str):
    found = order(incident)
    assert (found["unit_duty_tier"], found["sign_due_at"], found["finish_due_at"]) == (
        duty_tier,
        at(sign_due),
        at(finish_due),
    )


def test_an_old_order_keeps_its_old_rule():
    found = order({"category": "fire", "text": "着火了", "first_received_at": at("2025-12-31 09:00")})
    assert found["sign_due_at"] == at("2025-12-31 09:15")


@pytest.mark.parametrize(
    ("incident", "due", "rule"),
    [
        ({"category": "fire", "text": "着火了"}, "2026-11-06 23:00", "danger_in_two_hours@2026-07-01"),
        ({"category": "education", "kind": "enquiry"}, "2026-11-07 21:00", "questions_within_a_day@2026-07-01"),
        ({"category": "education", "kind": "suggestion"}, "2026-11-23 23:59:59", "suggestions_in_fifteen_days@"),
        ({"category": "education"}, "2026-11-18 23:59:59", "seven_days@2000-01-01"),  # Friday night: from Monday on
    ],
)
def test_kind_and_danger_have_limits_of_their_own(incident: dict, due: str, rule: str):
    found = order(incident | {"first_received_at": at("2026-11-06 21:00")})
    assert found["finish_due_at"] == at(due)
    assert f"finish_due_at: deadlines/{rule}" in found["reasons"][-1]
    assert found["sign_due_at"] <= found["finish_due_at"]


def test_the_sources_category_counts_more_than_a_guess():
    found = order({"category": "housing"}, classification("r0", "fire"))
    assert (found["category"], found["unit_code"]) == ("housing", "housing")


def test_the_surest_report_names_the_category():
    found = order({}, classification("r0", "noise", probability=0.6), classification("r1", "housing", probability=0.8))
    assert found["category"] == "housing"
    assert "category: classifier@m1: probability 0.8" in found["reasons"]


def test_the_reason_names_the_words_that_spoke_for_the_category():
    found = order({}, classification("r0", "housing", probability=0.8, words=["漏水", "物业"]))
    assert "category: classifier@m1: probability 0.8, by 漏水 物业" in found["reasons"]


def test_where_the_classifier_abstained_the_command_centre_looks():
    found = order({}, classification("r0", "housing", abstained=True, probability=0.3))
    assert (found["category"], found["unit_code"], found["co_unit_codes"]) == ("housing", "command_centre", [])
    assert any("a dispatcher looks" in reason for reason in found["reasons"])


def test_an_urgent_matter_of_unsure_category_goes_to_the_likely_unit_as_well():
    found = order({"text": "快来救命"}, classification("r0", "medical", abstained=True, probability=0.3))
    assert (found["unit_code"], found["co_unit_codes"], found["event_grade"]) == ("command_centre", ["ambulance"], "1")


def test_one_urgent_report_makes_the_incident_urgent():
    calm, urgent = (
        classification("r0", "fire"),
        classification("r1", "fire", is_urgent=True, urgency_terms=["fire:浓烟"]),
    )
    found = order({"category": "fire", "report_count": 2}, calm, urgent)
    assert (found["is_urgent"], found["event_grade"], found["urged_count"]) == (True, "1", 1)
    assert "is_urgent: urgency/words@2000-01-01: fire:浓烟" in found["reasons"]


def test_without_a_router_the_top_three_are_the_units_of_the_routes_that_match():
    told = "unit_top3: by the routes that match: police, donghu, justice"
    assert told in order({"category": "dispute", "kind": "emergency"})["reasons"]


def past_orders(**units: int) -> Router:
    """A router that saw a unit take matters of the category `other` so many times."""
    rows = [{"category": "other", "kind": "complaint", "unit": unit} for unit, n in units.items() for _ in range(n)]
    plan = Plan(((("category",), ("category", "kind")),), strength=1.0, half_life=None)
    return replace(fit(pl.DataFrame(rows), plan), version="r1")


@pytest.mark.parametrize(
    ("incident", "past", "unit", "told"),
    [
        ({"category": "other"}, {"housing": 9, "police": 1}, "housing", "routing/as_before@2000-01-01: other"),
        ({"category": "other"}, {"housing": 5, "police": 5}, "command_centre", "routing/fallback@"),
        ({"category": "other"}, {"a_bureau_of_old": 9, "police": 1}, "command_centre", "which is no unit of today"),
        ({"category": "consumer"}, {"housing": 9, "police": 1}, "market_supervision", "routing/consumer_and_food@"),
    ],
)
def test_history_decides_only_what_no_rule_sends_anywhere_and_only_when_sure(
    incident: dict, past: dict, unit: str, told: str
):
    router = past_orders(**past)
    found = assign(incidents(incident), links(), classifications(), RULES, router).row(0, named=True)
    assert found["unit_code"] == unit
    assert told in "\n".join(found["reasons"])
    assert any(reason.startswith("unit_top3: router r1: ") for reason in found["reasons"])


@pytest.mark.parametrize(
    ("text", "accepted_at", "unit", "co_units", "reached"),
    [
        # 云岭乡人民政府 is a third-tier unit: what is urgent goes up to the command centre outside its hours
        (
            CRY,
            "2026-03-02 22:00",
            "command_centre",
            ["yunling", "justice"],
            "up to command_centre",
        ),
        (
            CRY,
            "2026-03-07 10:00",
            "command_centre",
            ["yunling", "justice"],
            "up to command_centre",
        ),  # Saturday
        (CRY, "2026-02-28 10:00", "yunling", ["justice"], ""),  # a Saturday that is worked
        (CRY, "2026-03-02 10:00", "yunling", ["justice"], ""),
        ("邻居吵架", "2026-03-02 22:00", "yunling", ["justice"], ""),  # counts in duty hours: it waits for them
    ],
)
def test_what_cannot_wait_for_duty_hours_goes_up_one_level(
    text: str, accepted_at: str, unit: str, co_units: list[str], reached: str
):
    case = {"category": "dispute", "township_code": "990101201"}
    found = order(case | {"text": text, "first_received_at": at(accepted_at)})
    assert (found["unit_code"], found["co_unit_codes"]) == (unit, co_units)
    told = [reason for reason in found["reasons"] if reason.startswith("reached: ")]
    assert (reached in told[0]) if reached else told == []
    tier = "tier_1" if unit == "command_centre" else "tier_3"
    assert found["unit_duty_tier"] == tier


def test_a_second_tier_unit_is_reached_by_its_duty_phone():
    found = order(
        {"category": "food_safety", "text": "多人食物中毒，快救人", "first_received_at": at("2026-03-02 23:00")}
    )
    assert found["unit_code"] == "market_supervision"
    assert any("market_supervision is off duty: by its duty phone" in reason for reason in found["reasons"])


def test_every_decided_field_names_its_rule_and_date():
    found = order({"category": "noise"})
    assert [reason.split(":")[0] for reason in found["reasons"]] == [
        "category", "is_urgent", "unit_code", "unit_top3", "unit_duty_tier", "event_grade", "handling_level",
        "sign_due_at", "finish_due_at",
    ]  # fmt: skip
    assert "unit_code: routing/noise@2000-01-01: noise, complaint, township 990101001" in found["reasons"]


def test_no_incidents_give_no_orders():
    assert assign(incidents(), links(), classifications(), RULES).height == 0


def test_only_decisions_that_say_something_else_are_written_again():
    first = assign(incidents({"category": "noise"}, {"category": "fire"}), links(), classifications(), RULES)
    present = first.with_columns(decided_at=pl.lit(MONDAY).dt.cast_time_unit("us"))
    urged = assign(
        incidents({"category": "noise", "report_count": 2}, {"category": "fire"}), links(), classifications(), RULES
    )
    assert changed(first, present).is_empty()
    assert changed(urged, present)["incident_id"].to_list() == ["i-0"]


INCIDENTS = st.fixed_dictionaries(
    {
        "category": st.sampled_from([*CATEGORIES, None]),
        "kind": st.sampled_from(list(KINDS)),
        "township_code": st.sampled_from(TOWNSHIPS),
        "report_count": st.integers(1, 9),
        "text": st.sampled_from(["", "着火了", "没有着火", "路灯坏了"]),
        "first_received_at": st.datetimes(datetime(2003, 1, 1), datetime(2031, 1, 1)),  # noqa: DTZ001 - local time
    }
)  # fmt: skip


@given(st.lists(INCIDENTS, max_size=20))
@settings(deadline=None)
def test_every_incident_has_exactly_one_sound_order(found: list[dict]):
    happened = incidents(*found)
    decided = assign(happened, links(), classifications(), RULES)
    assert sorted(decided["incident_id"]) == sorted(happened["incident_id"])
    assert decided["order_id"].n_unique() == len(found)
    Assignment.validate(decided.with_columns(decided_at=pl.lit(MONDAY).dt.cast_time_unit("us")))
    units = RULES.on(date(2026, 3, 2)).units.keys()
    assert set(decided["unit_code"]) | set(decided["co_unit_codes"].list.explode(empty_as_null=False)) <= units
