"""From scores to honest probabilities, and the threshold below which a model had better not decide."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

TARGET_ERROR = 0.05  # share of wrong labels tolerated among those not abstained
NEVER = 1.01  # a threshold no probability reaches
EVEN = 0.5  # as likely right as wrong
BINS = 10


def probabilities(scores: np.ndarray, sharpness: float, doubt: float = 0.0, shares: Sequence[float] = ()) -> np.ndarray:
    """Rows that add up to 1: the softmax of scores times sharpness.

    doubt: the share of texts whose label is drawn by the labels' shares, whatever they say.
    """
    scaled = scores * sharpness
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    found = powers / powers.sum(axis=1, keepdims=True)
    return (1 - doubt) * found + doubt * np.asarray(shares) if doubt else found


def sharpness_of(scores: np.ndarray, truth: np.ndarray, doubt: float = 0.0, shares: Sequence[float] = ()) -> float:
    """The sharpness under which held-out truths (column numbers) are likeliest (temperature scaling).

    As if one more text had been seen with every label (Platt 1999): texts without any error do not make it certain.
    """
    rows, doubt = np.arange(len(truth)), 1 / (len(truth) + scores.shape[1])

    def surprise(log_sharpness: float) -> float:
        logs = np.log(np.maximum(probabilities(scores, float(np.exp(log_sharpness)), doubt, shares), 1e-300))
        return float(-(logs[rows, truth] * (1 - doubt) + logs.mean(axis=1) * doubt).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-2, 4), method="bounded").x))


def threshold_of(probability: np.ndarray, is_right: np.ndarray, error: float = TARGET_ERROR) -> float:
    """The lowest probability such that, of held-out texts at or above it, at most `error` were labelled wrongly.

    NEVER where no threshold keeps that promise; at most one half where all of them may be decided, since texts to come
    vary more than those held out.
    """
    order = np.argsort(-probability, kind="stable")
    wrong = np.cumsum(~is_right[order]) / np.arange(1, len(order) + 1)
    is_last_of_ties = np.append(np.diff(probability[order]) != 0, True)
    kept = np.flatnonzero((wrong <= error) & is_last_of_ties)
    if not len(kept):
        return NEVER
    lowest = float(probability[order][kept[-1]])
    return min(lowest, EVEN) if kept[-1] == len(order) - 1 else lowest


def calibration_error(probability: np.ndarray, is_right: np.ndarray) -> float:
    """Expected calibration error, 0 to 1: mean gap between probability and share right, over ten equal-width bins."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(bins, weights=probability - is_right)).sum() / len(bins))
