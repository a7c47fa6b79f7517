"""One order for every incident: unit, duty tier, event grade, handling level and two due times, each with its rule.

What depends on codes alone is decided once for each combination that occurs; due times are computed on whole columns.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

from jobs.transforms.due_times import LOCAL, finish_due, sign_due, working_days, years_of
from jobs.transforms.urgency import urgency
from schemas.records import Assignment, Incident
from schemas.regulation import FinishLimit, Regulation, Route, Rule, RulesOfDay, SignLimit

CASE = ["rules_day", "category", "kind", "township_code", "is_urgent", "report_count", "is_unsure"]
ORDER_ID_PREFIX = "o-"


def assign(incidents: pl.DataFrame, links: pl.DataFrame, classifications: pl.DataFrame, rules: Regulation) -> pl.DataFrame:
    """One row an incident: the columns of Assignment without `decided_at`. Nothing is lost and nothing doubled.

    incidents, links, classifications: rows of those records; links and classifications of other incidents do no harm.
    The category is the incident's own, else the surest classification of its reports; where all abstained, the
    command centre leads and a dispatcher looks. An incident is urgent when any of its reports is, and its opening
    words are read here too, so that it need not wait to be classified. Rules are those of the local day of acceptance.
    """
    if incidents.is_empty():
        return Assignment.create_empty().drop("decided_at")
    cases = _with_urgency(_with_category(incidents, links, classifications), rules)
    decided = cases.join(_decisions(cases, rules), on=CASE, how="left", nulls_equal=True, maintain_order="left")
    return _with_due_times(decided).select(
        order_id=order_id(pl.col("incident_id")),
        urged_count=pl.col("report_count") - 1,
        accepted_at="first_received_at",
        **{name: pl.col(name) for name in Assignment.column_names() if name not in COMPUTED},
    ).cast({name: kind for name, kind in Assignment.create_empty().schema.items() if name != "decided_at"})  # type: ignore[arg-type]


COMPUTED = ("order_id", "urged_count", "accepted_at", "decided_at")


def order_id(incident_id: pl.Expr) -> pl.Expr:
    """An incident has one order, whose id follows from the incident's."""
    return pl.lit(ORDER_ID_PREFIX) + incident_id.str.strip_prefix("i-")


def _with_category(incidents: pl.DataFrame, links: pl.DataFrame, classifications: pl.DataFrame) -> pl.DataFrame:
    """Adds category, where it came from, and whether only unsure guesses named it; urgency of the reports."""
    reports = links.select("report_id", "incident_id").join(classifications, on="report_id")
    best = reports.sort("abstained", -pl.col("probability"), "report_id").group_by("incident_id", maintain_order=True).agg(
        guess=pl.col("category").first().cast(pl.String),
        guess_abstained=pl.col("abstained").first(),
        guess_probability=pl.col("probability").first(),
        model_version=pl.col("model_version").first(),
        reports_urgent=pl.col("is_urgent").any(),
        report_terms=pl.col("urgency_terms").flatten().unique().sort(),
    )  # fmt: skip
    own = pl.col("category").cast(pl.String)
    return incidents.join(best, on="incident_id", how="left", maintain_order="left").with_columns(
        category=pl.coalesce(own, "guess", pl.lit("other")),
        kind=pl.col("kind").cast(pl.String),
        is_unsure=own.is_null() & pl.col("guess_abstained").fill_null(False),
        category_reason=pl.when(own.is_not_null())
        .then(pl.lit("category: source: named by a report"))
        .when(pl.col("guess").is_not_null())
        .then(
            pl.format(
                "category: classifier@{}: probability {}{}",
                "model_version",
                pl.col("guess_probability").round(3),
                pl.when("guess_abstained").then(pl.lit(", abstained")).otherwise(pl.lit("")),
            )
        )
        .otherwise(pl.lit("category: none: no report names one")),
    )


def _with_urgency(cases: pl.DataFrame, rules: Regulation) -> pl.DataFrame:
    """Adds rules_day, is_urgent and its reason."""
    accepted_on = pl.col("first_received_at").dt.convert_time_zone(LOCAL).dt.date()
    turns = pl.Series("rules_day", rules.turning_days)
    cases = cases.with_columns(accepted_on=pl.max_horizontal(accepted_on, pl.lit(turns[0])))
    dated = cases.sort("accepted_on").join_asof(
        turns.to_frame().sort("rules_day"), left_on="accepted_on", right_on="rules_day", coalesce=False
    )
    read = [
        pl.concat([part, urgency(part["text"], rules.on(day)).rename({"is_urgent": "opening_urgent"})], how="horizontal")
        for (day,), part in dated.group_by("rules_day", maintain_order=True)
    ]
    terms = pl.concat_list(pl.col("report_terms").fill_null([]), "urgency_terms").list.unique().list.sort().list.join(", ")
    urgent = pl.col("reports_urgent").fill_null(False) | pl.col("opening_urgent")
    said = pl.when(urgent).then(terms).otherwise(pl.lit("no urgent words"))
    return pl.concat(read).with_columns(
        is_urgent=urgent, urgency_reason=pl.format("is_urgent: urgency@{}: {}", "rules_day", said)
    )


