"""Models in use and their challengers on disk, for the job `relearn` and for who lists them."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jobs.io import model_files, router_files
from jobs.io.model_versions import CARD, live_place
from jobs.transforms.relearning import Champion, Trial

RELEARNED_PART = "relearned"  # of a card: the trial that the version came from
FOLDERS: Final[dict[str, Callable[[Path], Path]]] = {
    "classifier": model_files.classifier_folder,
    "router": router_files.router_folder,
}


def save_trial(name: str, trial: Trial[Any], folder: Path, outcome: dict[str, Any]) -> Path:
    """Save a trial's challenger as a version, not yet live, with the trial and its outcome on the card; its folder."""
    told = trial.told() | outcome
    card = trial.card | {RELEARNED_PART: told}
    page = f"{trial.page}\n{_as_markdown(trial, told)}"
    save = model_files.save_version if name == "classifier" else router_files.save
    return save(trial.model, card, page, folder)


def champion_of(name: str, folder: Path) -> Champion[Any] | None:
    """The model in use with its card; None where there is none. DataError where it is damaged."""
    files = model_files if name == "classifier" else router_files
    if not files.has_live(folder):
        return None
    card = read_card(live_place(folder))
    until = card.get(RELEARNED_PART, {}).get("learnt_until")
    return Champion(files.load(folder), card, datetime.fromisoformat(until) if until else None)


def read_card(place: Path) -> dict[str, Any]:
    """The card of a version's folder as it was written; empty where there is none."""
    path = place / CARD
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _as_markdown(trial: Trial[Any], told: dict[str, Any]) -> str:
    lines = [
        f"Held against {told['champion']} on {trial.labels_judged} labels known from {trial.held_out_from:%F} to "
        f"{trial.held_out_until:%F}, of which people corrected {trial.corrected}; {told['why']}.",
        "",
        "| figure | champion | challenger | difference, 95 % | |",
        "|---|--:|--:|--:|---|",
    ]
    for one in trial.figures:
        interval = f"{one.low:+.4f} to {one.high:+.4f}"
        lines.append(f"| {one.name} | {one.champion:.4f} | {one.challenger:.4f} | {interval} | {one.verdict} |")
    return "\n".join(lines) + "\n"
