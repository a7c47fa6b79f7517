"""`ninelines classify`: give each text of a file its label."""

from pathlib import Path
from typing import Annotated

import typer

from infra.commands.files import InFile, OutFile, wrong_data_told


def register(app: typer.Typer) -> None:
    app.command()(classify)


def classify(
    source: InFile,
    target: OutFile,
    model: Annotated[Path | None, typer.Option(help="model folder; default: the pipeline's own")] = None,
) -> None:
    """Label texts: in id,text; out id,label,probability,abstained,top3 (`label:0.93|…`),words. Needs no server.

    Of a tree also each level with its probability: what is sure of the coarser levels when the leaf is not.
    """
    import polars as pl

    from jobs.io.csv_files import read_csv, write_csv
    from jobs.io.model_files import classifier_folder, load
    from jobs.models.explaining import explained
    from jobs.models.tree import depth, levels
    from jobs.settings import Settings

    with wrong_data_told():
        classifier = load(model or classifier_folder(Settings().state_dir))
        rows = read_csv(source, ("id", "text"))
        guesses = explained(classifier, rows["text"])
        branches = [levels(classifier, rows["text"])] if depth(classifier) > 1 else []
        labelled = pl.concat([rows.select("id"), guesses, *branches], how="horizontal")
        told = labelled.with_columns(pl.col(pl.Float64).round(4), pl.col("top3", "words").list.join("|"))
        write_csv(told, target)
    typer.echo(f"{labelled.height} texts labelled, {labelled['abstained'].sum()} of them abstained: {target}")
