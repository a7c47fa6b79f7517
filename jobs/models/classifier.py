"""What a text is about: weighted character pairs, a linear model, calibrated probabilities, and a threshold.

Any labels, any number of texts from a few on. The same texts and labels always give the same model.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from jobs.models import ngrams
from jobs.models.calibration import probabilities

CODE_VERSION = "characters-svm-2"  # changes whenever the same data would give another model
BLOCK_WEIGHTS = (1.0, 2.0)  # single characters, pairs; chosen by cross-validation
SOFTNESS = 0.5  # C of the linear support vector machine; chosen by cross-validation
RARE_FROM = 1000  # with this many texts, what only one text says is left out
UNSEEN = -2.0  # score of a label that a training part did not hold: below any usual score
TOP = 3


@dataclass(frozen=True)
class Model:
    """A trained classifier: plain numbers and words only, so that loading it runs no code."""

    labels: tuple[str, ...]
    places: np.ndarray  # hashed features in use, per block: int32, ascending
    block_sizes: tuple[int, ...]  # how many of `places` belong to each block
    idf: np.ndarray  # weight of each place
    weights: np.ndarray  # places x labels
    biases: np.ndarray  # labels
    sharpness: float  # scores are multiplied by it before the softmax
    threshold: float  # below this probability the model abstains; above 1: always
    version: str


def predict(model: Model, texts: Sequence[str | None] | pl.Series) -> pl.DataFrame:
    """One row a text, in order: `label` (best guess, always given), `probability`, `abstained`, `top3`.

    top3: up to three `label:probability`, best first. A text without any letters is always abstained.
    """
    return predicted(model, ngrams.normalised(pl.Series("text", texts, dtype=pl.String)))


def predicted(model: Model, cleaned: pl.Series) -> pl.DataFrame:
    """As `predict`, for normalised texts."""
    chances = probabilities(scores(model, cleaned), model.sharpness)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :TOP]
    first = chances[np.arange(len(best)), best[:, 0]]
    return pl.DataFrame(
        {
            "label": pl.Series([model.labels[row[0]] for row in best], dtype=pl.String),
            "probability": pl.Series(first, dtype=pl.Float64),
            "abstained": pl.Series((first < model.threshold) | (cleaned == "").to_numpy(), dtype=pl.Boolean),
            "top3": pl.Series(_top(model.labels, best, chances), dtype=pl.List(pl.String)),
        }
    )


def fitted(texts: pl.Series, labels: Sequence[str]) -> Model:
    """A model of normalised texts, not yet calibrated: sharpness 1, threshold 0."""
    known = tuple(sorted(set(labels)))
    least = 2 if len(texts) >= RARE_FROM else 1
    parts = []
    places, idf = [], []
    for counts, weight in zip(ngrams.blocks(texts), BLOCK_WEIGHTS, strict=True):
        found = np.bincount(counts.indices, minlength=ngrams.FEATURES)
        used = np.flatnonzero(found >= least).astype(np.int32)
        places.append(used)
        idf.append((np.log((1 + len(texts)) / (1 + found[used])) + 1).astype(np.float32))
        parts.append(_weighted(counts, used, idf[-1], weight))
    weights, biases = _linear(sparse.hstack(parts, format="csr"), np.asarray(labels), known)
    sizes = tuple(len(used) for used in places)
    return Model(known, np.concatenate(places), sizes, np.concatenate(idf), weights, biases, 1.0, 0.0, CODE_VERSION)


def scores(model: Model, texts: pl.Series) -> np.ndarray:
    """Normalised texts x labels: the linear model's raw scores. Memory stays flat however many texts there are."""
    starts = range(0, max(len(texts), 1), ngrams.CHUNK)
    return np.vstack([_scored(model, texts.slice(start, ngrams.CHUNK)) for start in starts])


def aligned(found: np.ndarray, have: Sequence[str], want: Sequence[str]) -> np.ndarray:
    """Scores in another order of labels; labels the model never saw score UNSEEN."""
    out = np.full((len(found), len(want)), UNSEEN)
    out[:, [list(want).index(label) for label in have]] = found
    return out


def one_each(texts: pl.Series, labels: pl.Series) -> pl.DataFrame:
    """Normalised `text` and `label`, one row a text; texts or labels that are empty are left out.

    A text given with several labels keeps the most frequent, the first in the alphabet among equals.
    """
    rows = pl.DataFrame({"text": ngrams.normalised(texts), "label": labels.cast(pl.String).str.strip_chars()})
    rows = rows.filter(pl.col("text") != "", pl.col("label").fill_null("") != "")
    said = rows.group_by("text", "label").len().sort("len", "label", descending=[True, False])
    return said.unique("text", keep="first", maintain_order=True).select("text", "label").sort("text")


def folds(rows: pl.DataFrame, parts: int) -> np.ndarray:
    """A part number for each row: every label spread evenly over the parts, in an order set by chance, seed 0."""
    chance = np.random.default_rng(0).permutation(rows.height)
    seen: Counter[str] = Counter()
    out = np.empty(rows.height, dtype=np.int64)
    for row in chance:
        label = rows["label"][int(row)]
        out[row] = (seen[label] + _hash_of(label)) % parts
        seen[label] += 1
    return out


def _scored(model: Model, texts: pl.Series) -> np.ndarray:
    total = np.tile(model.biases, (len(texts), 1))
    borders = np.cumsum((0, *model.block_sizes))
    for counts, weight, start, end in zip(ngrams.blocks(texts), BLOCK_WEIGHTS, borders, borders[1:], strict=False):
        part = _weighted(counts, model.places[start:end], model.idf[start:end], weight)
        total += part @ model.weights[start:end]
    return total


def _weighted(counts: sparse.csr_matrix, places: np.ndarray, idf: np.ndarray, weight: float) -> sparse.csr_matrix:
    """The block's columns in use, each row of length `weight` (or empty)."""
    column = np.full(ngrams.FEATURES, -1, dtype=np.int32)
    column[places] = np.arange(len(places), dtype=np.int32)
    found = column[counts.indices]
    is_known = found >= 0
    starts = np.concatenate([[0], np.cumsum(is_known)])[counts.indptr]
    columns, values = found[is_known], counts.data[is_known] * idf[found[is_known]]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(starts))
    lengths = np.sqrt(np.bincount(rows, weights=values.astype(np.float64) ** 2, minlength=counts.shape[0]))
    values = (values * (weight / np.maximum(lengths, 1e-12))[rows]).astype(np.float32)
    return sparse.csr_matrix((values, columns, starts), shape=(counts.shape[0], len(places)))


def _linear(features: sparse.csr_matrix, labels: np.ndarray, known: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """One against the rest for each label. A single label needs no weights."""
    if len(known) == 1:
        return np.zeros((features.shape[1], 1), dtype=np.float32), np.ones(1)
    from sklearn.svm import LinearSVC  # seconds to load, and not needed for prediction

    machine = LinearSVC(C=SOFTNESS, random_state=0, max_iter=3000).fit(features, labels)
    if len(known) == 2:
        return np.vstack([-machine.coef_, machine.coef_]).T.astype(np.float32), np.array([-1, 1]) * machine.intercept_
    return machine.coef_.T.astype(np.float32), machine.intercept_


def _top(labels: tuple[str, ...], best: np.ndarray, chances: np.ndarray) -> list[list[str]]:
    return [
        [f"{labels[place]}:{row[place]:.2f}" for place in places] for places, row in zip(best, chances, strict=True)
    ]


def _hash_of(label: str) -> int:
    """A small number of a label, the same in every process: rare labels do not all fall into part 0."""
    return sum(label.encode())
