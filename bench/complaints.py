"""`python -m bench.complaints --data DIR [--out FILE.md] [--only SET,SET]`: the classifier on real complaints.

DIR holds `segmented_labelled.csv.gz`, `raw_labelled.csv` and `beijing_kind_tone_domain.csv.gz`. Every text stands once
(folded: no blanks, digits, marks). Five outer folds; all that is fitted or chosen, thresholds too, is so inside the
other four. Beside it, on the same folds, a plain TF-IDF with a linear support vector machine. Nothing is copied.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from bench.complaint_figures import HEADER, Guesses, line
from jobs.io.csv_files import read_csv
from jobs.models.classifier import CODE_VERSION, folds, one_each, predict
from jobs.models.near_copies import likeness
from jobs.models.ngrams import normalised
from jobs.models.scorecard import train

SEGMENTED, RAW, BEIJING = "segmented_labelled.csv.gz", "raw_labelled.csv", "beijing_kind_tone_domain.csv.gz"
PARTS = 5
SAME_MESSAGE = 0.5  # likeness of a message as typed to its words without stop words: 414 of 416 reach it, most 0.8
SETS = ("segmented", "raw", "kind", "domain")
Labeller = Callable[[pl.DataFrame, pl.Series], pl.DataFrame]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--out", type=Path, help="a Markdown file for the table")
    asked.add_argument("--only", default=",".join(SETS))
    told = asked.parse_args()
    lines = list(HEADER)
    print("\n".join(lines), flush=True)
    for name in told.only.split(","):
        for row in _measured(told.data, name):
            print(row, flush=True)
            lines.append(row)
    if told.out:
        told.out.write_text(_page(lines))
    return 0


def _measured(data: Path, name: str) -> Iterator[str]:
    """One line of the table for each contestant."""
    if name == "raw":
        yield from _raw(data)
        return
    rows = _segmented(data) if name == "segmented" else _texts(read_csv(data / BEIJING, ("text", name)), "text", name)
    part = folds(rows.select("text", "label"), PARTS)
    for contestant, label in _contestants(is_cut=name == "segmented").items():
        yield line(name, contestant, _cross_validated(rows, part, label))


def _raw(data: Path) -> Iterator[str]:
    """Trained on segmented texts: on those that are no copy of a text tried, and on all of them."""
    rows, typed = _segmented(data), read_csv(data / RAW, ("title", "body", "label"))
    tried = _texts(typed.select("label", text=pl.col("title") + " " + pl.col("body")), "text", "label")
    is_copy = likeness(rows["text"], tried["text"]) >= SAME_MESSAGE
    everything = np.zeros(tried.height, dtype=np.int64)
    kinds = {f"raw, {is_copy.sum()} copies left out": rows.filter(pl.Series(~is_copy)), "raw, all texts": rows}
    for name, known in kinds.items():
        for contestant, label in _contestants().items():
            yield line(name, contestant, _told(label(known, tried["typed"]), tried["label"], everything))


def _segmented(data: Path) -> pl.DataFrame:
    return _texts(read_csv(data / SEGMENTED, ("text", "label")), "text", "label")


def _texts(rows: pl.DataFrame, text: str, label: str) -> pl.DataFrame:
    """`text` (folded, once each), `label`, `typed` (as given); rows without either are left out."""
    kept = one_each(rows[text], rows[label])
    typed = rows.select(typed=text, text=normalised(rows[text])).unique("text", keep="first", maintain_order=True)
    return kept.join(typed, on="text", maintain_order="left")


def _cross_validated(rows: pl.DataFrame, part: np.ndarray, label: Labeller) -> Guesses:
    found = []
    for number in range(PARTS):
        is_tried = pl.Series(part == number)
        found.append(label(rows.filter(~is_tried), rows["typed"].filter(is_tried)))
    order = np.argsort(np.concatenate([np.flatnonzero(part == number) for number in range(PARTS)]))
    took = pl.concat(found)[order]
    return _told(took, rows["label"], part)


def _told(guesses: pl.DataFrame, truth: pl.Series, part: np.ndarray) -> Guesses:
    return Guesses(guesses.with_columns(truth=truth, part=part))


def _contestants(is_cut: bool = False) -> dict[str, Labeller]:
    """is_cut: the texts are cut into words, which only then can be counted without a cutter."""
    words: dict[str, Labeller] = {"plain, words": lambda known, typed: _plain(known, typed, "word", (1, 2))}
    return {
        CODE_VERSION: _ours,
        "plain, characters 1-3": lambda known, typed: _plain(known, typed, "char", (1, 3)),
        **(words if is_cut else {}),
    }


def _ours(known: pl.DataFrame, typed: pl.Series) -> pl.DataFrame:
    model, _ = train(known["typed"], known["label"])
    started = time.process_time()
    found = predict(model, typed)
    return found.select("label", "probability", "abstained", seconds=(time.process_time() - started) / len(typed))


def _plain(known: pl.DataFrame, typed: pl.Series, analyzer: str, lengths: tuple[int, int]) -> pl.DataFrame:
    """Characters, or words where the texts are cut into them."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    weights = TfidfVectorizer(analyzer=analyzer, ngram_range=lengths, sublinear_tf=True, min_df=2)
    machine = make_pipeline(weights, LinearSVC(random_state=0, class_weight="balanced"))
    machine.fit(_in_form(known["typed"], analyzer), known["label"].to_list())
    started = time.process_time()
    labels = machine.predict(_in_form(typed, analyzer))
    seconds = (time.process_time() - started) / len(typed)
    nothing = {"probability": pl.lit(None, dtype=pl.Float64), "abstained": pl.lit(value=False)}
    return pl.DataFrame({"label": labels}).with_columns(**nothing, seconds=seconds)


def _in_form(typed: pl.Series, analyzer: str) -> list[str]:
    return (typed.str.replace_all(r"\s+", "") if analyzer == "char" else typed).to_list()


def _page(lines: list[str]) -> str:
    notes = Path(__file__).with_name("complaints_notes.md").read_text()
    made = f"Made by `python -m bench.complaints`; do not edit. {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
    return "\n".join(["# The classifier on real complaints", "", made, "", *lines, "", notes])


if __name__ == "__main__":
    sys.exit(main())
