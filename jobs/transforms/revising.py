"""What a new decision of the pipeline changes in an order that people may already work on.

A person's word stands: what was set by hand differs from the pipeline's last decision, and is left alone. So is the
unit of an order that a dispatcher sent out again, and the category of one sent out again or corrected, also where the
pipeline said the same at the time.
"""

from datetime import datetime

import polars as pl

from schemas.messages import EVENT_ID
from schemas.order_life import ENDED
from schemas.records import Order, OrderEvent
from schemas.tables import DECIDED

# Columns that change together: the first tells whether a person has set them.
UNIT = ("unit_code", "unit_duty_tier", "co_unit_codes")
DUE_TIMES = ("finish_due_at", "sign_due_at")
REVISED = tuple(name for name in DECIDED if name != "urged_count")
OF_PEOPLE = (
    "better_unit_code",
    "better_category",
    "pause_cause",
    "asked_due_at",
    "other_order_id",
    "transferred_to",
)  # columns of OrderEvent that no step of the pipeline fills
SPOKEN = ("dispatch", "correct")  # steps by which a dispatcher says what the category is; the first, also the unit


def decisions(assignments: pl.DataFrame, incidents: pl.DataFrame) -> pl.DataFrame:
    """The pipeline's word on each order: DECIDED and decided_at. An assignment without its incident waits."""
    told = incidents.select("incident_id", "text", "place", "township_code", "grid_code", "lat", "lon")
    return assignments.join(told, on="incident_id").select("order_id", *DECIDED, "decided_at")


def first_orders(decided: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Orders as they are dispatched, one for each decision."""
    started = decided.with_columns(
        **{f"{step}_rule": _rule_of("reasons", step) for step in ("sign", "finish")},
        **dict.fromkeys(("paused_at", "parent_id", "merged_into", "transferred_to")),
        refused_by=pl.lit([], pl.List(pl.String)),
        state=pl.lit("dispatched"),
        outcome=None,
        dispatched_at=now,
        signed_at=None,
        closed_at=None,
        updated_at=now,
        version=1,
    )
    return Order.validate(started.select(Order.column_names()), cast=True)


def dispatches(orders: pl.DataFrame) -> pl.DataFrame:
    """The first event of each order."""
    steps = orders.with_columns(event=pl.lit("dispatch"), from_state=None, reason=None, occurred_at="dispatched_at")
    return _events(steps)


def differing(decided: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Decisions that say something else than the last known one and are not older than it."""
    both = decided.join(known, on="order_id", suffix="_was")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in DECIDED)
    return both.filter(differs, pl.col("decided_at") >= pl.col("decided_at_was")).select(decided.columns)


def revise(
    orders: pl.DataFrame, known: pl.DataFrame, decided: pl.DataFrame, now: datetime, spoken: pl.DataFrame
) -> pl.DataFrame:
    """The orders that change, with Order's columns and beside them `revised` (names of changed columns), `regraded`
    (`3 → 2: 90 points: …` where the event grade changes) and `is_urged`.

    known: the last decision on each of these orders; decided: the new one; both as `pausing.with_pauses` gives them;
    spoken: order_id and event of what people said in SPOKEN. Finished orders stay as they are.
    """
    said = spoken.group_by("order_id").agg(is_sent_again=(pl.col("event") == "dispatch").any(), is_spoken=pl.lit(True))
    told = orders.join(known, on="order_id", suffix="_was").join(decided, on="order_id", suffix="_new")
    told = told.join(said, on="order_id", how="left").with_columns(
        pl.col("is_sent_again", "is_spoken").fill_null(False)
    )
    working = told.filter(~pl.col("state").is_in(ENDED))
    judged = working.with_columns(
        revised=pl.concat_list(pl.when(_moves(name)).then(pl.lit(name)) for name in REVISED).list.drop_nulls(),
        is_urged=pl.col("urged_count_new") > pl.col("urged_count"),
    )
    changed = judged.filter((pl.col("revised").list.len() > 0) | pl.col("is_urged"))
    steps = (pl.col("revised").list.len() > 0).cast(pl.Int32) + pl.col("is_urged").cast(pl.Int32)
    return changed.with_columns(
        *(pl.when(_moves(name)).then(f"{name}_new").otherwise(name).alias(name) for name in REVISED),
        regraded=_regraded(),
        sign_rule=pl.when(_moves("sign_due_at")).then(_rule_of("reasons_new", "sign")).otherwise("sign_rule"),
        finish_rule=pl.when(_moves("finish_due_at")).then(_finish_rule()).otherwise("finish_rule"),
        urged_count=pl.max_horizontal("urged_count", "urged_count_new"),
        updated_at=now,
        version=pl.col("version") + steps,
    ).select(*Order.column_names(), "revised", "regraded", "is_urged")


