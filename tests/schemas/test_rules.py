"""The county's rules can be used, and a broken rule says which file and entry."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from schemas.areas import RULES
from schemas.regulation import RuleError, Unit, check_rules, load_regulation

DAY = date(2026, 3, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the county's rules, to be broken."""
    return Path(shutil.copytree(RULES, tmp_path / "rules", ignore=shutil.ignore_patterns("__pycache__")))


def test_the_rules_of_the_county_have_no_fault():
    assert check_rules(RULES) == []


def test_every_rule_says_where_it_comes_from_and_since_when():
    assert all(rule.source and rule.valid_from for rules in load_regulation().rows.values() for rule in rules)


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("routing", 'unit = "ambulance"', 'unit = "ambulanze"', "routing.toml medical: unit ambulanze is not"),
        ("routing", '["medical"]', '["medicine"]', "route 3 (medical): categories.0: Value error, 'medicine'"),
        ("routing", '"990101101"', '"990101109"', "noise_of_the_qingshi_works: township 990101109"),
        ("routing", '["legal_aid"]', '["medical"]', "routing.toml legal_aid: holds at the same time as medical"),
        ("routing", 'name = "fallback"', 'name = "fallback"\nkind = "help"', "routing.toml: no route for every"),
        ("routing", 'unit = "video_operations"', 'unit = "police"', "units.toml video_operations: never reached"),
        ("routing", 'township = "each"\nunit', "unit", "dispute: township_government leads only"),
        ("units", "is_fallback = true", "is_fallback = false", "units.toml: exactly one unit must be"),
        ("units", "yearly_volume = 48000", "volume = 48000", "unit 1 (command_centre): yearly_volume: "),
        ("grading", "points = 60\nonly_urgent = true", "points = 60\nonly_urgent = true\ncategories = [\"fire\"]",
         "grading.toml urgent_words: never reached, life_in_danger before it takes it all"),
        ("grading", "from_points = 0", "from_points = 10", "grading.toml: each grade is needed once"),
        ("grading", "from_points = 60", "from_points = 160", "the more serious from more points"),
        ("grading", "from_points = 100", "from_points = 900", "grading.toml grade_1: never reached"),
        ("grading", 'words = "死亡', 'words = "(死亡', "(dead): words: Value error, no pattern: "),
        ("handling_levels", 'event_grades = ["1", "2"]', "", "handling_levels.toml everything_else: never reached"),
        ("deadlines", "valid_to = 2025-12-31\n", "", "deadlines.toml sign life_in_danger: holds at the same time"),
        ("deadlines", "valid_to = 2025-12-31", "valid_to = 2025-06-30", "event grade 1 (on 2025-07-01)"),
        ("deadlines", "calendar_days = 15", "calendar_days = 15\nminutes = 9", "exactly one of minutes"),
        ("deadlines", 'handling_levels = ["town"]', 'handling_levels = ["grid"]', "five_days: never reached, same_day"),
        ("deadlines", '["town"]\nworking', '["county"]\nworking', "finish limit for handling level town"),
        ("deadlines", "minutes = 4320", "minutes = 60", "escalation late: the steps are not in the order"),
        ("deadlines", "minutes = 240", "minutes = 600", "ordinary: 600 minutes exceed a duty day"),
        ("duty_tiers", "from_yearly_volume = 0", "from_yearly_volume = 9", "duty_tiers.toml: each tier is needed once"),
        ("urgency", "[[terms]]", "[[term]]", "urgency.toml term: no such table here"),
        ("deadlines", "accepted_until = 17:30:00", "accepted_until = ", "deadlines.toml: not TOML"),
    ],
)  # fmt: skip
def test_a_broken_rule_names_its_file_and_entry(folder: Path, file: str, old: str, new: str, fault: str):
    path = folder / f"{file}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(fault in found for found in check_rules(folder)), check_rules(folder)
    with pytest.raises(RuleError, match=f"{file}|units"):
        load_regulation(folder)


def test_a_missing_file_is_named(folder: Path):
    (folder / "grading.toml").unlink()
    assert "grading.toml: the file is missing" in check_rules(folder)


def test_the_old_limit_holds_for_old_orders():
    rules = load_regulation()
    minutes = {day: rules.on(day).sign_limits["1"].minutes for day in (date(2025, 12, 31), date(2026, 1, 1))}
    assert list(minutes.values()) == [15, 10]


def test_days_before_the_first_rule_take_the_first_rules():
    assert load_regulation().on(date(1999, 5, 1)) == load_regulation().on(date(2000, 1, 1))


@pytest.mark.parametrize(
    ("volume", "duty_tier"), [(0, "tier_3"), (1999, "tier_3"), (2000, "tier_2"), (9999, "tier_2"), (10000, "tier_1")]
)
def test_the_yearly_volume_sets_the_duty_tier(volume: int, duty_tier: str):
    unit = Unit(name="u", source="s", valid_from=DAY, name_zh="某局", name_en="a bureau", yearly_volume=volume)
    assert load_regulation().on(DAY).duty_tier(unit).duty_tier == duty_tier
