"""What the rules of one day say of an incident known by its codes: unit, tiers, limits, each with its rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from jobs.transforms.grading import graded
from schemas.regulation import DutyTier, Route, Rule, RulesOfDay, SignLimit, Unit
from schemas.regulation.rows import MIDNIGHT


@dataclass(frozen=True)
class Codes:
    """All that decides, apart from the instant.

    is_unsure: neither a source nor a sure model named the category. signs: see `grading.signs`.
    """

    category: str
    kind: str
    township_code: str | None
    is_urgent: bool
    report_count: int
    is_unsure: bool
    signs: str = ""


@dataclass(frozen=True)
class History:
    """Who took such matters before: units with their probabilities, the likeliest first, at least one."""

    version: str
    units: tuple[tuple[str, float], ...]


IN_WORDS = {"minutes": "minutes by the clock", "calendar_days": "calendar days", "working_days": "working days"}
# What `decide` gives; minutes and days are limits, *_minute are minutes of the local day.
DECISION: dict[str, Any] = {
    "unit_code": pl.String,
    "unit_duty_tier": pl.String,
    "co_unit_codes": pl.List(pl.String),
    "event_grade": pl.String,
    "handling_level": pl.String,
    "decision_reasons": pl.List(pl.String),
    "finish_amount": pl.Int64,
    "finish_counted_in": pl.String,
    "accepted_until": pl.Int64,
    "sign_minutes": pl.Int64,
    "first_minute": pl.Int64,
    "last_minute": pl.Int64,
    "only_working_days": pl.Boolean,
    "sign_reason": pl.String,
    "off_duty": pl.String,  # empty: nobody is disturbed outside duty hours
    "up_unit": pl.String,
    "up_tier": pl.String,
    "up_co_units": pl.List(pl.String),
    "unit_first_minute": pl.Int64,
    "unit_last_minute": pl.Int64,
    "unit_only_working_days": pl.Boolean,
    "off_duty_reason": pl.String,
    "finish_reason": pl.String,
}


def decide(rules: RulesOfDay, case: Codes, history: History | None = None) -> dict[str, Any]:
    """One value for each name of DECISION. Checked rules have an answer for every case.

    history: who took such matters before. It decides only what no route sends anywhere but to the fallback.
    """
    route, unit = _lead(rules, case)
    by, why = _rule_or_history(rules, route, history)
    unit = rules.units[history.units[0][0]] if history and by is not route else unit
    tier = rules.duty_tier(unit)
    grade, points = graded(rules, case)
    level = next(rule for rule in rules.levels if rule.takes(grade.event_grade, case.category, case.kind))
    co_units = list(_co_units(rules, case, route, unit))
    seen = f"{case.category}, {case.kind}"
    place = f"township {case.township_code or 'unknown'}"
    return {
        "unit_code": unit.code,
        "unit_duty_tier": tier.duty_tier,
        "co_unit_codes": co_units,
        "event_grade": grade.event_grade,
        "handling_level": level.handling_level,
        "decision_reasons": [
            reason(
                "unit_code",
                "routing",
                by,
                f"{seen}, {place}{_why_unsure(case)}{why}",
            ),
            f"unit_top3: {_top3(rules, case, unit, history)}",
            reason("unit_duty_tier", "duty_tiers", tier, _why_tier(rules, unit, tier)),
            reason("event_grade", "grading", grade, points),
            reason("handling_level", "handling_levels", level, f"grade {grade.event_grade}, {seen}"),
        ],
        **_finish(rules, case, grade.event_grade, level.handling_level),
        **_sign(rules, rules.sign_limits[grade.event_grade], unit),
        **_off_duty(rules, rules.sign_limits[grade.event_grade], unit, co_units),
    }


def reason(field: str, file: str, rule: Rule, why: str) -> str:
    return f"{field}: {file}/{rule.name}@{rule.valid_from}: {why}"


def _lead(rules: RulesOfDay, case: Codes) -> tuple[Route, Unit]:
    """The most exact matching route that has a unit here; the fallback route where the category is unsure."""
    return _led_by(rules, case, rules.routes[-1:]) if case.is_unsure else _led_by(rules, case, rules.routes)


def _rule_or_history(rules: RulesOfDay, route: Route, history: History | None) -> tuple[Rule, str]:
    """What decided on the unit, and how sure history was."""
    learned = rules.learned
    if route.weight or learned is None or history is None or history.units[0][1] < learned.from_probability:
        return route, ""
    name, probability = history.units[0]
    if name not in rules.units:
        return route, f"; history names {name}, which is no unit of today"
    return learned, f"; took {probability:.0%} of such matters, router {history.version}"


def _top3(rules: RulesOfDay, case: Codes, lead: Unit, history: History | None) -> str:
    """The likeliest units: by history where there is one, else in the order of the routes."""
    if history:
        return f"router {history.version}: " + ", ".join(f"{name} {chance:.2f}" for name, chance in history.units)
    matching = (route for route in rules.routes if route.takes(case.category, case.township_code, case.kind))
    named = (unit.code for route in matching if (unit := rules.unit_named(route.unit, case.township_code)))
    return "by the routes that match: " + ", ".join(list(dict.fromkeys([lead.code, *named]))[:3])


def _led_by(rules: RulesOfDay, case: Codes, routes: tuple[Route, ...]) -> tuple[Route, Unit]:
    matching = (route for route in routes if route.takes(case.category, case.township_code, case.kind))
    led = ((route, rules.unit_named(route.unit, case.township_code)) for route in matching)
    return next((route, unit) for route, unit in led if unit)


def _co_units(rules: RulesOfDay, case: Codes, route: Route, lead: Unit) -> Iterator[str]:
    """Co-handlers in the order of the rule. An urgent matter of an unsure category goes to the likely unit as well."""
    named = [rules.unit_named(code, case.township_code) for code in route.co_units]
    if case.is_unsure and case.is_urgent:
        named.append(_led_by(rules, case, rules.routes)[1])
    for unit in named:
        if unit and unit != lead:
            yield unit.code


def _finish(rules: RulesOfDay, case: Codes, event_grade: str, handling_level: str) -> dict[str, Any]:
    until = rules.working_day.accepted_until
    limit = next(
        rule for rule in rules.finish_limits if rule.takes(handling_level, event_grade, case.kind, case.is_urgent)
    )
    why = f"level {handling_level}, grade {event_grade}, {case.kind}: {limit.amount} {IN_WORDS[limit.counted_in]}"
    return {
        "finish_amount": limit.amount,
        "finish_counted_in": limit.counted_in,
        "accepted_until": until.hour * 60 + until.minute,
        "finish_reason": reason("finish_due_at", "deadlines", limit, why),
    }


def _sign(rules: RulesOfDay, limit: SignLimit, unit: Unit) -> dict[str, Any]:
    """Life in danger does not wait for office hours: such grades count by the clock, the rest in duty hours."""
    tier = rules.duty_tier(unit)
    by_clock = limit.counted_in == "clock"
    counted = "by the clock" if by_clock else f"of duty time of {tier.duty_tier}"
    return {
        "sign_minutes": limit.minutes,
        "first_minute": 0 if by_clock else tier.first_minute,
        "last_minute": MIDNIGHT if by_clock else tier.last_minute,
        "only_working_days": tier.only_working_days and not by_clock,
        "sign_reason": reason(
            "sign_due_at", "deadlines", limit, f"grade {limit.event_grade}, {limit.minutes} minutes {counted}"
        ),
    }


def _off_duty(rules: RulesOfDay, limit: SignLimit, unit: Unit, co_units: list[str]) -> dict[str, Any]:
    """How an order reaches the unit outside its duty hours; what counts in duty hours waits for them."""
    tier, above = rules.duty_tier(unit), rules.above(unit)
    way = tier.off_duty if limit.counted_in == "clock" else ""
    way = "duty_phone" if way == "up" and above == unit else way
    told = "by its duty phone" if way == "duty_phone" else f"up to {above.code}, {unit.code} helps"
    return {
        "off_duty": way,
        "up_unit": above.code,
        "up_tier": rules.duty_tier(above).duty_tier,
        "up_co_units": [code for code in (unit.code, *co_units) if code != above.code],
        "unit_first_minute": tier.first_minute,
        "unit_last_minute": tier.last_minute,
        "unit_only_working_days": tier.only_working_days,
        "off_duty_reason": reason("reached", "duty_tiers", tier, f"{unit.code} is off duty: {told}"),
    }


def _why_tier(rules: RulesOfDay, unit: Unit, tier: DutyTier) -> str:
    counted = rules.counted_tiers.get(unit.code)
    if counted is None:
        return f"{unit.yearly_volume} a year, from {tier.from_yearly_volume}"
    return f"{counted.yearly_volume} in the year before {counted.valid_from}, kept from {tier.keeps_from}"


def _why_unsure(case: Codes) -> str:
    return "; the classifier abstained: a dispatcher looks" if case.is_unsure else ""
