"""What people in the end agreed on: the category of each report and the unit of each order, as labels to learn from.

A dispatcher's last word counts before all else, and so does a unit's better knowledge (退单) once a dispatcher sent the
order to the unit it named. What was handled and closed without a correction is confirmed. A suggestion that nobody
followed is no label, and neither is an order that is open, sent back, or closed as not ours.
"""

import polars as pl

from jobs.models.deciding_category import SOURCE
from schemas.order_life import DONE

CONFIRMED, CORRECTED = "confirmed", "corrected"
NOT_OURS = "not_ours"
LABEL = ["label", "how", "known_at"]
BY_DISPATCHER = pl.col("role") == "dispatcher"
SENT_AGAIN = BY_DISPATCHER & (pl.col("event") == "dispatch")
SENT_BACK = pl.col("event") == "send_back"
STAYS = pl.col("version") > pl.col("version").filter(SENT_BACK).max().over("order_id").fill_null(0)


def category_labels(
    events: pl.DataFrame,
    assignments: pl.DataFrame,
    links: pl.DataFrame,
    classifications: pl.DataFrame,
    reports: pl.DataFrame,
) -> pl.DataFrame:
    """One row a report whose category is known: report_id, text, label, how (CONFIRMED, CORRECTED, SOURCE), known_at.

    What its source says of a report counts before a mere confirmation, and is known when the report was received.
    reports: their newest revisions.
    """
    of_order = links.select("report_id", "incident_id").join(assignments, on="incident_id")
    agreed = of_order.join(_categories(events, assignments), on="order_id").select("report_id", *LABEL)
    named = classifications.filter(pl.col("model_version") == SOURCE).join(reports, on="report_id")
    by_source = named.select(
        "report_id", label=pl.col("category").cast(pl.String), how=pl.lit(SOURCE), known_at="received_at"
    )
    ranks = {CORRECTED: 0, SOURCE: 1, CONFIRMED: 2}
    told = pl.concat([agreed, by_source]).sort("report_id", pl.col("how").replace_strict(ranks))
    labels = told.unique("report_id", keep="first", maintain_order=True)
    return reports.select("report_id", "text").join(labels, on="report_id").sort("report_id")


def unit_labels(events: pl.DataFrame, assignments: pl.DataFrame, incidents: pl.DataFrame) -> pl.DataFrame:
    """One row an order whose unit is known: order_id, category, kind, township_code, accepted_at, label, how, known_at.

    The codes are those by which `assign` asks the router: an unsure category is empty.
    """
    is_unsure = pl.col("reasons").list.eval(_unsure(pl.element())).list.any()
    asked = assignments.select(
        "order_id",
        "incident_id",
        "accepted_at",
        category=pl.when(is_unsure).then(pl.lit("")).otherwise(pl.col("category").cast(pl.String)),
        kind=pl.col("kind").cast(pl.String),
    ).join(incidents.select("incident_id", pl.col("township_code").fill_null("")), on="incident_id")
    return asked.drop("incident_id").join(_units(events), on="order_id").sort("order_id")


def _categories(events: pl.DataFrame, assignments: pl.DataFrame) -> pl.DataFrame:
    """order_id and LABEL. Events of before the category was noted speak for the assigned one."""
    assigned = assignments.select("order_id", assigned=pl.col("category").cast(pl.String))
    steps = _steps(events).join(assigned, on="order_id").with_columns(pl.col("category").fill_null(pl.col("assigned")))
    moved = pl.col("category") != pl.col("category").shift(1).over("order_id")
    is_word = (BY_DISPATCHER & (pl.col("event") == "correct")) | (SENT_AGAIN & moved)
    follows = SENT_AGAIN & (pl.col("unit_code") == pl.col("told_unit")) & STAYS
    spoken = pl.when(is_word).then("category").when(follows).then("told_category")
    return _agreed(steps.with_columns(spoken=spoken, is_by_hand=spoken.is_not_null()), "category")


def _units(events: pl.DataFrame) -> pl.DataFrame:
    """order_id and LABEL. Whom a dispatcher sent the order to has it, unless it came back."""
    spoken = pl.when(SENT_AGAIN & STAYS).then("unit_code")
    return _agreed(_steps(events).with_columns(spoken=spoken, is_by_hand=SENT_AGAIN), "unit_code")


def _agreed(steps: pl.DataFrame, name: str) -> pl.DataFrame:
    """The last spoken word on each order, else what it had when it was closed; corrected, where the pipeline had it
    otherwise before a person took it in hand."""
    said = pl.col("spoken").is_not_null()
    is_pipelines = (pl.col("role") == "system") & (pl.col("is_by_hand").cast(pl.Int32).cum_sum() == 0)
    is_closed = pl.col("to_state").last().is_in(DONE) & pl.col("outcome").last().ne_missing(NOT_OURS)
    orders = steps.group_by("order_id", maintain_order=True).agg(
        word=pl.col("spoken").filter(said).last(),
        word_at=pl.col("occurred_at").filter(said).last(),
        pipeline=pl.col(name).filter(is_pipelines).last(),
        first=pl.col(name).first(),
        end=pl.when(is_closed).then(pl.col(name).last()),
        end_at=pl.col("occurred_at").filter(pl.col("event") == "close").last(),
    )
    label, ours = pl.coalesce("word", "end"), pl.coalesce("pipeline", "first")
    return orders.select(
        "order_id",
        label=label,
        how=pl.when(label == ours).then(pl.lit(CONFIRMED)).otherwise(pl.lit(CORRECTED)),
        known_at=pl.when(pl.col("word").is_not_null()).then("word_at").otherwise("end_at"),
    ).filter(pl.col("label").is_not_null())


def _steps(events: pl.DataFrame) -> pl.DataFrame:
    """Events in order, codes as text; told_unit and told_category: what the last send-back before each said."""
    codes = ("event", "to_state", "role", "outcome", "category", "better_category")
    told = pl.struct("better_unit_code", "better_category")
    last = pl.when(SENT_BACK).then(told).forward_fill().over("order_id", order_by="version")
    return (
        events.with_columns(pl.col(codes).cast(pl.String))
        .sort("order_id", "version")
        .with_columns(last=last)
        .with_columns(
            told_unit=pl.col("last").struct.field("better_unit_code"),
            told_category=pl.col("last").struct.field("better_category"),
        )
    )


def _unsure(reason: pl.Expr) -> pl.Expr:
    return reason.str.starts_with("category: classifier@") & reason.str.ends_with(", abstained")
