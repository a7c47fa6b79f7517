"""Champion against challenger on the same rows, which neither learned from: what differs by more than chance.

Rows are drawn with replacement (bootstrap, percentile interval of the difference; Efron and Tibshirani 1993, here
`scipy.stats.bootstrap`), both models judged on each draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import bootstrap

from jobs.models.calibration import TARGET_ERROR, calibration_error

DRAWS = 999
CONFIDENCE = 0.95
BETTER, WORSE, SAME = "better", "worse", "same"
# Figure -> 1 where more is better, -1 where less is; all are shares, 0 to 1.
FIGURES = {
    "macro_f1": 1,
    "top1": 1,
    "top3": 1,
    "corrected_share": -1,  # of rows whose guess people would have to correct
    "calibration_error": -1,
    "coverage": 1,  # decided without a person, as far as the set error allows
    "broken_promise": -1,  # by how much the error of what is decided exceeds the set error
}
RIGHT_MORE_OFTEN = ("macro_f1", "top1", "corrected_share")
OF_CLASSIFIER = ("macro_f1", "corrected_share", "calibration_error", "coverage", "broken_promise")
OF_ROUTER = ("top1", "top3", "calibration_error", "coverage", "broken_promise")


@dataclass(frozen=True)
class Figure:
    """One figure of both models; low and high: the interval of challenger less champion."""

    name: str
    champion: float
    challenger: float
    low: float
    high: float
    verdict: str

    def __str__(self) -> str:
        both = f"{self.champion:.4f} -> {self.challenger:.4f}"
        return f"{self.name} {both} ({self.low:+.4f} to {self.high:+.4f}): {self.verdict}"


def compared(
    champion: pl.DataFrame, challenger: pl.DataFrame, truth: pl.Series, wanted: Sequence[str] = OF_CLASSIFIER
) -> list[Figure]:
    """The wanted figures of both. champion, challenger: `label`, `probability`, `is_decided`, `top3` of the same rows.

    The same rows in the same order give the same intervals.
    """
    names = sorted({*truth, *champion["label"], *challenger["label"]})
    told = _codes(truth, names)
    sides = [_Side.of(guesses, truth, names) for guesses in (champion, challenger)]

    def differences(draws: np.ndarray, axis: int) -> np.ndarray:
        rows = [_of(sides[1], told, draw, wanted) - _of(sides[0], told, draw, wanted) for draw in np.atleast_2d(draws)]
        return np.squeeze(np.stack(rows, axis=-1))

    everything = np.arange(len(truth))
    found = bootstrap(
        (everything,), differences, n_resamples=DRAWS, batch=100, vectorized=True, confidence_level=CONFIDENCE,
        method="percentile", rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    values = [_of(side, told, everything, wanted) for side in sides]
    columns = zip(wanted, *values, found.low, found.high, strict=True)
    return [_figure(name, *(round(float(value), 4) for value in rest)) for name, *rest in columns]


def verdict(figures: Sequence[Figure], is_trained: bool) -> tuple[bool, str]:
    """Whether the challenger takes the champion's place, and why.

    It does when nothing is worse by more than chance, the first figure is not lower at all, and something is better by
    more than chance. is_trained: it learned other things than the champion, and must be right more often: whoever
    learns noise is well calibrated on noise.
    """
    worse, better = ([figure.name for figure in figures if figure.verdict == word] for word in (WORSE, BETTER))
    if worse:
        return False, f"worse by more than chance: {', '.join(worse)}"
    if figures[0].challenger < figures[0].champion:
        return False, f"{figures[0].name} is lower, though it may be by chance"
    if not better:
        return False, "nothing is better by more than chance"
    if is_trained and not set(better) & set(RIGHT_MORE_OFTEN):
        return False, f"not right more often, though better by more than chance: {', '.join(better)}"
    return True, f"better by more than chance: {', '.join(better)}; nothing is worse"


@dataclass(frozen=True)
class _Side:
    """One model's guesses, a row each: the label's number, and what goes with it."""

    guess: np.ndarray
    probability: np.ndarray
    is_decided: np.ndarray
    is_among_three: np.ndarray

    @classmethod
    def of(cls, guesses: pl.DataFrame, truth: pl.Series, names: list[str]) -> "_Side":
        three = [[one.rpartition(":")[0] for one in top] for top in guesses["top3"]]
        among = np.array([told in top for told, top in zip(truth, three, strict=True)])
        codes = _codes(guesses["label"], names)
        return cls(codes, guesses["probability"].to_numpy(), guesses["is_decided"].to_numpy(), among)


def _figure(name: str, champion: float, challenger: float, low: float, high: float) -> Figure:
    worst, best = sorted((low * FIGURES[name], high * FIGURES[name]))
    return Figure(name, champion, challenger, low, high, BETTER if worst > 0 else WORSE if best < 0 else SAME)


def _of(side: _Side, told: np.ndarray, draw: np.ndarray, wanted: Sequence[str]) -> np.ndarray:
    truth, guess, chance = told[draw], side.guess[draw], side.probability[draw]
    is_right, is_decided = guess == truth, side.is_decided[draw]
    error = 1 - is_right[is_decided].mean() if is_decided.any() else 0.0
    found = {
        "macro_f1": lambda: _macro_f1(guess, truth),
        "top1": is_right.mean,
        "top3": side.is_among_three[draw].mean,
        "corrected_share": lambda: 1 - is_right.mean(),
        "calibration_error": lambda: calibration_error(chance, is_right),
        "coverage": lambda: min(is_decided.mean(), _within_error(chance, is_right)),
        "broken_promise": lambda: max(0.0, error - TARGET_ERROR),
    }
    return np.array([found[name]() for name in wanted])


def _macro_f1(guess: np.ndarray, truth: np.ndarray) -> float:
    """Mean F1 of the labels that occur."""
    size = int(max(guess.max(), truth.max())) + 1
    hits, said, are = (np.bincount(codes, minlength=size) for codes in (truth[guess == truth], guess, truth))
    return float((2 * hits[are > 0] / (said + are)[are > 0]).mean())


def _within_error(chance: np.ndarray, is_right: np.ndarray) -> float:
    """The greatest share, surest first, whose error is at most the set one."""
    wrong = np.cumsum(~is_right[np.argsort(-chance, kind="stable")])
    kept = np.flatnonzero(wrong <= TARGET_ERROR * np.arange(1, len(wrong) + 1))
    return (kept[-1] + 1) / len(chance) if len(kept) else 0.0


def _codes(labels: pl.Series, names: list[str]) -> np.ndarray:
    return labels.replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