def _decisions(cases: pl.DataFrame, rules: Regulation) -> pl.DataFrame:
    """What the rules say of each combination of codes that occurs."""
    rows = [row | decide(rules.on(row["rules_day"]), **row) for row in cases.select(CASE).unique().to_dicts()]
    kinds = cases.select(CASE).schema | DECISION
    return pl.DataFrame(rows, schema=kinds)


DECISION: dict[str, Any] = {
    "unit_code": pl.String, "unit_duty_tier": pl.String, "co_unit_codes": pl.List(pl.String), "event_grade": pl.String,
    "handling_level": pl.String, "working_days": pl.Int64, "accepted_until": pl.Int64, "sign_minutes": pl.Int64,
    "first_minute": pl.Int64, "last_minute": pl.Int64, "only_working_days": pl.Boolean, "decision_reasons": pl.List(pl.String),
    "sign_reason": pl.String, "finish_reason": pl.String,
}  # fmt: skip


def decide(
    rules: RulesOfDay, category: str, kind: str, township_code: str | None, is_urgent: bool, report_count: int,
    is_unsure: bool, rules_day: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the rules of one day say of an incident with these codes (columns DECISION)."""
    route, unit = _lead(rules, category, kind, township_code, is_unsure)
    tier = rules.duty_tier(unit)
    grade = next(rule for rule in rules.grades if rule.takes(is_urgent, category, kind, report_count))
    level = next(rule for rule in rules.levels if rule.takes(grade.event_grade, category, kind))
    sign, finish = rules.sign_limits[grade.event_grade], rules.finish_limits[level.handling_level]
    until = rules.working_day.accepted_until
    by_clock = sign.counted_in == "clock"
    return {
        "unit_code": unit.code,
        "unit_duty_tier": tier.duty_tier,
        "co_unit_codes": [] if is_unsure else list(_co_units(rules, route, unit.code, township_code)),
        "event_grade": grade.event_grade,
        "handling_level": level.handling_level,
        "working_days": finish.working_days,
        "accepted_until": until.hour * 60 + until.minute,
        "sign_minutes": sign.minutes,
        "first_minute": 0 if by_clock else tier.first_minute,
        "last_minute": 24 * 60 if by_clock else tier.last_minute,
        "only_working_days": tier.only_working_days and not by_clock,
        "decision_reasons": [
            _reason("unit_code", "routing", route, _why_unit(category, kind, township_code, is_unsure)),
            _reason("unit_duty_tier", "duty_tiers", tier, f"{unit.yearly_volume} orders a year, from {tier.from_yearly_volume}"),
            _reason("event_grade", "grading", grade, f"{category}, {kind}, {'urgent' if is_urgent else 'not urgent'}, reports {report_count}"),
            _reason("handling_level", "handling_levels", level, f"grade {grade.event_grade}, {category}, {kind}"),
        ],
        "sign_reason": _reason("sign_due_at", "deadlines", sign, _why_sign(sign)),
        "finish_reason": _reason("finish_due_at", "deadlines", finish, _why_finish(finish)),
    }  # fmt: skip


def _lead(rules: RulesOfDay, category: str, kind: str, township: str | None, is_unsure: bool) -> tuple[Route, Any]:
    """The most exact matching route that has a unit here; the fallback always has one."""
    for route in rules.routes:
        if is_unsure and route.weight:
            continue
        if route.takes(category, township, kind) and (unit := rules.lead_unit(route, township)):
            return route, unit
    raise AssertionError("the checked rules have a route for everything")


def _co_units(rules: RulesOfDay, route: Route, lead: str, township: str | None) -> Iterable[str]:
    """Co-handlers in the order of the rule, without the lead and without a township government that is not there."""
    for code in route.co_units:
        unit = rules.lead_unit(route.model_copy(update={"unit": code}), township)
        if unit is not None and unit.code != lead:
            yield unit.code


def _with_due_times(cases: pl.DataFrame) -> pl.DataFrame:
    accepted_at = cases["first_received_at"]
    calendar = working_days(*years_of(accepted_at))
    finish = finish_due(accepted_at, cases["working_days"], cases["accepted_until"], calendar)
    duty = [cases[name] for name in ("sign_minutes", "first_minute", "last_minute", "only_working_days")]
    guess = pl.when("is_guessed").then(pl.lit("; holidays of that year not published, weekdays counted")).otherwise(pl.lit(""))
    return pl.concat([cases, finish, sign_due(accepted_at, *duty, calendar).to_frame()], how="horizontal").with_columns(
        sign_due_at=pl.min_horizontal("sign_due_at", "finish_due_at"),
        reasons=pl.concat_list(
            "category_reason", "urgency_reason", "decision_reasons", "sign_reason", pl.format("{}{}", "finish_reason", guess)
        ),
    )


def _reason(field: str, file: str, rule: Rule, why: str) -> str:
    return f"{field}: {file}/{rule.name}@{rule.valid_from}: {why}"


def _why_unit(category: str, kind: str, township: str | None, is_unsure: bool) -> str:
    found = f"{category}, {kind}, township {township or 'unknown'}"
    return f"{found}; the classifier abstained, a dispatcher looks" if is_unsure else found


def _why_sign(limit: SignLimit) -> str:
    return f"grade {limit.event_grade}, {limit.minutes} minutes {'by the clock' if limit.counted_in == 'clock' else 'of duty time'}"


def _why_finish(limit: FinishLimit) -> str:
    return f"level {limit.handling_level}, {limit.working_days} working days"


__all__ = ["Incident", "assign", "decide", "order_id"]