def revisions(changed: pl.DataFrame) -> pl.DataFrame:
    """The events of what `revise` found: `revise`, then `urge` where both apply."""
    steps = changed.with_columns(from_state="state", occurred_at="updated_at", outcome=None)
    revised = steps.filter(pl.col("revised").list.len() > 0).with_columns(
        event=pl.lit("revise"),
        reason=pl.concat_str(
            pl.col("revised").list.join(", "),
            pl.format("event_grade {}", "regraded"),
            separator="; ",
            ignore_nulls=True,
        ),
        version=pl.col("version") - pl.col("is_urged").cast(pl.Int32),
    )
    urged = steps.filter("is_urged").with_columns(event=pl.lit("urge"), reason=None)
    return pl.concat([_events(revised), _events(urged)]).sort("order_id", "version")


def _moves(name: str) -> pl.Expr:
    """Whether the pipeline has changed its mind on this column, and may."""
    new, was = pl.col(f"{name}_new"), pl.col(f"{name}_was")
    guard = UNIT[0] if name in UNIT else DUE_TIMES[0] if name in DUE_TIMES else name
    by_hand = pl.col(guard).ne_missing(pl.col(f"{guard}_was"))
    if name in UNIT:
        by_hand |= pl.col("is_sent_again")
    if name == "category":
        by_hand |= pl.col("is_spoken")
    # A unit that has signed for an order keeps it; it can send it back.
    may = pl.col("state").is_in(("to_dispatch", "dispatched")) if name in UNIT else pl.lit(True)
    return new.ne_missing(was) & ~by_hand & may


def _regraded() -> pl.Expr:
    """From which event grade to which, and the points that say so."""
    of_grade = pl.element().filter(pl.element().str.starts_with("event_grade: "))
    why = pl.col("reasons_new").list.eval(of_grade).list.first().str.split(": ").list.slice(2).list.join(": ")
    told = pl.format("{} → {}: {}", "event_grade", "event_grade_new", why.fill_null("no points told"))
    return pl.when(_moves("event_grade")).then(told)


def _finish_rule() -> pl.Expr:
    """The rule of the new decision, and what pauses gave on top of it; as `clock.named_after_pauses` says it."""
    given = pl.format("; paused {}", "paused_new").fill_null("")
    return _rule_of("reasons_new", "finish") + given


def _rule_of(reasons: str, step: str) -> pl.Expr:
    """What the reasons name for this step's due time; null where they name nothing. As `clock.rule_of`."""
    named = pl.col(reasons).list.eval(pl.element().str.extract(rf"^{step}_due_at: ([^:]+): "))
    return named.list.drop_nulls().list.first()


def _events(steps: pl.DataFrame) -> pl.DataFrame:
    found = steps.with_columns(
        event_id=pl.format(EVENT_ID, "order_id", "version"),
        to_state="state",
        role=pl.lit("system"),
        **dict.fromkeys(OF_PEOPLE, pl.lit(None)),
    )
    return OrderEvent.validate(found.select(OrderEvent.column_names()), cast=True)
