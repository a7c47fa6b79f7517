"""What is told of a contestant on labelled texts it never saw: both averages of F1, calibration, coverage, speed."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.models.calibration import calibration_error
from jobs.models.choosing import f1_by_label

OFTEN = 10  # texts from which on a label can be learned in four fifths and tried in one
HEADER = (
    "| set | contestant | texts | labels | macro-F1, pooled | of labels with 10 texts | mean of folds | accuracy "
    "| calibration error | decided at 5 % | their error | texts/CPU-s |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
)


@dataclass(frozen=True)
class Guesses:
    """rows: label, probability (null: none told), abstained, seconds a text, truth, part (number of the fold)."""

    rows: pl.DataFrame

    def numbers(self) -> tuple[np.ndarray, np.ndarray, int]:
        """What was told and what is true, as label numbers, and how many labels there are."""
        names = sorted({*self.rows["truth"], *self.rows["label"]})
        told, truth = (
            self.rows[column].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
            for column in ("label", "truth")
        )
        return told, truth, len(names)


def line(name: str, contestant: str, guesses: Guesses) -> str:
    """A row of the table."""
    told, truth, labels = guesses.numbers()
    of_each, often = f1_by_label(told, truth, labels), np.bincount(truth, minlength=labels) >= OFTEN
    speed = 1 / guesses.rows["seconds"].mean()  # type: ignore[operator]  # not empty
    figures = [
        f"{len(truth):,}", str(labels), f"{of_each.mean():.3f}", f"{of_each[often].mean():.3f} ({often.sum()})",
        f"{_mean_of_folds(told, truth, guesses.rows['part'].to_numpy()):.3f}", f"{(told == truth).mean():.3f}",
        *_trust(guesses.rows, told == truth), f"{speed:,.0f}",
    ]  # fmt: skip
    return f"| {name} | {contestant} | {' | '.join(figures)} |"


def _mean_of_folds(told: np.ndarray, truth: np.ndarray, part: np.ndarray) -> float:
    """Mean over folds of the mean F1 of the labels that occur in the fold."""
    found = []
    for number in np.unique(part):
        is_in = part == number
        of_each = f1_by_label(told[is_in], truth[is_in], int(max(told.max(), truth.max())) + 1)
        found.append(of_each[np.unique(truth[is_in])].mean())
    return float(np.mean(found))


def _trust(rows: pl.DataFrame, is_right: np.ndarray) -> list[str]:
    """Calibration error, share decided, and the error among what is decided; nothing of who tells no probability."""
    if rows["probability"].null_count():
        return ["", "", ""]
    is_kept = ~rows["abstained"].to_numpy()
    error = f"{1 - is_right[is_kept].mean():.3f}" if is_kept.any() else "none decided"
    return [f"{calibration_error(rows['probability'].to_numpy(), is_right):.3f}", f"{is_kept.mean():.3f}", error]
