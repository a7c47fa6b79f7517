"""Train a classifier and say honestly how good it is: cross-validated, no text in training and test at once."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl

from jobs.models.calibration import TARGET_ERROR, calibration_error, threshold_of
from jobs.models.choosing import chosen, lean_of, macro_f1
from jobs.models.classifier import CODE_VERSION, Model, folds, one_each, predicted, scores
from jobs.models.learning import MEMBERS, by_member, learned, mixed, mixed_chances, mixture_of

PARTS = 5
MOST_HELD_OUT = 40_000  # texts cross-validated: more would cost hours and change nothing
FEWEST_TEXTS = 10
SPEED_OF = 5000  # texts the speed is measured on
COVERAGES = (0.5, 0.7, 0.8, 0.9, 1.0)


class TooFewTextsError(ValueError):
    """There is not enough to learn from. Says what is there and what is needed."""


@dataclass(frozen=True)
class LabelScore:
    """One label's figures; texts: how many of the cross-validated texts have it."""

    label: str
    texts: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Card:
    """What is known about one trained model. All quality figures are cross-validated on texts each held out once."""

    version: str
    code_version: str
    trained_on: str
    data_hash: str
    rows: int
    texts: int
    held_out: int
    parts: int
    macro_f1: float
    accuracy: float
    calibration_error: float
    threshold: float
    target_error: float
    kept_share: float
    kept_error: float | None
    error_at_coverage: dict[str, float]
    labels: list[LabelScore]
    train_cpu_seconds: float
    texts_per_cpu_second: float


def train(
    texts: Sequence[str | None] | pl.Series, labels: Sequence[str | None] | pl.Series, trained_on: str = "",
    clock: Callable[[], float] = time.process_time,
) -> tuple[Model, Card]:  # fmt: skip
    """A calibrated model of these texts, and its card.

    trained_on: a note on where the texts come from. clock: CPU seconds, for the card's timings only.
    Raises TooFewTextsError below ten different texts.
    """
    started = clock()
    rows = one_each(pl.Series(texts, dtype=pl.String), pl.Series(labels, dtype=pl.String))
    if rows.height < FEWEST_TEXTS:
        raise TooFewTextsError(f"{rows.height} different texts with a label; at least {FEWEST_TEXTS} are needed")
    names = sorted(rows["label"].unique())
    tested = rows if rows.height <= MOST_HELD_OUT else rows.sample(MOST_HELD_OUT, seed=0)
    found = _held_out(tested, names)
    truth = np.array([names.index(label) for label in tested["label"]])
    model = learned(rows["text"], rows["label"].to_list())
    mixture = mixture_of(found, truth, np.array(model.shares))
    chances = mixed_chances(mixture, found, np.array(model.shares))
    threshold = threshold_of(chances.max(axis=1), chances.argmax(axis=1) == truth)
    lean = lean_of(chances, truth, threshold, model.shares)
    told = chosen(chances, threshold, lean, model.shares)
    data_hash = _hash(rows)
    model = replace(
        mixed(model, mixture), threshold=threshold, lean=lean, version=f"{CODE_VERSION}-{data_hash[:12]}"
    )  # fmt: skip
    card = Card(
        version=model.version, code_version=CODE_VERSION, trained_on=trained_on, data_hash=data_hash,
        rows=len(texts), texts=rows.height, held_out=tested.height, parts=PARTS,
        **_figures(chances, told, truth, threshold), threshold=threshold, target_error=TARGET_ERROR,
        labels=_by_label(told, truth, names),
        train_cpu_seconds=round(clock() - started, 1),
        texts_per_cpu_second=_speed(model, tested["text"].head(SPEED_OF), clock),
    )  # fmt: skip
    return model, card


