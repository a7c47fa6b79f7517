"""`ninelines models`: which versions of classifier and router there are, how they were judged, and the way back."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.commands.files import wrong_data_told
from schemas.vocabulary import MODELS

models = typer.Typer(help="Versions of the classifier and the router.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(metavar="MODEL", help=", ".join(MODELS))]
FIGURES = {
    "classifier": ("macro_f1", "calibration_error", "threshold"),
    "router": ("frozen_top1", "frozen_top3", "rows"),
}


@models.command("list")
def list_versions(model: Annotated[str, typer.Argument(metavar="[MODEL]", help=", ".join(MODELS))] = "") -> None:
    """Every version: when it was saved, what it was made of, its figures, and why it is in use or is not."""
    for name in _named(model) if model else MODELS:
        typer.echo(f"{name} {MODELS[name].zh}")
        for line in _lines(name) or ["  none yet"]:
            typer.echo(line)


@models.command()
def rollback(
    model: Which,
    version: Annotated[str, typer.Argument(metavar="[VERSION]", help="default: the one in use before")] = "",
) -> None:
    """Put the version that was in use before into use again; once more goes back one further."""
    from jobs.io.model_versions import roll_back

    with wrong_data_told():
        change = roll_back(_folder(*_named(model)), version)
    typer.echo(f"{model}: {change.version} is in use since {change.since}")


def register(app: typer.Typer) -> None:
    app.add_typer(models, name="models")


def _named(model: str) -> list[str]:
    if model not in MODELS:
        typer.echo(f"models: no model {model!r}; there are {', '.join(MODELS)}", err=True)
        raise typer.Exit(2)
    return [model]


def _folder(name: str) -> Path:
    from jobs.io.relearned import FOLDERS
    from jobs.settings import Settings

    return FOLDERS[name](Settings().state_dir)


def _lines(name: str) -> list[str]:
    from jobs.io.model_versions import live_version, saved_versions
    from jobs.io.relearned import read_card

    folder = _folder(name)
    live = live_version(folder)
    if live is None and (alone := read_card(folder)):  # one router in the folder itself, as older ones are
        return [f"* {alone['version']}"]
    found = []
    for version in saved_versions(folder):
        found += [f"{'*' if version == live else ' '} {version}", *_version(folder, version, FIGURES[name])]
    return found


def _version(folder: Path, version: str, figures: Sequence[str]) -> list[str]:
    from jobs.io.model_versions import CARD, changes
    from jobs.io.relearned import RELEARNED_PART, read_card

    card = read_card(folder / version)
    saved = datetime.fromtimestamp((folder / version / CARD).stat().st_mtime).astimezone()
    facts = [f"{figure} {card[figure]:.4g}" for figure in figures if card.get(figure) is not None]
    data = f"data {card.get('data_hash', '')[:12]}, code {card.get('code_version', '')}"
    used = [f"{change.why} {change.since}".strip() for change in changes(folder) if change.version == version]
    lines = [f"    {data}, {', '.join(facts)}, saved {saved:%Y-%m-%d %H:%M}"]
    return lines + ([f"    in use: {'; '.join(used)}"] if used else []) + _trial(card.get(RELEARNED_PART))


def _trial(told: dict[str, Any] | None) -> list[str]:
    """What the version was judged by, where `relearn` made it."""
    if told is None:
        return []
    weeks = f"{told['held_out_from'][:10]} to {told['held_out_until'][:10]}"
    outcome = "promoted" if told["is_promoted"] else "not promoted"
    figures = (
        f"{one['name']} {one['champion']:.3f} -> {one['challenger']:.3f} {one['verdict']}" for one in told["figures"]
    )
    return [
        f"    {told['kind']} of {told['champion']}, {told['labels_learnt']} labels, held out {weeks}: "
        f"{told['labels_judged']} labels, {told['corrected']} corrected",
        f"    {'; '.join(figures)}",
        f"    {outcome}: {told['why']}",
    ]
