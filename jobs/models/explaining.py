"""Which words of a text spoke for its label: the pairs of characters that weigh most, joined where they overlap."""

import numpy as np
import polars as pl

from jobs.models import ngrams
from jobs.models.classifier import Model, predicted

PAIRS = 4  # of one text that are looked at
PHRASES = 3  # at most, of one text


def explained(model: Model, texts: pl.Series) -> pl.DataFrame:
    """As `predict`, with `words`: up to three phrases that spoke for the label."""
    cleaned = ngrams.normalised(texts)
    guesses = predicted(model, cleaned)
    return guesses.with_columns(words(model, cleaned, guesses["label"]))


def words(model: Model, texts: pl.Series, labels: pl.Series) -> pl.Series:
    """For each normalised text up to three phrases that spoke for this label, the strongest first."""
    codes = labels.replace_strict(model.labels, range(len(model.labels)), return_dtype=pl.Int64).to_numpy()
    starts = range(0, len(texts), ngrams.CHUNK)
    found = [phrases for start in starts for phrases in _of_chunk(model, texts, codes, start)]
    return pl.Series("words", found, dtype=pl.List(pl.String))


def _of_chunk(model: Model, texts: pl.Series, codes: np.ndarray, start: int) -> list[list[str]]:
    part = texts.slice(start, ngrams.CHUNK)
    rows, begins, places = ngrams.runs(part, 2)
    spoke = _weights(model, places, codes[start + rows])
    is_for = spoke > 0
    rows, begins, spoke = rows[is_for], begins[is_for], spoke[is_for]
    order = np.argsort(rows - spoke / (2 * spoke.max(initial=1.0)), kind="stable")  # by text, then the strongest first
    rows, begins = rows[order], begins[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    is_kept = rank < PAIRS
    chosen: list[list[int]] = [[] for _ in range(len(part))]
    for row, begin in zip(rows[is_kept].tolist(), begins[is_kept].tolist(), strict=True):
        chosen[row].append(begin)
    return [_phrases(text, begins) for text, begins in zip(part, chosen, strict=True)]


def _weights(model: Model, places: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """What a pair adds to its text's score for the label, up to a factor that all pairs of a text share."""
    border = model.block_sizes[0]
    column = np.full(ngrams.FEATURES, -1, dtype=np.int32)
    column[model.places[border:]] = np.arange(border, len(model.places), dtype=np.int32)
    at = column[places.astype(np.int64)]
    found, is_known = np.zeros(len(places), dtype=np.float32), at >= 0
    found[is_known] = model.weights[at[is_known], labels[is_known]] * model.idf[at[is_known]]
    return found


def _phrases(text: str, begins: list[int]) -> list[str]:
    """Pairs that overlap or touch are one phrase; phrases in the order of their strongest pair, each once."""
    ends: dict[int, int] = {}  # begin of a phrase -> its end
    phrase_of: dict[int, int] = {}
    for begin in sorted(begins):
        last = next(reversed(ends), None)
        if last is not None and begin <= ends[last]:
            ends[last] = begin + 2
        else:
            ends[begin] = begin + 2
            last = begin
        phrase_of[begin] = last
    told = dict.fromkeys(text[phrase_of[begin] : ends[phrase_of[begin]]] for begin in begins)
    return list(told)[:PHRASES]
