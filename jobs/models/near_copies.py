"""Texts that say what another text says, letter for letter or nearly so: a model that learned one knows the other."""

import numpy as np
import polars as pl
from scipy import sparse

from jobs.models import ngrams

ALIKE = 0.9  # cosine of the counts of character pairs from which on two texts are copies
AT_ONCE = 200  # texts compared with all others at a time: bounds memory


def are_copies(texts: pl.Series, of: pl.Series) -> np.ndarray:
    """For each text, whether one of the others is the same or nearly so; spaces, digits and marks do not count."""
    cleaned, others = ngrams.normalised(texts), ngrams.normalised(of)
    is_same = cleaned.is_in(others.implode()).to_numpy()
    return is_same | (likeness(cleaned, others) >= ALIKE)


def likeness(texts: pl.Series, of: pl.Series) -> np.ndarray:
    """For each normalised text, the cosine of its counts of pairs with those of the nearest other text; 0 to 1."""
    pairs, other_pairs = _unit_rows(texts), _unit_rows(of)
    nearest = np.zeros(len(texts))
    for start in range(0, other_pairs.shape[0], AT_ONCE):
        found = pairs @ other_pairs[start : start + AT_ONCE].T
        nearest = np.maximum(nearest, found.max(axis=1).toarray().ravel())
    return nearest


def _unit_rows(cleaned: pl.Series) -> sparse.csr_matrix:
    counts = ngrams.counted(cleaned, 2)
    lengths = np.sqrt(counts.multiply(counts).sum(axis=1)).A1
    return sparse.diags(1 / np.maximum(lengths, 1e-12)) @ counts
