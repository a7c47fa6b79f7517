"""What people do: orders, their events, call-backs. PostgreSQL owns these; the lake gets copies."""

import dataframely as dy
import polars as pl

from schemas.records.columns import category, code, feed, instant, kind, latitude, longitude
from schemas.vocabulary import (
    DUTY_TIERS,
    EVENT_GRADES,
    HANDLING_LEVELS,
    ORDER_EVENTS,
    ORDER_STATES,
    OUTCOMES,
    PAUSE_CAUSES,
    RECEIVING_LINES,
    ROLES,
    SATISFACTIONS,
)

RULE = (
    "what gave the due time: a rule and its version (`deadlines/three_days@2000-01-01`) or a step and the order's "
    "version after it (`extend@4`); `; paused 2 working days` where pauses moved it. Null: older than this column"
)


class Order(dy.Schema):
    """Work sent to a unit (工单). State says where it is, outcome what came of it."""

    order_id = dy.String(primary_key=True)
    incident_id = dy.String()
    state = code(ORDER_STATES)
    outcome = code(OUTCOMES, nullable=True)
    kind = kind()
    category = category()
    is_urgent = dy.Bool()
    event_grade = code(EVENT_GRADES)
    handling_level = code(HANDLING_LEVELS)
    unit_code = dy.String()
    unit_duty_tier = code(DUTY_TIERS)
    co_unit_codes = dy.List(dy.String())
    text = dy.String(description="the incident in words, redacted")
    place = dy.String(nullable=True)
    township_code = dy.String(nullable=True)
    grid_code = dy.String(nullable=True)
    lat = latitude()
    lon = longitude()
    reasons = dy.List(dy.String(), description="why this unit, tiers and due times")
    urged_count = dy.Int32(min=0)
    accepted_at = instant()
    sign_due_at = instant()
    finish_due_at = instant(description="while paused: as it was when the clock stopped")
    sign_rule = dy.String(nullable=True, description=RULE)
    finish_rule = dy.String(nullable=True, description=RULE)
    paused_at = instant(nullable=True, description="since when the clock stands; null: it runs")
    dispatched_at = instant(description="when it was published to the unit")
    signed_at = instant(nullable=True)
    closed_at = instant(nullable=True)
    updated_at = instant()
    parent_id = dy.String(nullable=True, description="of a sub-order (分办): the order it is a part of")
    merged_into = dy.String(nullable=True, description="of a merged order: the order it repeats")
    transferred_to = code(RECEIVING_LINES, nullable=True)
    refused_by = dy.List(dy.String(), description="units that sent it back, the first first; why stands in its events")
    version = dy.Int32(min=1, description="grows by one with each change; the ETag")


class OrderEvent(dy.Schema):
    """One step in an order's life, in order of `version`."""

    event_id = dy.String(primary_key=True)
    order_id = dy.String()
    version = dy.Int32(min=1, description="the order's version after the step")
    event = code(ORDER_EVENTS)
    from_state = code(ORDER_STATES, nullable=True)
    to_state = code(ORDER_STATES)
    unit_code = dy.String(description="the order's unit after the step")
    role = code(ROLES, description="who acted; never a person's name")
    reason = dy.String(nullable=True)
    outcome = code(OUTCOMES, nullable=True)
    finish_due_at = instant(description="the order's after the step")
    finish_rule = dy.String(nullable=True, description=RULE)
    pause_cause = code(PAUSE_CAUSES, nullable=True, description="why work waits; of a pause only")
    occurred_at = instant()
    better_unit_code = dy.String(nullable=True, description="of a send-back: the unit that should have the order")
    better_category = category(
        nullable=True, description="of a send-back: what the order is about, as the unit sees it"
    )
    category = category(nullable=True, description="the order's category after the step; null: of before it was noted")
    asked_due_at = instant(nullable=True, description="of ask_extension: the time limit that the unit asks for")
    other_order_id = dy.String(
        nullable=True, description="of a merge: the order it went into; of delegate: the sub-order; of urge: the repeat"
    )
    transferred_to = code(RECEIVING_LINES, nullable=True, description="of a transfer: who got it")


def _steps(what: str) -> dy.Int64:
    return dy.Int64(min=0, description=f"{what} on that day, of orders that the unit had after the step")


class OrdersDaily(dy.Schema):
    """What a unit's orders did on one local day: counts of steps, and how many it had to do when the day ended."""

    day = dy.Date(primary_key=True, description="local, Asia/Shanghai")
    unit_code = dy.String(primary_key=True)
    dispatched = _steps("dispatched to it (派发)")
    signed = _steps("signed for (签收)")
    closed = _steps("closed (办结)")
    sent_back = _steps("sent back (退单)")
    reopened = _steps("reopened (重办)")
    gone = _steps("handed to another line (移交) or merged (并单)")
    extended = _steps("given more time (延期)")
    marked = _steps("marked 催办, 督办 or 通报, by the ladder or by people,")
    open_at_end = dy.Int64(min=0, description="orders that it had to do at the day's end; of today: now")


class Notice(dy.Schema):
    """A report in which life or safety is in danger, told at once to the unit that leads; each such report has one."""

    report_id = dy.String(primary_key=True)
    feed = feed()
    incident_id = dy.String()
    order_id = dy.String(description="of the incident; a repeated call is told to those who work on it")
    unit_code = dy.String(description="that leads; where the order goes to another unit, its notices go with it")
    urgency_terms = dy.List(dy.String(), min_length=1, description="lexicon entries found, as `rule:term`")
    text = dy.String(description="what was said, redacted")
    place = dy.String(nullable=True)
    received_at = instant(description="by the source")
    landed_at = instant(description="when Kafka had it")
    noticed_at = instant(description="when that unit could see it")
    confirmed_at = instant(nullable=True, description="when the way through the lake came to the same; null: not yet")


class Rating(dy.Schema):
    """One call-back (回访) of one order; valid (有效回访) when the caller was reached and answered."""

    order_id = dy.String(primary_key=True)
    attempt = dy.Int32(primary_key=True, min=1)
    unit_code = dy.String()
    was_reached = dy.Bool(description="reached and answered (有效回访)")
    was_contacted = dy.Bool(nullable=True, description="did the unit contact the caller (联系)")
    was_solved = dy.Bool(nullable=True, description="was the matter solved (解决)")
    satisfaction = code(SATISFACTIONS, nullable=True)
    accepted_at = instant(description="of the order; rates are cut by it")
    called_back_at = instant()

    @dy.rule()
    def answers_only_when_reached(cls) -> pl.Expr:
        answers = ("was_contacted", "was_solved", "satisfaction")
        return pl.all_horizontal(pl.col(name).is_not_null() == pl.col("was_reached") for name in answers)
