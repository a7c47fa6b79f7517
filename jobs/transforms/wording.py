"""How alike two texts are in what they say, apart from where it is and how callers always speak."""

import re

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

LONGEST = 300  # characters looked at
CHUNK = 200_000  # pairs compared at once: bounds memory
NOISE = re.compile(r"〔[^〕]*〕|[\W_]")  # redaction marks, blanks, punctuation


def likeness(pairs: pl.DataFrame) -> pl.Series:
    """0 to 1 for each pair: pieces of text in common, rare ones counting more; 0 where one side says nothing.

    pairs: `row`, `other_row` (numbers of reports), `text`, `place` and the same with `other_`. What is rare is
    learnt from the reports in the pairs, so a greeting that all use tells nothing.
    """
    if pairs.is_empty():
        return pl.Series(dtype=pl.Float64)
    sides = [
        pairs.select("row", "text", "place"),
        pairs.select(row="other_row", text="other_text", place="other_place"),
    ]
    texts = pl.concat(sides).unique("row").sort("row")
    said = [_said(text, place) for text, place in texts.select("text", "place").iter_rows()]
    numbers = pl.DataFrame({"row": texts["row"], "at": range(texts.height)})
    mine, other = (
        pairs.select(row=name).join(numbers, on="row", how="left", maintain_order="left")["at"]
        for name in ("row", "other_row")
    )
    weights = _weights(said)
    if weights is None:
        return pl.Series(np.zeros(pairs.height))
    return pl.Series(_cosines(weights, mine.to_numpy(), other.to_numpy()))


def place_likeness(pairs: pl.DataFrame) -> pl.Series:
    """0 to 1: share of characters in common, in order; 0 where one side names no place."""
    mine, other = (pairs[name].fill_null("").to_list() for name in ("place", "other_place"))
    if not mine:
        return pl.Series(dtype=pl.Float64)
    alike = pl.Series(process.cpdist(mine, other, scorer=fuzz.ratio, workers=-1) / 100, dtype=pl.Float64)
    return alike * (pairs["place"].is_not_null() & pairs["other_place"].is_not_null()).cast(pl.Float64)


def _said(text: str | None, place: str | None) -> str:
    """The text without its place: two matters at one address are not alike for the address."""
    whole = text or ""
    apart = whole.replace(place, "") if place and len(place) > 1 else whole
    return NOISE.sub("", apart[:LONGEST]).lower()


def _weights(texts: list[str]) -> csr_matrix | None:
    """One row a text, of length 1: characters and pairs of characters, rare ones with more weight."""
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    try:
        return vectors.fit_transform(texts)
    except ValueError:  # not one letter in all of them
        return None


def _cosines(weights: csr_matrix, mine: np.ndarray, other: np.ndarray) -> np.ndarray:
    found = np.zeros(len(mine))
    for start in range(0, len(mine), CHUNK):
        part = slice(start, start + CHUNK)
        found[part] = np.asarray(weights[mine[part]].multiply(weights[other[part]]).sum(axis=1)).ravel()
    return found.clip(0, 1).round(4)
