"""What the figures say: counts, warnings, metrics."""

import dataframely as dy
import polars as pl

from schemas.records.columns import category, code, instant
from schemas.vocabulary import NOT_JUDGED_REASONS, WARNING_STATES

PERIODS = ("hour", "day")


class PastCount(dy.Schema):
    """Counts of reports from before the lake began, loaded from an archive; one row a non-empty hour."""

    category = category(primary_key=True)
    township_code = dy.String(primary_key=True, regex=r"^\d{9}$")
    hour_at = instant(primary_key=True, description="start of the hour")
    count = dy.Int64(min=0)


class Warning(dy.Schema):
    """Our finding that the count of reports in a place is unusual (预警). Never about a person."""

    warning_id = dy.String(primary_key=True)
    period = code(PERIODS)
    period_at = instant(description="start of the period")
    category = category()
    township_code = dy.String()
    count = dy.Int64(min=0)
    expected = dy.Float64(min=0)
    upper = dy.Float64(min=0, description="greatest count that is still usual at level alpha")
    p_value = dy.Float64(min=0, max=1)
    method = dy.String()
    report_ids = dy.List(dy.String(), description="the reports that were counted")
    found_at = instant()


class WarningReview(dy.Schema):
    """What analysts decided on a warning; the store owns it."""

    warning_id = dy.String(primary_key=True)
    state = code(WARNING_STATES)
    reason = dy.String(nullable=True)
    reviewed_at = instant(nullable=True)
    version = dy.Int32(min=1)


class Judgement(dy.Schema):
    """One period of one series as the warning engine sees it, alarm or not."""

    series = dy.String(primary_key=True)
    period = dy.String(primary_key=True)
    count = dy.Int64(nullable=True)
    expected = dy.Float64(nullable=True)
    upper = dy.Float64(nullable=True)
    p_value = dy.Float64(nullable=True, min=0, max=1)
    alarm = dy.Bool()
    reason = code(NOT_JUDGED_REASONS)


class Metric(dy.Schema):
    """One figure of the metric catalogue; value is null when undefined, never 0 or 1 by default."""

    metric = dy.String(primary_key=True, description="code in schemas/metrics.py")
    scope = dy.String(
        primary_key=True,
        description="`county`, or `unit:<code>`, `township:<code>`, `feed:<code>` … (schemas/metrics.py)",
    )
    window_start = instant(primary_key=True)
    window_end = instant(primary_key=True, description="exclusive")
    numerator = dy.Int64(min=0)
    denominator = dy.Int64(min=0)
    value = dy.Float64(nullable=True)
    definition_version = dy.String()
    computed_at = instant()

    @dy.rule()
    def undefined_without_a_denominator(cls) -> pl.Expr:
        return (pl.col("denominator") == 0) == pl.col("value").is_null()
