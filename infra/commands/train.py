"""`ninelines train classifier|router`: learn from labelled texts, or from who took past matters."""

from pathlib import Path
from typing import Annotated

import typer

from infra.commands.files import wrong_data_told

train = typer.Typer(no_args_is_help=True, help="Learn a model from labelled data.")


def register(app: typer.Typer) -> None:
    app.add_typer(train, name="train")


@train.callback()
def models() -> None:
    """Learn a model from labelled data."""


@train.command()
def classifier(
    data: Annotated[Path, typer.Option(help="CSV with the columns text,label; UTF-8 or GB18030, may be gzip")],
    out: Annotated[Path | None, typer.Option(help="model folder; default: the pipeline's own")] = None,
    *,
    label: Annotated[str, typer.Option(help="column of the label, or levels of a tree: L1,L2,L3")] = "label",
    note: Annotated[
        str, typer.Option(help="where the texts come from, for the scorecard; default: the file's name")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="go live even if the live version was better")] = False,
) -> None:
    """Train the classifier, score it by cross-validation, and make it live unless it is worse than the live one."""
    from jobs.io.csv_files import read_csv
    from jobs.io.model_files import classifier_folder, train_and_save
    from jobs.models.scorecard import as_markdown
    from jobs.models.tree import paths
    from jobs.settings import Settings

    with wrong_data_told():
        columns = [name.strip() for name in label.split(",") if name.strip()]
        rows = read_csv(data, ("text", *columns))
        labels = paths(rows, columns) if len(columns) > 1 else rows[columns[0]]
        folder = out or classifier_folder(Settings().state_dir)
        done = train_and_save(rows["text"], labels, folder, note or data.name, force)
    typer.echo(as_markdown(done.card))
    if done.is_live:
        typer.echo(f"Live: {done.place}")
    else:
        typer.echo(f"Saved, not live: the live version's macro-F1 is higher; --force makes it live. {done.place}")


@train.command()
def router(
    data: Annotated[Path, typer.Option(help="CSV of past orders; UTF-8 or GB18030, may be gzip")],
    unit: Annotated[str, typer.Option(help="column with the unit that took the matter")],
    features: Annotated[str, typer.Option(help="columns to go by: C1,C2,…")],
    out: Annotated[Path, typer.Option(help="model folder")],
    *,
    time: Annotated[
        str, typer.Option(help="column that says when; default: the first that holds nothing but moments")
    ] = "",
    note: Annotated[str, typer.Option(help="where the rows come from, for the scorecard")] = "",
) -> None:
    """Learn which unit takes what, and score it on the latest rows: frozen, and each day learned before the next."""
    from jobs.io.csv_files import read_csv
    from jobs.io.router_files import train_and_save
    from jobs.models.routing_card import as_markdown

    with wrong_data_told():
        columns = [name.strip() for name in features.split(",") if name.strip()]
        rows = read_csv(data, [unit, *columns, *([time] if time else [])], with_others=True)
        card = train_and_save(rows, unit, columns, out, note=note or data.name, moments=time)
    typer.echo(as_markdown(card))
    typer.echo(f"Saved: {out}")
