"""What we made of the reports: incidents, links, classifications, assignments."""

import dataframely as dy
import polars as pl

from schemas.records.columns import category, code, feed, instant, kind, latitude, longitude
from schemas.vocabulary import DUTY_TIERS, EVENT_GRADES, HANDLING_LEVELS, LINK_REASONS


class Incident(dy.Schema):
    """What happened (事件): one or more linked reports. Its id comes from the report that opened it."""

    incident_id = dy.String(primary_key=True)
    first_report_id = dy.String()
    kind = kind()
    category = category(nullable=True, description="as the first report that names one says")
    text = dy.String(description="of the opening report, redacted")
    place = dy.String(nullable=True)
    county_code = dy.String(nullable=True)
    township_code = dy.String(nullable=True)
    grid_code = dy.String(nullable=True)
    lat = latitude()
    lon = longitude()
    first_received_at = instant()
    last_received_at = instant()
    report_count = dy.Int32(min=1)
    feeds = dy.List(feed(), min_length=1, description="feeds that told of it, sorted")
    day = dy.Date(description="local day of first_received_at, Asia/Shanghai; the partition")
    merged_into = dy.String(
        nullable=True,
        description="the incident that its reports belong to since they were linked anew; the rest is as it was then",
    )


class Link(dy.Schema):
    """Why a report belongs to an incident. A report has one link; linking never drops a report."""

    report_id = dy.String(primary_key=True)
    incident_id = dy.String()
    score = dy.Float64(min=0, max=1, description="1 for the report that opened the incident")
    reasons = dy.List(code(LINK_REASONS), min_length=1)
    linker_version = dy.String()
    linked_at = instant()


class UnitTier(dy.Schema):
    """A unit's duty tier as counted from the orders of a year, with hysteresis."""

    unit_code = dy.String(primary_key=True)
    valid_from = dy.Date(primary_key=True, description="first local day on which it holds, Asia/Shanghai")
    duty_tier = code(DUTY_TIERS)
    yearly_volume = dy.Int64(min=0, description="orders it led, accepted in the 365 days before valid_from")
    tier_before = code(DUTY_TIERS)


class Classification(dy.Schema):
    """What one report is about, with the model that said so."""

    report_id = dy.String(primary_key=True)
    category = category(description="the best guess, also when abstained")
    probability = dy.Float64(min=0, max=1)
    abstained = dy.Bool(description="too unsure to decide alone: a dispatcher looks")
    top3 = dy.List(dy.String(), description="up to three `category:probability`, best first")
    is_urgent = dy.Bool(description="by the dated urgency lexicon")
    urgency_terms = dy.List(dy.String(), description="lexicon entries found, as `rule:term`")
    is_police = dy.Bool(description="police matter (警情) or not (非警情)")
    model_version = dy.String()
    classified_at = instant()
    words = dy.List(dy.String(), nullable=True, description="up to three phrases that spoke for the category")


class Assignment(dy.Schema):
    """The decision on one incident: unit, three tiers that stay apart, two due times, each with its rule."""

    order_id = dy.String(primary_key=True, description="one order an incident")
    incident_id = dy.String()
    kind = kind()
    category = category()
    is_urgent = dy.Bool()
    event_grade = code(EVENT_GRADES, description="how serious the incident is")
    handling_level = code(HANDLING_LEVELS, description="where the order sits; sets the time limit")
    unit_code = dy.String(description="lead unit (承办单位)")
    unit_duty_tier = code(DUTY_TIERS, description="the lead unit's rank by yearly volume")
    co_unit_codes = dy.List(dy.String(), description="co-handlers")
    accepted_at = instant(description="the incident's first receipt; time limits count from here")
    sign_due_at = instant()
    finish_due_at = instant()
    reasons = dy.List(dy.String(), min_length=5, description="`field: rule@valid_from: why`, one a decided field")
    urged_count = dy.Int32(min=0, description="further reports of the same incident (催促)")
    decided_at = instant()

    @dy.rule()
    def signed_before_finished(cls) -> pl.Expr:
        return pl.col("sign_due_at") <= pl.col("finish_due_at")
