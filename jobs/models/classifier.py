"""What a text is about: weighted character pairs, a linear model, calibrated probabilities, and a threshold.

How the weights are found stands in `jobs.models.learning`.

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
from jobs.models.choosing import chosen

CODE_VERSION = "characters-mixture-3"  # changes whenever the same data would give another model
BLOCK_WEIGHTS = (1.0, 2.0)  # single characters, pairs; chosen by cross-validation
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
    doubt: float = 0.0  # share of texts whose label says nothing of what they say
    shares: tuple[float, ...] = ()  # of each label among the texts learned from; none in models before version 3
    lean: float = 0.0  # how much a guess that is left to people is drawn to rare labels, 0 to 1


def predict(model: Model, texts: Sequence[str | None] | pl.Series) -> pl.DataFrame:
    """One row a text, in order: `label` (best guess, always given), `probability`, `abstained`, `top3`.

    The label is the likeliest one; where the model abstains, rare labels weigh more (ADR 21). top3: the label, then the
    likeliest others, as `label:probability`. A text without any letters is always abstained.
    """
    return predicted(model, ngrams.normalised(pl.Series("text", texts, dtype=pl.String)))


def predicted(model: Model, cleaned: pl.Series) -> pl.DataFrame:
    """As `predict`, for normalised texts."""
    found = chances(model, cleaned)
    told = chosen(found, model.threshold, model.lean, model.shares)
    rows = np.arange(len(told))
    best = np.argsort(-found - (told[:, None] == np.arange(found.shape[1])), axis=1, kind="stable")[:, :TOP]
    first = found[rows, told]
    return pl.DataFrame(
        {
            "label": pl.Series([model.labels[number] for number in told], dtype=pl.String),
            "probability": pl.Series(first, dtype=pl.Float64),
            "abstained": pl.Series((first < model.threshold) | (cleaned == "").to_numpy(), dtype=pl.Boolean),
            "top3": pl.Series(_top(model.labels, best, found), dtype=pl.List(pl.String)),
        }
    )


def chances(model: Model, texts: pl.Series) -> np.ndarray:
    """Normalised texts x labels: how likely each label is; rows add up to 1."""
    return probabilities(scores(model, texts), model.sharpness, model.doubt, model.shares)


def scores(model: Model, texts: pl.Series) -> np.ndarray:
    """Normalised texts x labels: the linear model's raw scores. Memory stays flat however many texts there are."""
    starts = range(0, max(len(texts), 1), ngrams.CHUNK)
    return np.vstack([_scored(model, texts.slice(start, ngrams.CHUNK)) for start in starts])


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
        part = weighted(counts, model.places[start:end], model.idf[start:end], weight)
        total += part @ model.weights[start:end]
    return total


def weighted(counts: sparse.csr_matrix, places: np.ndarray, idf: np.ndarray, weight: float) -> sparse.csr_matrix:
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


def _top(labels: tuple[str, ...], best: np.ndarray, chances: np.ndarray) -> list[list[str]]:
    return [
        [f"{labels[place]}:{row[place]:.2f}" for place in places] for places, row in zip(best, chances, strict=True)
    ]


def _hash_of(label: str) -> int:
    """A small number of a label, the same in every process: rare labels do not all fall into part 0."""
    return sum(label.encode())
