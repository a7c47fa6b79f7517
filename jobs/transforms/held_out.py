"""The last weeks' labels, set aside to judge by, and those known before them, to learn from."""

from datetime import datetime, timedelta

import polars as pl

from jobs.models.near_copies import are_copies

WEEKS = 4


def held_out(labels: pl.DataFrame, weeks: int = WEEKS) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Labels known before the last weeks, and those that became known in them; the weeks end with the newest label.

    labels: with `known_at` and, of texts, `text`. Of a text of the held-out weeks no copy or near copy is among the
    labels known before.
    """
    newest = labels["known_at"].max()
    if not isinstance(newest, datetime):
        return labels, labels
    is_late = pl.col("known_at") > newest - timedelta(weeks=weeks)
    judged = labels.filter(is_late)
    return without_copies(labels.filter(~is_late), judged), judged


def without_copies(known: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """The known rows whose text is no copy of a judged one."""
    if "text" not in known.columns or known.is_empty() or judged.is_empty():
        return known
    return known.filter(~pl.Series(are_copies(known["text"], judged["text"])))
