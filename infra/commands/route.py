"""`ninelines route`: give each row of a table the unit that takes such matters."""

from pathlib import Path
from typing import Annotated

import typer

from infra.commands.files import InFile, OutFile, wrong_data_told


def register(app: typer.Typer) -> None:
    app.command()(route)


def route(
    source: InFile,
    target: OutFile,
    model: Annotated[Path, typer.Option(help="model folder, from `ninelines train router`")],
    id_column: Annotated[str, typer.Option("--id", help="column that names a row; default: `id`, or its number")] = "",
) -> None:
    """Name the unit of each row: out id,unit,probability,top3 (`unit:0.93|…`). Needs no server."""
    import polars as pl

    from jobs.io.csv_files import read_csv, write_csv
    from jobs.io.router_files import columns_of, load
    from jobs.models.router import ranked

    with wrong_data_told():
        router = load(model)
        wanted = [*columns_of(router), *([id_column] if id_column else [])]
        rows = read_csv(source, wanted, with_others=True)
        named = id_column or ("id" if "id" in rows.columns else "")
        ids = rows[named] if named else pl.Series(range(1, rows.height + 1), dtype=pl.Int64)
        told = ranked(router, rows)
        out = told.select(ids.alias("id"), "unit", pl.col("probability").round(4), pl.col("top3").list.join("|"))
        write_csv(out, target)
    typer.echo(f"{out.height} rows routed: {target}")
