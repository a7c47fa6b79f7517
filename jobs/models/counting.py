"""Exact tails of counts: Poisson, or negative binomial where the variance is above the mean. No normal curve."""

import numpy as np
from scipy.stats import nbinom, poisson

NEARLY_POISSON = 1e-6  # relative excess of the variance below which the two cannot be told apart


def tail(count: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """P(X >= count), exactly. Means are above 0; a variance not above the mean makes it Poisson."""
    size, chance, is_wide = _shape(mean, variance)
    return np.where(is_wide, nbinom.sf(count - 1, size, chance), poisson.sf(count - 1, mean))


def greatest_usual(mean: np.ndarray, variance: np.ndarray, alpha: float) -> np.ndarray:
    """The greatest count with P(X >= count) >= alpha: one more is unusual."""
    size, chance, is_wide = _shape(mean, variance)
    upper = np.where(is_wide, nbinom.ppf(1 - alpha, size, chance), poisson.ppf(1 - alpha, mean))
    # The inverse is rounded; the tail decides, so that "p below alpha" and "above the bound" are always the same.
    upper = np.where(tail(upper, mean, variance) < alpha, upper - 1, upper)
    return np.where(tail(upper + 1, mean, variance) >= alpha, upper + 1, upper)


def no_count(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """P(X = 0)."""
    return 1 - tail(np.ones_like(mean), mean, variance)


def accepted(p_values: np.ndarray, share: float) -> np.ndarray:
    """Findings to keep so that at most `share` of them are false in expectation (Benjamini-Hochberg 1995)."""
    order = np.argsort(p_values, kind="stable")
    passes = p_values[order] <= share * np.arange(1, len(order) + 1) / max(len(order), 1)
    last = np.flatnonzero(passes)
    kept = np.zeros(len(order), dtype=bool)
    if len(last):
        kept[order[: last[-1] + 1]] = True
    return kept


def _shape(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Size and chance of the negative binomial, and where it applies."""
    is_wide = variance > mean * (1 + NEARLY_POISSON)
    excess = np.where(is_wide, variance - mean, mean)
    return mean * mean / excess, mean / (mean + excess), is_wide
