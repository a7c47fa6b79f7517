"""The event grade is a sum that anybody can add up."""

from datetime import date

import polars as pl
import pytest

from jobs.transforms.deciding import Codes
from jobs.transforms.grading import graded, signs
from schemas.regulation import load_regulation

RULES = load_regulation().on(date(2026, 3, 2))


def a_case(text: str = "", **given: object) -> Codes:
    usual = {
        "category": "noise", "kind": "complaint", "township_code": None, "is_urgent": False, "report_count": 1,
        "is_unsure": False,
    }  # fmt: skip
    found = signs(pl.Series([text]), pl.Series([None], dtype=pl.String), RULES)[0]
    return Codes(**(usual | given | {"signs": found}))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("case", "grade", "points"),
    [
        ({}, "4", 0),
        ({"report_count": 3}, "3", 30),
        ({"report_count": 3, "text": "实验小学旁边施工太吵"}, "3", 50),
        ({"category": "fire"}, "2", 60),
        ({"category": "fire", "text": "加油站旁边着火"}, "1", 100),
        ({"category": "consumer", "text": "加油站加油不足量"}, "4", 0),
        ({"category": "fire", "report_count": 5}, "1", 160),
        ({"category": "fire", "is_urgent": True}, "1", 160),
        ({"category": "dispute", "is_urgent": True}, "2", 60),
        ({"category": "medical", "text": "有人受伤"}, "2", 80),
        ({"category": "traffic_accident", "text": "多人受伤"}, "2", 90),
        ({"category": "traffic_accident", "text": "十几个人受伤，已有一人死亡"}, "1", 130),
        ({"category": "fire", "kind": "enquiry", "report_count": 9, "text": "学校消防演练死了人怎么办"}, "4", 20),
    ],
)
def test_points_of_all_criteria_are_added(case: dict, grade: str, points: int):
    found, told = graded(RULES, a_case(**case))
    assert (found.event_grade, told.partition(" ")[0]) == (grade, str(points))


@pytest.mark.parametrize("text", ["无人受伤", "未造成人员伤亡", "办理死亡证明", "工伤认定", "没有人员被困", ""])
def test_what_is_denied_or_means_something_else_gives_no_points(text: str):
    assert a_case(text).signs == ""


def test_the_sum_names_each_entry():
    told = graded(RULES, a_case("医院门口有人骨折", category="medical", is_urgent=True))[1]
    expected = "200 points: urgency 100 (life_in_danger), matter 60 (emergency_services), harm 20 (hurt), place 20"
    assert told == f"{expected} (school_or_hospital)"


def test_a_place_counts_by_its_name_too():
    found = signs(pl.Series(["噪音"]), pl.Series(["县第一幼儿园"]), RULES)
    assert found.to_list() == ["school_or_hospital"]
