"""Which label is told: the likeliest where the model decides, one that weighs rare labels more where people do.

The likeliest label is right most often, and so rare labels are hardly ever told: of 24 domains eleven never. Where the
model is sure, that is what is wanted. Where it abstains, a person looks at the guess anyway, and a rare label named
is worth more than a common one named once more (ADR 21).
"""

from collections.abc import Sequence

import numpy as np

from jobs.models.calibration import calibration_error

LEANS = (0.0, 0.25, 0.5, 0.75)  # 1 would count every label as frequent as every other
MOST_MISCALIBRATED = 0.03  # of the probability told, as `calibration_error` measures it


def chosen(chances: np.ndarray, threshold: float, lean: float, shares: Sequence[float]) -> np.ndarray:
    """The column told of each row: the likeliest from the threshold on; below it chances weigh by shares ** -lean."""
    likeliest = chances.argmax(axis=1)
    if not lean:
        return likeliest
    leaned = (chances * np.maximum(shares, 1e-12) ** -lean).argmax(axis=1)
    return np.where(chances.max(axis=1) < threshold, leaned, likeliest)


def lean_of(chances: np.ndarray, truth: np.ndarray, threshold: float, shares: Sequence[float]) -> float:
    """The lean with the best macro-F1 on held-out truths (column numbers), the least among equals.

    No lean makes the told probability miscalibrated that would not be so without.
    """
    best, most = 0.0, -1.0
    for lean in LEANS:
        told = chosen(chances, threshold, lean, shares)
        gap = calibration_error(chances[np.arange(len(told)), told], told == truth)
        score = round(macro_f1(told, truth, chances.shape[1]), 3)
        if score > most and (not lean or gap <= MOST_MISCALIBRATED):
            best, most = lean, score
    return best


def macro_f1(told: np.ndarray, truth: np.ndarray, labels: int) -> float:
    """Mean F1 of all labels, those that never occur included: they count 0. told, truth: label numbers."""
    return float(f1_by_label(told, truth, labels).mean())


def f1_by_label(told: np.ndarray, truth: np.ndarray, labels: int) -> np.ndarray:
    """F1 of each label number; 0 where it neither is told nor true."""
    hits, said, are = (np.bincount(codes, minlength=labels) for codes in (truth[told == truth], told, truth))
    return 2 * hits / np.maximum(said + are, 1)
