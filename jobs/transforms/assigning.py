"""One order for every incident: unit, duty tier, event grade, handling level and two due times, each with its rule.

What depends on codes alone is decided once for each combination that occurs; due times are computed on whole columns.
"""

from dataclasses import asdict, fields

import polars as pl

from jobs.models.router import Router, likeliest
from jobs.transforms.deciding import DECISION, Codes, History, decide
from jobs.transforms.due_times import (
    DUTY,
    FINISH,
    UNIT_DUTY,
    finish_due,
    is_on_duty,
    sign_due,
    years_of,
)
from jobs.transforms.grading import signs
from jobs.transforms.urgency import urgency
from schemas.records import Assignment
from schemas.regulation import Regulation
from schemas.regulation.calendar import LOCAL, working_days

CODES = [field.name for field in fields(Codes)]
CASE = ["rules_day", *CODES]
NOTHING = pl.lit([], pl.List(pl.String))
NONE_ASSIGNED = Assignment.create_empty().drop("decided_at")  # made once: orders noted by hand come one by one


def assign(
    incidents: pl.DataFrame,
    links: pl.DataFrame,
    classifications: pl.DataFrame,
    rules: Regulation,
    router: Router | None = None,
) -> pl.DataFrame:
    """One row an incident: the columns of Assignment without `decided_at`. Nothing is lost and nothing doubled.

    incidents, links, classifications: rows of those records; rows of other incidents do no harm.
    The category is the incident's own, else the surest classification of its reports; where all of them abstained
    the command centre leads. An incident is urgent when any of its reports is; its opening words are read here too,
    so that nobody waits for a model. The rules are those of the local day of acceptance, its first receipt. router: who
    took such matters before, by codes.
    """
    if incidents.is_empty():
        return NONE_ASSIGNED
    cases = _with_urgency(_with_category(incidents, links, classifications), rules)
    decided = cases.join(_decisions(cases, rules, router), on=CASE, how="left", nulls_equal=True, maintain_order="left")
    orders = _with_due_times(decided).with_columns(
        order_id=order_id(pl.col("incident_id")),
        urged_count=pl.col("report_count") - 1,
        accepted_at="first_received_at",
    )
    return orders.select(pl.col(name).cast(kind) for name, kind in NONE_ASSIGNED.schema.items())


def changed(decided: pl.DataFrame, present: pl.DataFrame) -> pl.DataFrame:
    """The decided rows that are new or say something else than the present assignment of the same order."""
    columns = [name for name in decided.columns if name != "decided_at"]
    return decided.join(present.select(columns), on=columns, how="anti", nulls_equal=True)


def order_id(incident_id: pl.Expr) -> pl.Expr:
    """An incident has one order, whose id follows from the incident's."""
    return pl.lit("o-") + incident_id.str.strip_prefix("i-")


def _with_category(incidents: pl.DataFrame, links: pl.DataFrame, classifications: pl.DataFrame) -> pl.DataFrame:
    """Adds category and its reason, is_unsure, and what the reports' classifications say of urgency."""
    own = pl.col("category").cast(pl.String)
    guess = _guesses(links, classifications)
    return incidents.join(guess, on="incident_id", how="left", maintain_order="left").with_columns(
        category=pl.coalesce(own, "guess", pl.lit("other")),
        kind=pl.col("kind").cast(pl.String),
        is_unsure=own.is_null() & pl.col("guess_abstained").fill_null(False),
        category_reason=pl.when(own.is_not_null())
        .then(pl.lit("category: source: a report names it"))
        .otherwise(pl.coalesce("guess_reason", pl.lit("category: none: no report names one"))),
    )


def _guesses(links: pl.DataFrame, classifications: pl.DataFrame) -> pl.DataFrame:
    """One row an incident: the surest classification of its reports, and whether any of them is urgent."""
    reports = links.select("report_id", "incident_id").join(classifications, on="report_id")
    abstained = pl.when("abstained").then(pl.lit(", abstained")).otherwise(pl.lit(""))
    words = pl.col("words").list.join(" ").fill_null("")
    by = pl.when(words == "").then(words).otherwise(", by " + words)
    why = pl.format(
        "category: classifier@{}: probability {}{}{}", "model_version", pl.col("probability").round(3), by, abstained
    )
    sorted_reports = reports.with_columns(guess_reason=why).sort("abstained", -pl.col("probability"), "report_id")
    return sorted_reports.group_by("incident_id", maintain_order=True).agg(
        guess=pl.col("category").first().cast(pl.String),
        guess_abstained=pl.col("abstained").first(),
        guess_reason=pl.col("guess_reason").first(),
        reports_urgent=pl.col("is_urgent").any(),
        report_terms=pl.col("urgency_terms").list.explode(keep_nulls=False, empty_as_null=False).unique(),
    )


