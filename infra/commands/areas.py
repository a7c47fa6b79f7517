"""`ninelines areas import`: the townships of a county from a table of codes and names."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

areas = typer.Typer(help="The county's areas.", no_args_is_help=True)
COLUMNS = ("code", "name", "areaCode", "county")


@areas.callback()
def _areas() -> None:
    """A group with one command stays a group."""


@areas.command("import")
def import_areas(
    file: Annotated[Path, typer.Argument(help="CSV, UTF-8, with the columns code, name, areaCode, county")],
    county: Annotated[str, typer.Option(help="six digits: the county whose townships are taken")],
    out: Annotated[Path, typer.Option(help="rules folder; gets areas.toml, which must not be there yet")],
) -> None:
    """Make a rules folder's areas.toml. Exit code 2 where the table lacks something, and says what.

    Aliases, villages and grids are written by hand afterwards; outlines go into areas.geojson beside it.
    """
    import polars as pl

    try:
        table = pl.read_csv(file, infer_schema=False, columns=list(COLUMNS))
        path = out / "areas.toml"
        text = _areas_toml(table.filter(areaCode=county).sort("code"), county)
        out.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        raise _told(f"{path} is there already; move it away first") from None
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise _told(f"{file}: {str(error).splitlines()[0]}") from None
    typer.echo(f"{path}: {text.count('[[township]]')} townships")


def register(app: typer.Typer) -> None:
    app.add_typer(areas, name="areas")


def _areas_toml(townships: "pl.DataFrame", county: str) -> str:
    """ValueError where there is no such county, a code is none of it, or a code or name is there twice."""
    import json

    if townships.is_empty():
        raise ValueError(f"no row has areaCode {county}")
    wrong = townships.filter(~townships["code"].str.contains(f"^{county}\\d{{3}}$").fill_null(False))
    if wrong.height:
        raise ValueError(f"code {wrong['code'][0]!r} is not {county} and three digits")
    for column in ("code", "name"):
        if twice := townships[column].filter(townships[column].is_duplicated() | townships[column].is_null()).to_list():
            raise ValueError(f"column {column} is empty or there twice: {twice[0]!r}")
    named = json.dumps(townships["county"][0], ensure_ascii=False)  # JSON strings are TOML strings
    entries = [
        f'\n[[township]]\ncode = "{code}"\nname = {json.dumps(name, ensure_ascii=False)}\n'
        for code, name in townships.select("code", "name").iter_rows()
    ]
    return f'[county]\ncode = "{county}"\nname = {named}\n' + "".join(entries)


def _told(message: str) -> typer.Exit:
    typer.echo(f"areas: {message}", err=True)
    return typer.Exit(2)
