"""relearn: learn from what departments and dispatchers corrected, and go live only when that is not worse.

For the classifier and the router a challenger learns the labels that were known before the last weeks; champion and
challenger are held against each other on those weeks. With few new labels the classifier is only calibrated anew. A
version is saved, its trial booked in `ops.relearnings`, and only then does it go live: a run that is killed leaves the
old version in use, and the next one ends what it began.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.csv_files import read_csv
from jobs.io.model_files import classifier_folder
from jobs.io.model_versions import RELEARNED, changes, go_live, how_to_train, live_version, rolled_back
from jobs.io.relearned import FOLDERS, champion_of, save_trial
from jobs.io.router_files import ROUTED_BY
from jobs.io.rules import rules_in_use
from jobs.models.calibration import NEVER
from jobs.models.challenge import verdict
from jobs.transforms.corrections import category_labels, unit_labels
from jobs.transforms.held_out import WEEKS
from jobs.transforms.relearning import CHALLENGER, Champion, TooFewLabelsError, Trial, classifier_trial, router_trial
from schemas.regulation import RuleError

TABLE = "ops.relearnings"
GIVEN = "given.csv"  # columns text,label
OF_TRIAL = ("kind", "held_out_from", "held_out_until", "labels_learnt", "labels_judged", "corrected")


@dataclass(frozen=True)
class Task:
    """One model to learn anew. labels_hash: of all it could learn from; attempt: champion -> trial."""

    name: str
    labels_hash: str
    attempt: Callable[[Champion[Any]], Trial[Any]]


def run(context: Context) -> Result:
    """One trial for each model that has new labels: versions, figures, and whether the challenger went live.

    With `weeks=N` the last N weeks are held out, by default four. Texts that the lake does not have, such as the
    county's own history, are learned from GIVEN in the classifier's folder, where somebody put it.
    Raises NothingToDoError where no model has new labels enough; it says how many there are and how many it takes.
    """
    found: Result = {}
    left_out: dict[str, str] = {}
    for task in _tasks(context):
        try:
            found[task.name] = _relearn(context, task)
        except (NothingToDoError, TooFewLabelsError) as error:
            left_out[task.name] = str(error)
    if not found:
        raise NothingToDoError(f"relearn: {'; '.join(left_out.values())}")
    return found | {"left_out": left_out}


def _tasks(context: Context) -> list[Task]:
    lake, weeks = context.lake, _weeks(context)
    given = _given(classifier_folder(context.settings.state_dir))
    events, assignments, links = (lake.read(f"gold.{name}") for name in ("order_events", "assignments", "links"))
    said = lake.read("gold.classifications")
    texts = category_labels(events, assignments, links, said, lake.current_reports())
    orders = unit_labels(events, assignments, lake.read("gold.incidents"))
    threshold = _from_probability(context)
    return [
        Task("classifier", _hash(weeks, texts, given), lambda one: classifier_trial(one, texts, weeks, given)),
        Task("router", _hash(weeks, orders), lambda one: router_trial(one, orders, ROUTED_BY, threshold, weeks)),
    ]


def _relearn(context: Context, task: Task) -> Result:
    """Try, save, book, and go live where the trial says so."""
    lake, folder = context.lake, FOLDERS[task.name](context.settings.state_dir)
    champion = champion_of(task.name, folder)
    if champion is None:
        raise NothingToDoError(f"{task.name}: none is in use; train the first one: {how_to_train(task.name, folder)}")
    last = lake.read(TABLE, where=pl.col("model") == task.name).sort("relearned_at").tail(1).to_dicts()
    if last and last[0]["labels_hash"] == task.labels_hash:
        return _ended(last[0], folder)
    trial = task.attempt(champion)
    outcome = {"champion": champion.model.version, **_judged(trial, folder)}
    save_trial(task.name, trial, folder, outcome)
    told = outcome | {"challenger": trial.version, "figures": [str(figure) for figure in trial.figures]}
    booked = {"model": task.name, "relearned_at": context.now, "labels_hash": task.labels_hash}
    lake.append_new(TABLE, pl.DataFrame([told | booked | {name: getattr(trial, name) for name in OF_TRIAL}]))
    if outcome["is_promoted"]:
        go_live(trial.version, folder, RELEARNED, instead_of=champion.model.version)
    return told | {"kind": trial.kind}


def _judged(trial: Trial[Any], folder: Path) -> Result:
    """Whether the challenger goes live, and why."""
    is_promoted, why = verdict(trial.figures, is_trained=trial.kind == CHALLENGER)
    if trial.version in rolled_back(folder):
        is_promoted, why = False, "it was rolled back by hand; other labels make another version"
    elif trial.unlearned:
        lost = ", ".join(trial.unlearned)
        is_promoted, why = (
            False,
            f"it does not know {lost}: put texts with these labels into {GIVEN} beside the versions",
        )
    return {"is_promoted": is_promoted, "why": why}


def _ended(last: dict[str, Any], folder: Path) -> Result:
    """What a run that was killed left undone. Raises NothingToDoError where nothing is."""
    was_live = last["challenger"] in {change.version for change in changes(folder)}
    if not last["is_promoted"] or was_live or live_version(folder) != last["champion"]:
        raise NothingToDoError(f"{last['model']}: no new label since {last['relearned_at']:%Y-%m-%d %H:%M} UTC")
    go_live(last["challenger"], folder, RELEARNED, instead_of=last["champion"])
    return {
        "challenger": last["challenger"],
        "is_promoted": True,
        "why": last["why"],
        "ended": "a run that was cut off",
    }


def _hash(weeks: int, *labels: pl.DataFrame | None) -> str:
    """Of the labels, in whatever order, and of how many weeks are held out."""
    digest = sha256(str(weeks).encode())
    for rows in labels:
        if rows is not None:
            digest.update(rows.select(sorted(rows.columns)).sort(pl.all()).write_csv().encode())
    return digest.hexdigest()


def _from_probability(context: Context) -> float:
    """From which probability on history decides today; NEVER where the rules do not let it."""
    try:
        learned = rules_in_use(context.settings).on(context.now.date()).learned
    except RuleError as error:
        raise DataError(str(error)) from error
    return learned.from_probability if learned else NEVER


def _given(folder: Path) -> pl.DataFrame | None:
    return read_csv(folder / GIVEN, ["text", "label"]) if (folder / GIVEN).exists() else None


def _weeks(context: Context) -> int:
    options = dict(option.partition("=")[::2] for option in context.options)
    weeks = options.pop("weeks", str(WEEKS))
    if options or not weeks.isdigit() or int(weeks) == 0:
        raise DataError(f"relearn: not understood: {' '.join(context.options)}; there is weeks=NUMBER")
    return int(weeks)
