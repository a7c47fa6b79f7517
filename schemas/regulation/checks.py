"""Whether a folder of rules can be used: every fault, named by file and entry."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

from schemas.areas import load_county
from schemas.regulation.loading import Regulation, RulesOfDay, read_regulation
from schemas.regulation.rows import (
    ANY,
    EACH,
    TOWNSHIP_GOVERNMENT,
    DutyTier,
    Escalation,
    FinishLimit,
    Grade,
    Learned,
    Level,
    Points,
    Route,
    Rule,
    SignLimit,
    Unit,
    UrgencyModel,
    UrgencyPattern,
    UrgencySign,
    UrgencyTerms,
    WorkingDay,
)
from schemas.vocabulary import DUTY_TIERS, ESCALATIONS, EVENT_GRADES, HANDLING_LEVELS

FOR_EVER = date.max


def check_rules(folder: Path) -> list[str]:
    """Every fault of a rules folder as `file entry: what`; empty when it can be used."""
    regulation, faults = read_regulation(folder)
    return faults or check_regulation(regulation, folder)


def check_regulation(regulation: Regulation, folder: Path) -> list[str]:
    """Faults between entries: validity, references, gaps, entries that can never decide."""
    townships = {township.code for township in load_county(folder).townships}
    return [
        *_overlaps(regulation),
        *_bad_references(regulation, townships),
        *_gaps(regulation),
        *_never_reached(regulation),
    ]


def _overlaps(regulation: Regulation) -> Iterator[str]:
    for kind, rules in regulation.rows.items():
        for one, other in combinations(rules, 2):
            same = _keys(one) & _keys(other)
            if same and _last_day(one) >= other.valid_from and _last_day(other) >= one.valid_from:
                what = ", ".join(map(str, sorted(same)[0]))
                yield f"{FILE_OF[kind]} {other.name}: holds at the same time as {one.name} for {what}; set valid_to"
        for rule in rules:
            if _last_day(rule) < rule.valid_from:
                yield f"{FILE_OF[kind]} {rule.name}: valid_to is before valid_from"


def _bad_references(regulation: Regulation, townships: set[str]) -> Iterator[str]:
    for unit in regulation.rows[Unit]:
        if unit.township and unit.township not in townships:
            yield f"units.toml {unit.name}: township {unit.township} is not in areas.toml"
        if unit.up and unit.up not in {other.code for other in regulation.rows[Unit]} - {unit.code}:
            yield f"units.toml {unit.name}: up {unit.up} is no other unit"
    for route in regulation.rows[Route]:
        if route.township not in {ANY, EACH, *townships}:
            yield f"routing.toml {route.name}: township {route.township} is not in areas.toml"
        if route.unit == TOWNSHIP_GOVERNMENT and route.township == ANY:
            yield f"routing.toml {route.name}: township_government leads only where the township is given or `each`"
        for code in (route.unit, *route.co_units):
            if code != TOWNSHIP_GOVERNMENT and not _always_there(code, route, regulation):
                yield f"routing.toml {route.name}: unit {code} is not in units.toml for all the time the route holds"


def _always_there(code: str, route: Route, regulation: Regulation) -> bool:
    last = min(_last_day(route), FOR_EVER - timedelta(days=1))
    days = [day for day in regulation.turning_days if route.valid_from < day <= last]
    return all(
        any(unit.code == code and unit.holds_on(day) for unit in regulation.rows[Unit])
        for day in [route.valid_from, *days]
    )


def _gaps(regulation: Regulation) -> Iterator[str]:
    """What is missing on some day since 2000; each fault once, with the first day it shows."""
    seen: set[str] = set()
    for day in regulation.turning_days:
        if len(regulation.holding(WorkingDay, day)) != 1:
            yield f"deadlines.toml: no working_day holds on {day}"
            return
        for fault in _gaps_of_day(regulation.on(day)):
            if fault not in seen:
                seen.add(fault)
                yield f"{fault} (on {day})"


def _gaps_of_day(rules: RulesOfDay) -> Iterator[str]:
    if sum(unit.is_fallback for unit in rules.units.values()) != 1:
        yield "units.toml: exactly one unit must be the fallback"
    if not any(route.weight == 0 for route in rules.routes):
        yield "routing.toml: no route for every category, township and kind: some orders would have no owner"
    if [grade.event_grade for grade in rules.grades] != sorted(EVENT_GRADES) or rules.grades[-1].from_points:
        yield "grading.toml: each grade is needed once, the more serious from more points, the lowest from 0"
    yield from _unreached_grades(rules)
    yield from _wrong_ladders(rules)
    if not any(level.takes_everything for level in rules.levels):
        yield "handling_levels.toml: no entry without conditions: some orders would have no level"
    if {tier.duty_tier for tier in rules.duty_tiers} != set(DUTY_TIERS) or rules.duty_tiers[-1].from_yearly_volume:
        yield "duty_tiers.toml: each tier is needed once, the lowest from a volume of 0"
    always = [rule for rule in rules.finish_limits if not (rule.event_grades or rule.kinds or rule.only_urgent)]
    for level in HANDLING_LEVELS:
        if not any(level in (rule.handling_levels or HANDLING_LEVELS) for rule in always):
            yield f"deadlines.toml: no finish limit for handling level {level}"
    for grade in EVENT_GRADES.keys() - rules.sign_limits.keys():
        yield f"deadlines.toml: no sign limit for event grade {grade}"
    yield from _impossible_limits(rules)


def _wrong_ladders(rules: RulesOfDay) -> Iterator[str]:
    for after in ("sign_due_at", "finish_due_at"):
        steps = [rule for rule in rules.escalations if rule.after == after]
        if [rule.step for rule in steps] != [step for step in ESCALATIONS if step in {rule.step for rule in steps}]:
            yield f"deadlines.toml escalation {steps[0].name}: the steps are not in the order of the ladder"


def _unreached_grades(rules: RulesOfDay) -> Iterator[str]:
    best: dict[str, int] = {}
    for entry in rules.points:
        best[entry.criterion] = max(entry.points, best.get(entry.criterion, 0))
    for grade in rules.grades:
        if grade.from_points > sum(best.values()):
            yield f"grading.toml {grade.name}: never reached, all criteria together give {sum(best.values())} points"


def _impossible_limits(rules: RulesOfDay) -> Iterator[str]:
    for tier in rules.duty_tiers:
        if tier.keeps_from > tier.from_yearly_volume:
            yield f"duty_tiers.toml {tier.name}: kept_from is more than from_yearly_volume: no unit could keep it"
        minutes = tier.last_minute - tier.first_minute
        if minutes <= 0:
            yield f"duty_tiers.toml {tier.name}: duty ends before it starts"
        for limit in rules.sign_limits.values():
            if limit.counted_in == "duty_hours" and limit.minutes > minutes > 0:
                yield f"deadlines.toml {limit.name}: {limit.minutes} minutes exceed a duty day of {tier.duty_tier}"


def _never_reached(regulation: Regulation) -> Iterator[str]:
    for kind in (Points, Level, FinishLimit):
        rules = regulation.rows[kind]
        for place, rule in enumerate(rules):
            for earlier in rules[:place]:
                always = earlier.valid_from <= rule.valid_from and _last_day(earlier) >= _last_day(rule)
                if always and earlier.covers(rule):
                    yield f"{FILE_OF[kind]} {rule.name}: never reached, {earlier.name} before it takes it all"
    routes = regulation.rows[Route]
    used = {code for route in routes for code in (route.unit, *route.co_units)}
    for unit in regulation.rows[Unit]:
        if unit.code not in used and not unit.is_fallback and not (unit.township and TOWNSHIP_GOVERNMENT in used):
            yield f"units.toml {unit.name}: never reached, no route names it"


def _keys(rule: Rule) -> set[tuple[str, ...]]:
    """What may be ruled only once at a time."""
    match rule:
        case Route():
            return {(category, rule.township, rule.kind) for category in rule.categories or (ANY,)}
        case Escalation():
            return {(rule.step, rule.after)}
        case Grade() | SignLimit():
            return {(rule.event_grade,)}
        case DutyTier():
            return {(rule.duty_tier,)}
        case WorkingDay() | Learned() | UrgencyModel():
            return {(type(rule).__name__,)}
        case _:
            return {(rule.name,)}


def _last_day(rule: Rule) -> date:
    return rule.valid_to or FOR_EVER


FILE_OF: dict[type[Rule], str] = {
    Unit: "units.toml",
    DutyTier: "duty_tiers.toml",
    Route: "routing.toml",
    Learned: "routing.toml learned",
    Grade: "grading.toml",
    Points: "grading.toml",
    Level: "handling_levels.toml",
    FinishLimit: "deadlines.toml finish",
    SignLimit: "deadlines.toml sign",
    Escalation: "deadlines.toml escalation",
    WorkingDay: "deadlines.toml working_day",
    UrgencyModel: "urgency.toml model",
    UrgencyTerms: "urgency.toml terms",
    UrgencySign: "urgency.toml sign",
    UrgencyPattern: "urgency.toml pattern",
}
