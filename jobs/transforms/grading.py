"""The event grade (事件等级) by the points table of the day: urgency, matter, number of reports, harm, place."""

import polars as pl

from schemas.regulation import Grade, RulesOfDay
from schemas.regulation.rows import Case

OUT = "□"  # keeps what stood left and right of a cut apart


def graded(rules: RulesOfDay, case: Case) -> tuple[Grade, str]:
    """The grade, and the sum in words: `90 points: matter 60 (emergency_services), reports 30 (many_callers)`."""
    parts = {}
    for entry in rules.points:
        if entry.criterion not in parts and entry.takes(case):
            parts[entry.criterion] = entry
    total = sum(entry.points for entry in parts.values())
    grade = next(grade for grade in rules.grades if total >= grade.from_points)
    told = ", ".join(f"{name} {entry.points} ({entry.name})" for name, entry in parts.items() if entry.points)
    return grade, f"{total} points{': ' if told else ''}{told}"


def signs(text: pl.Series, place: pl.Series, rules: RulesOfDay) -> pl.Series:
    """For each row the names of the entries whose words stand in the text or the place, with commas between."""
    both = pl.DataFrame({"text": text.fill_null(""), "place": place.fill_null("")})
    said = both.select(pl.concat_str("text", "place", separator="\n").alias("whole"))
    found = [
        pl.when(_searched(entry.unless).str.contains(entry.words)).then(pl.lit(entry.name)).alias(entry.name)
        for entry in rules.points
        if entry.words
    ]
    named = pl.concat_str(found, separator=",", ignore_nulls=True) if found else pl.lit("")
    return said.select(named.alias("signs")).to_series()


def _searched(unless: str | None) -> pl.Expr:
    return pl.col("whole").str.replace_all(unless, OUT) if unless else pl.col("whole")
