"""From scores to honest probabilities, and the threshold below which a model had better not decide."""

import numpy as np
from scipy.optimize import minimize_scalar

TARGET_ERROR = 0.05  # share of wrong labels tolerated among those not abstained
NEVER = 1.01  # a threshold no probability reaches
BINS = 10


def probabilities(scores: np.ndarray, sharpness: float) -> np.ndarray:
    """Rows that add up to 1: the softmax of scores times sharpness."""
    scaled = scores * sharpness
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sharpness_of(scores: np.ndarray, truth: np.ndarray) -> float:
    """The sharpness under which held-out truths (column numbers) are likeliest (temperature scaling)."""
    rows = np.arange(len(truth))

    def surprise(log_sharpness: float) -> float:
        chances = probabilities(scores, float(np.exp(log_sharpness)))[rows, truth]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-2, 4), method="bounded").x))


def threshold_of(probability: np.ndarray, is_right: np.ndarray, error: float = TARGET_ERROR) -> float:
    """The lowest probability such that, of held-out texts at or above it, at most `error` were labelled wrongly.

    NEVER where no threshold keeps that promise.
    """
    order = np.argsort(-probability, kind="stable")
    wrong = np.cumsum(~is_right[order]) / np.arange(1, len(order) + 1)
    is_last_of_ties = np.append(np.diff(probability[order]) != 0, True)
    kept = np.flatnonzero((wrong <= error) & is_last_of_ties)
    return float(probability[order][kept[-1]]) if len(kept) else NEVER


def calibration_error(probability: np.ndarray, is_right: np.ndarray) -> float:
    """Expected calibration error, 0 to 1: mean gap between probability and share right, over ten equal-width bins."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = [
        (bins == number).mean() * abs(probability[bins == number].mean() - is_right[bins == number].mean())
        for number in np.unique(bins)
    ]
    return float(sum(gaps))
