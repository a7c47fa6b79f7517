"""Does a text say that life or safety is in danger? By the dated words and signs of `schemas/rules/urgency.toml`."""

import re
from datetime import date

import polars as pl

from jobs.catalog import TIME_ZONE
from schemas.regulation import Regulation, RulesOfDay

ACTS = ("keep", "drop_all", "drop_sentence", "drop")  # in this order
GAP = "□"  # keeps what stood left and right of a cut apart
NOT_END = "[^。！？!?\n]*"


def urgency(texts: pl.Series, rules: RulesOfDay) -> pl.DataFrame:
    """Two columns beside the texts: `is_urgent`, and `urgency_terms` as `danger:term`, sorted, each once.

    A missing or empty text is not urgent. Denials, drills and news are set aside by the lexicon's patterns.
    """
    danger_of = {term: terms.name for terms in rules.urgency_terms for term in terms.terms}
    searched = _searched(texts.rename("text"), list(danger_of), rules).rename("text")
    found = searched.str.extract_many(list(danger_of), overlapping=True)
    by_term = found.list.eval(
        pl.element().replace_strict(
            {term: f"{danger}:{term}" for term, danger in danger_of.items()}, return_dtype=pl.String
        )
    )
    by_sign = searched.to_frame().select(
        pl.col("text")
        .str.extract_all(sign.pattern)
        .list.eval(pl.format(f"{sign.name}:{{}}", pl.element()))
        .alias(str(number))
        for number, sign in enumerate(rules.urgency_signs)
    )
    named = by_sign.select(pl.concat_list(by_term.alias("terms"), *by_sign.columns)).to_series()
    named = named.list.unique().list.sort()
    return pl.DataFrame({"is_urgent": named.list.len() > 0, "urgency_terms": named})


def urgency_of_their_days(reports: pl.DataFrame, regulation: Regulation) -> pl.DataFrame:
    """report_id, is_urgent, urgency_terms: of each report by the words and signs of the local day it came in."""
    days = reports.with_columns(local_day=days_of(reports))
    empty = pl.DataFrame(schema={"report_id": pl.String, "is_urgent": pl.Boolean, "urgency_terms": pl.List(pl.String)})
    return pl.concat(
        [
            empty,
            *(
                pl.concat([part.select("report_id"), urgency(part["text"], regulation.on(day))], how="horizontal")
                for (day,), part in days.partition_by("local_day", as_dict=True).items()
                if isinstance(day, date)
            ),
        ]
    )


def days_of(reports: pl.DataFrame) -> pl.Series:
    """The local day each report came in."""
    return reports["received_at"].dt.convert_time_zone(TIME_ZONE).dt.date()


def _searched(texts: pl.Series, terms: list[str], rules: RulesOfDay) -> pl.Series:
    """The texts without what the patterns set aside."""
    any_term = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    text = pl.col("text")
    for pattern in sorted(rules.urgency_patterns, key=lambda pattern: ACTS.index(pattern.acts)):
        words = pattern.pattern.replace("{term}", any_term)
        if pattern.acts == "drop_all":
            text = pl.when(text.str.contains(words)).then(pl.lit(GAP)).otherwise(text)
        elif pattern.acts == "drop_sentence":
            text = text.str.replace_all(f"{NOT_END}({words}){NOT_END}", GAP)
        else:
            text = text.str.replace_all(words, GAP)
    return texts.fill_null("").to_frame().select(text).to_series()