def as_markdown(card: Card) -> str:
    """The card as a page for people."""
    facts = {
        "Trained on": card.trained_on or "not said", "Rows given": card.rows, "Different texts": card.texts,
        f"Cross-validated texts, {card.parts} parts": card.held_out, "Macro-F1": f"{card.macro_f1:.4f}",
        "Accuracy": f"{card.accuracy:.4f}", "Calibration error (ECE)": f"{card.calibration_error:.4f}",
        f"Threshold for at most {card.target_error:.0%} error": f"{card.threshold:.3f}",
        "Share of texts at or above it": f"{card.kept_share:.1%}",
        "Their error": "none kept" if card.kept_error is None else f"{card.kept_error:.1%}",
        "Training, CPU seconds": card.train_cpu_seconds, "Texts a CPU second": card.texts_per_cpu_second,
        "Data hash": card.data_hash, "Code version": card.code_version,
    }  # fmt: skip
    lines = [f"# Scorecard of {card.version}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in facts.items()]
    lines += ["", "| share of texts decided, surest first | error |", "|--:|--:|"]
    lines += [f"| {share} | {error:.1%} |" for share, error in card.error_at_coverage.items()]
    lines += ["", "| label | texts | precision | recall | F1 |", "|---|--:|--:|--:|--:|"]
    lines += [f"| {s.label} | {s.texts} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} |" for s in card.labels]
    return "\n".join(lines) + "\n"


def as_record(card: Card) -> dict[str, object]:
    """The card, JSON-ready."""
    return asdict(card)


def _held_out(rows: pl.DataFrame, names: list[str]) -> np.ndarray:
    """Each text's scores by members that never saw it, as `by_member` gives them."""
    part = folds(rows, PARTS)
    found = np.empty((rows.height, MEMBERS, len(names)), dtype=np.float32)
    for number in np.unique(part):
        test = part == number
        seen = rows.filter(pl.Series(~test))
        model = learned(seen["text"], seen["label"].to_list())
        found[test] = by_member(scores(model, rows["text"].filter(pl.Series(test))), model.labels, names)
    return found


def _speed(model: Model, texts: pl.Series, clock: Callable[[], float]) -> int:
    """Normalised texts labelled in one CPU second."""
    started = clock()
    predicted(model, texts)
    return round(len(texts) / max(clock() - started, 1e-9))


def _figures(chances: np.ndarray, told: np.ndarray, truth: np.ndarray, threshold: float) -> dict[str, Any]:
    best = chances[np.arange(len(told)), told]
    is_right = told == truth
    kept = best >= threshold
    ranked = is_right[np.argsort(-best, kind="stable")]
    return {
        "macro_f1": round(macro_f1(told, truth, chances.shape[1]), 4),
        "accuracy": round(float(is_right.mean()), 4),
        "calibration_error": round(calibration_error(best, is_right), 4),
        "kept_share": round(float(kept.mean()), 4),
        "kept_error": round(float(1 - is_right[kept].mean()), 4) if kept.any() else None,
        "error_at_coverage": {
            f"{share:.0%}": round(float(1 - ranked[: max(1, int(len(ranked) * share))].mean()), 4)
            for share in COVERAGES
        },
    }


def _by_label(guesses: np.ndarray, truth: np.ndarray, names: list[str]) -> list[LabelScore]:
    return [
        LabelScore(name, int((truth == number).sum()), *(round(value, 4) for value in _f1(guesses, truth, number)))
        for number, name in enumerate(names)
    ]


def _f1(guesses: np.ndarray, truth: np.ndarray, number: int) -> tuple[float, float, float]:
    """Precision, recall and F1 of one label; 0 where undefined."""
    hits = int(((guesses == number) & (truth == number)).sum())
    precision = hits / max(int((guesses == number).sum()), 1)
    recall = hits / max(int((truth == number).sum()), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)


def _hash(rows: pl.DataFrame) -> str:
    """SHA-256 of the texts and labels learnt from, whatever order they came in."""
    digest = sha256()
    for text, label in rows.iter_rows():
        digest.update(f"{label}\t{text}\n".encode())
    return digest.hexdigest()
