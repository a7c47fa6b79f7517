"""Many count series at once: log-linear means, overdispersion, past outbreaks weighted down.

Every series has its own coefficients; the regressors are shared. Coefficients but the first are held near 0 by a weak
prior, so that empty seasons and few cases cannot run away.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from jobs.models.counting import no_count, tail

STEPS = 15
ROUNDS = 3  # of weighting past outbreaks down
PRIOR = 1.0  # precision of all coefficients but the first, on the log scale
LONGEST_STEP = 1.5  # on the log scale: keeps the first steps from overshooting
UNUSUAL = 0.005  # a past count less likely than this weighs less: z above 2.58
IMPOSSIBLE_ZERO = 1e-4  # a zero less likely than this is a silent source, not a count
CALM = 0.95  # share of the past that is surely no outbreak
LOG_MEANS = (-15.0, 15.0)


@dataclass(frozen=True)
class Fit:
    """What to expect in the next period: one value a series. Not finite where no fit was found."""

    mean: np.ndarray
    variance: np.ndarray  # of the count: overdispersion and the uncertainty of the mean in one
    dispersion: np.ndarray  # variance of a count divided by its mean, at least 1


@dataclass(frozen=True)
class _Past:
    """counts and weights: series x periods; regressors: periods x terms."""

    counts: np.ndarray
    weights: np.ndarray
    regressors: np.ndarray

    @property
    def prior(self) -> np.ndarray:
        return np.concatenate([[0.0], np.full(self.regressors.shape[1] - 1, PRIOR)])

    def level(self) -> np.ndarray:
        """Coefficients of a constant mean."""
        average = ((self.counts * self.weights).sum(axis=1) + 0.5) / np.maximum(self.weights.sum(axis=1), 1)
        flat = np.zeros((len(self.counts), self.regressors.shape[1]))
        flat[:, 0] = np.log(average)
        return flat

    def means(self, coefficients: np.ndarray) -> np.ndarray:
        return np.exp(np.clip(coefficients @ self.regressors.T, *LOG_MEANS))

    def information(self, means: np.ndarray) -> np.ndarray:
        """Series x terms x terms, with the prior's."""
        terms = self.regressors.shape[1]
        products = (self.regressors[:, :, None] * self.regressors[:, None, :]).reshape(len(self.regressors), -1)
        found = (self.weights * means) @ products
        return found.reshape(-1, terms, terms) + np.diag(self.prior + 1e-9)

    def dispersion(self, coefficients: np.ndarray, share: float = 1.0) -> np.ndarray:
        """Mean squared deviation over the mean, at least 1. share: the rest is taken to deviate no more than these."""
        means, used = self.means(coefficients), (self.weights > 0).sum(axis=1)
        squares = self.weights**2 * (self.counts - means) ** 2 / means
        if share < 1:
            squares = np.minimum(squares, np.quantile(squares, share, axis=1, keepdims=True))
        scale = used / np.maximum(self.weights.sum(axis=1), 1e-9)
        return np.maximum(squares.sum(axis=1) * scale / np.maximum(used - self.regressors.shape[1], 1), 1.0)


def expect(counts: np.ndarray, regressors: np.ndarray, coming: np.ndarray) -> Fit:
    """Fit the past, series x periods with NaN for gaps, and say what the coming period should bring.

    regressors: periods x terms, the first all ones; coming: the same terms for the period to come.
    A series whose past is all zero expects half a count in its whole past.
    """
    past = _Past(np.nan_to_num(counts), np.isfinite(counts).astype(float), regressors)
    coefficients = _coefficients(past)
    for _ in range(ROUNDS):
        calm = past.dispersion(coefficients, CALM)  # of all periods: a few great outbreaks would excuse themselves
        weights = _weights(counts, past.means(coefficients), calm)
        past = replace(past, weights=weights)
        coefficients = _coefficients(past, coefficients)
    return _coming(past, coefficients, coming)


def _coming(past: _Past, coefficients: np.ndarray, coming: np.ndarray) -> Fit:
    means, dispersion = past.means(coefficients), past.dispersion(coefficients)
    counted = past.counts * (past.weights > 0)
    least = 0.5 / np.maximum((past.weights > 0).sum(axis=1), 1)  # what a constant zero leaves to expect (Jeffreys)
    most = np.maximum(counted.max(axis=1), 1.0)  # a trend is not followed beyond what was ever seen
    mean = np.clip(np.exp(np.clip(coefficients @ coming, *LOG_MEANS)), least, most)
    toward = np.broadcast_to(coming, coefficients.shape)[..., None]
    doubt = dispersion * (np.linalg.solve(past.information(means), toward)[..., 0] @ coming)
    is_empty = counted.sum(axis=1) == 0
    mean, doubt = np.where(is_empty, least, mean), np.where(is_empty, 2.0, doubt)
    return Fit(mean, dispersion * mean + mean * mean * doubt, dispersion)


def _coefficients(past: _Past, start: np.ndarray | None = None) -> np.ndarray:
    """Maximum of the weighted Poisson likelihood times the prior, by Newton's method."""
    found = past.level() if start is None else start
    for _ in range(STEPS):
        means = past.means(found)
        slope = (past.weights * (past.counts - means)) @ past.regressors - past.prior * found
        step = np.linalg.solve(past.information(means), slope[..., None])[..., 0]
        longest = np.maximum(np.abs(step @ past.regressors.T).max(axis=1, keepdims=True), 1e-12)
        found = found + step * np.minimum(1, LONGEST_STEP / longest)
        if longest.max() < 1e-6:
            break
    return found


def _weights(counts: np.ndarray, means: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """1 for usual counts, less for past outbreaks (2.58 / z)², 0 for gaps and for zeros no count explains."""
    weights = np.isfinite(counts).astype(float)
    variances = means * dispersion[:, None]
    high = np.nonzero((counts >= 2) & (counts > means + 2 * np.sqrt(variances)))
    chance = np.maximum(tail(counts[high], means[high], variances[high]), 1e-300)
    weights[high] = np.minimum(1, norm.isf(UNUSUAL) / np.maximum(norm.isf(chance), 0.1)) ** 2
    none = np.nonzero((counts == 0) & (means > 2))
    weights[none] *= no_count(means[none], variances[none]) > IMPOSSIBLE_ZERO
    return weights