def _with_urgency(cases: pl.DataFrame, rules: Regulation) -> pl.DataFrame:
    """Adds rules_day, is_urgent and its reason, and the signs of its grade, in the order of acceptance."""
    days = pl.DataFrame({"rules_day": rules.turning_days})
    accepted_on = pl.col("first_received_at").dt.convert_time_zone(LOCAL).dt.date()
    dated = (
        cases.with_columns(accepted_on=pl.max_horizontal(accepted_on, pl.lit(rules.turning_days[0])))
        .sort("accepted_on", "incident_id")
        .join_asof(days, left_on="accepted_on", right_on="rules_day", coalesce=False)
    )
    parts = dated.partition_by("rules_day", maintain_order=True)
    return pl.concat(_with_urgency_of_day(part, rules) for part in parts)


def _with_urgency_of_day(cases: pl.DataFrame, rules: Regulation) -> pl.DataFrame:
    of_day = rules.on(cases["rules_day"][0])
    opening = urgency(cases["text"], of_day)
    terms = pl.concat_list(pl.col("report_terms").fill_null([]), opening["urgency_terms"]).list.unique().list.sort()
    said = pl.when("is_urgent").then(terms.list.join(", ")).otherwise(pl.lit("no urgent words"))
    return cases.with_columns(
        is_urgent=pl.col("reports_urgent").fill_null(False) | opening["is_urgent"],
        signs=signs(cases["text"], cases["place"], of_day),
    ).with_columns(urgency_reason=pl.format("is_urgent: urgency/words@{}: {}", pl.lit(str(of_day.urgency_since)), said))


def _decisions(cases: pl.DataFrame, rules: Regulation, router: Router | None) -> pl.DataFrame:
    """What the rules, and history after them, say of each combination of codes that occurs."""
    found = cases.select(CASE).unique()
    rows = [
        {"rules_day": row[0], **asdict(codes), **decide(rules.on(row[0]), codes, history)}
        for row, history in zip(found.iter_rows(), _histories(found, router), strict=True)
        if (codes := Codes(*row[1:]))
    ]
    return pl.DataFrame(rows, schema={**found.schema, **DECISION})


def _histories(cases: pl.DataFrame, router: Router | None) -> list[History | None]:
    """Who took such matters before, for each case; an unsure category counts as unknown."""
    if router is None:
        return [None] * cases.height
    category = pl.when("is_unsure").then(pl.lit("")).otherwise("category").alias("category")
    codes = cases.select(category, "kind", pl.col("township_code").fill_null(""))
    return [History(router.version, units) for units in likeliest(router, codes)]


def _with_due_times(cases: pl.DataFrame) -> pl.DataFrame:
    """Adds both due times, sign-for never after finish, and all reasons."""
    accepted_at = cases["first_received_at"]
    calendar = working_days(*years_of(accepted_at))
    finish = finish_due(accepted_at, cases.select(FINISH), calendar)
    sign = sign_due(accepted_at, cases.select(DUTY), calendar).to_frame()
    cases = _reached(cases.with_columns(is_on_duty(accepted_at, cases.select(UNIT_DUTY), calendar)))
    guessed = pl.when("is_guessed").then(pl.lit("; holidays not published yet, weekdays counted")).otherwise(pl.lit(""))
    return pl.concat([cases, finish, sign], how="horizontal").with_columns(
        sign_due_at=pl.min_horizontal("sign_due_at", "finish_due_at"),
        reasons=pl.concat_list(
            "category_reason",
            "urgency_reason",
            "decision_reasons",
            "reached_reasons",
            "sign_reason",
            pl.format("{}{}", "finish_reason", guessed),
        ),
    )


def _reached(cases: pl.DataFrame) -> pl.DataFrame:
    """Who takes what must be signed for by the clock while the unit is off duty; `reached_reasons` says so.

    Where it goes up one level, the unit helps the one above it.
    """
    is_off = (pl.col("off_duty") != "") & ~pl.col("is_on_duty")
    goes_up = is_off & (pl.col("off_duty") == "up")
    return cases.with_columns(
        unit_code=pl.when(goes_up).then("up_unit").otherwise("unit_code"),
        unit_duty_tier=pl.when(goes_up).then("up_tier").otherwise("unit_duty_tier"),
        co_unit_codes=pl.when(goes_up).then("up_co_units").otherwise("co_unit_codes"),
        reached_reasons=pl.when(is_off).then(pl.concat_list("off_duty_reason")).otherwise(NOTHING),
    )
