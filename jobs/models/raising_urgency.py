"""A model that may only raise urgency: what the words and signs do not find, and calls like it were in danger.

It never lowers: a text that the dated lexicon calls urgent stays urgent whatever a model says.
"""

import polars as pl

from jobs.models import ngrams
from jobs.models.classifier import Model, chances
from jobs.transforms.urgency import days_of, urgency_of_their_days
from schemas.regulation import Regulation

URGENT = "urgent"  # the label of texts in danger; every other label is not


def urgency_of(reports: pl.DataFrame, regulation: Regulation, model: Model | None) -> pl.DataFrame:
    """report_id, is_urgent, urgency_terms: by the rules of each report's day, raised by the model where they allow it.

    A report that the model raised has the one term `model:urgent 0.97 <version>`.
    """
    found = urgency_of_their_days(reports, regulation)
    if model is None or found.is_empty():
        return found
    calm = found.filter(~pl.col("is_urgent")).select("report_id").join(reports, on="report_id")
    if calm.is_empty():
        return found
    told = calm.select("report_id", local_day=days_of(calm), chance=_chances(model, calm["text"]))
    limits = {day: _limit(regulation, day) for day in told["local_day"].unique()}
    raised = told.filter(pl.col("chance") >= pl.col("local_day").replace_strict(limits, return_dtype=pl.Float64))
    term = pl.format(f"model:{URGENT} {{}} {model.version}", pl.col("chance").round(2))
    by_model = raised.select("report_id", is_raised=pl.lit(value=True), term=pl.concat_list(term))
    both = found.join(by_model, on="report_id", how="left", maintain_order="left")
    return both.select(
        "report_id",
        is_urgent=pl.col("is_urgent") | pl.col("is_raised").fill_null(value=False),
        urgency_terms=pl.when(pl.col("is_raised")).then("term").otherwise("urgency_terms"),
    )


def _limit(regulation: Regulation, day: object) -> float:
    rule = regulation.on(day).urgency_model  # type: ignore[arg-type]  # a date
    return rule.from_probability if rule else 2.0


def _chances(model: Model, texts: pl.Series) -> pl.Series:
    """The probability that each text tells of danger; 0 for one that says nothing."""
    cleaned = ngrams.normalised(texts)
    column = model.labels.index(URGENT)
    found = pl.Series(chances(model, cleaned)[:, column], dtype=pl.Float64)
    return pl.select(pl.when(cleaned != "").then(found).otherwise(0.0)).to_series()
