"""From reports and a model to classifications: the source's own word counts before ours."""

from datetime import datetime

import polars as pl

from jobs.models.classifier import Model
from jobs.models.explaining import explained
from schemas.records import Classification

SOURCE = "source"  # model_version of a category that came with the report
NO_WORDS = "other"  # category of a report that says nothing
POLICE = ("public_security", "fraud", "traffic_accident")  # categories that are police matters (警情)
POLICE_FEEDS = ("110",)  # an emergency here stays a police matter while nobody is sure what it is


def classified(reports: pl.DataFrame, urgency: pl.DataFrame, model: Model, now: datetime) -> pl.DataFrame:
    """One Classification row a report. urgency: report_id, is_urgent, urgency_terms.

    A category named by the source is kept: probability 1, model_version `source`. The rest is the model's best guess.
    A report without text or category is `other`, abstained, probability 0.
    """
    named = reports.filter(pl.col("category").is_not_null()).select(
        "report_id", category=pl.col("category").cast(pl.String)
    )
    by_source = named.with_columns(
        probability=1.0,
        abstained=False,
        top3=pl.concat_list(pl.col("category") + ":1.00"),
        model_version=pl.lit(SOURCE),
        words=pl.lit([], dtype=pl.List(pl.String)),
    )
    unnamed = reports.filter(pl.col("category").is_null())
    guesses = explained(model, unnamed["text"]).rename({"label": "category"})
    by_model = pl.concat([unnamed.select("report_id", "text"), guesses], how="horizontal")
    by_model = by_model.with_columns(model_version=pl.lit(model.version)).with_columns(_silent()).drop("text")
    rows = pl.concat([by_source, by_model], how="diagonal_relaxed").join(urgency, on="report_id")
    rows = rows.join(reports.select("report_id", "feed", "kind"), on="report_id").with_columns(
        is_police=_is_police(), classified_at=now
    )
    return Classification.validate(rows, cast=True)


def _silent() -> list[pl.Expr]:
    """What stands in the place of a guess where nothing was said."""
    says_nothing = pl.col("text").str.strip_chars() == ""
    return [
        pl.when(says_nothing).then(pl.lit(NO_WORDS)).otherwise("category").alias("category"),
        pl.when(says_nothing).then(0.0).otherwise("probability").alias("probability"),
        pl.when(says_nothing).then(pl.lit([], dtype=pl.List(pl.String))).otherwise("top3").alias("top3"),
    ]


def _is_police() -> pl.Expr:
    is_unsure_call = (
        pl.col("feed").cast(pl.String).is_in(POLICE_FEEDS)
        & (pl.col("kind").cast(pl.String) == "emergency")
        & pl.col("abstained")
    )
    return pl.col("category").is_in(POLICE) | is_unsure_call
