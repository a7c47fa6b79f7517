"""Trained classifiers on disk: numbers as npz, words as JSON, so that reading a model runs no code.

A model folder holds one folder a version (`model.npz`, `model.json`, `card.json`, `SCORECARD.md`) and the file
`live`, which names the version in use (`jobs.io.model_versions`).
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from jobs.context import DataError
from jobs.io.model_versions import CARD, DAMAGED, go_live, how_to_train, live_place, live_version, write
from jobs.models.classifier import Model
from jobs.models.raising_urgency import URGENT
from jobs.models.scorecard import Card, TooFewTextsError, as_markdown, as_record, train

NUMBERS, WORDS, PAGE = "model.npz", "model.json", "SCORECARD.md"
ARRAYS = ("places", "idf", "weights", "biases")
WORSE_BY = 0.01  # macro-F1 a version of the same labels may lose to chance before it counts as worse


def classifier_folder(state_dir: Path) -> Path:
    """Where the pipeline's own classifier lives."""
    return state_dir / "models" / "classifier"


def live_urgency(state_dir: Path) -> "Model | None":
    """The county's own model of urgency, `models/urgency` in the state folder; None where nobody trained one.

    Raises DataError where it is damaged or knows no label `urgent`.
    """
    folder = state_dir / "models" / "urgency"
    if not folder.exists():
        return None
    model = load(folder)
    if URGENT not in model.labels:
        raise DataError(f"the model in {folder} has no label `{URGENT}`; train it on texts labelled so, and others")
    return model


@dataclass(frozen=True)
class Trained:
    """A version just trained: its folder, its card, and whether it is now the one in use."""

    place: Path
    card: Card
    is_live: bool


def train_and_save(texts: pl.Series, labels: pl.Series, folder: Path, note: str = "", force: bool = False) -> Trained:
    """Train a classifier, save it with its scorecard, and make it live unless it is worse than the live one.

    note: where the texts come from, for the card. force: go live even if worse. Raises DataError on too few texts.
    """
    try:
        model, card = train(texts, labels, note)
    except TooFewTextsError as error:
        raise DataError(f"too little to learn from: {error}") from error
    place = save(model, card, folder)
    is_live = force or not is_worse_than_live(card, folder)
    if is_live:
        go_live(model.version, folder)
    return Trained(place, card, is_live)


def has_live(folder: Path) -> bool:
    """Is some version in use? False also where a training was cut off."""
    return live_version(folder) is not None


def save(model: Model, card: Card, folder: Path) -> Path:
    """Write one version beside the others; its folder. It is not live yet."""
    return save_version(model, as_record(card), as_markdown(card), folder)


def save_version(model: Model, card: dict[str, Any], page: str, folder: Path) -> Path:
    """As `save`, with the card as a record and as a page."""
    place = folder / model.version
    place.mkdir(parents=True, exist_ok=True)
    numbers = place / f".{os.getpid()}.npz"
    np.savez_compressed(numbers, **{name: getattr(model, name) for name in ARRAYS})
    numbers.replace(place / NUMBERS)
    words = {name: value for name, value in asdict(model).items() if name not in ARRAYS}
    write(place / WORDS, json.dumps(words, ensure_ascii=False, indent=1) + "\n")
    write(place / CARD, json.dumps(card, ensure_ascii=False, indent=1) + "\n")
    write(place / PAGE, page)
    return place


def is_worse_than_live(card: Card, folder: Path) -> bool:
    """Would this card's model be a step back? Only versions with the same labels can be compared."""
    live = live_card(folder)
    if live is None or {score["label"] for score in live["labels"]} != {score.label for score in card.labels}:
        return False
    return bool(card.macro_f1 < live["macro_f1"] - WORSE_BY)


def load(folder: Path) -> Model:
    """The live model of a model folder, or the model of a version's own folder.

    Raises DataError, with the command that makes one, where there is none or it cannot be read.
    """
    place = live_place(folder)
    if not (place / NUMBERS).exists():
        made = how_to_train("classifier", folder)
        raise DataError(f"no classifier in {folder}; make one from labelled texts: {made}")
    try:
        words = json.loads((place / WORDS).read_text())
        with np.load(place / NUMBERS, allow_pickle=False) as numbers:
            arrays = {name: numbers[name] for name in ARRAYS}
        words |= {"labels": tuple(words["labels"]), "block_sizes": tuple(words["block_sizes"])}
        return Model(**words, **arrays)
    except DAMAGED as error:
        raise DataError(f"the classifier in {place} is damaged ({error}); train it again") from error


def live_card(folder: Path) -> dict | None:
    """The scorecard of the live model as it was written; None where there is none."""
    try:
        return json.loads((live_place(folder) / CARD).read_text())
    except (FileNotFoundError, ValueError):
        return None
