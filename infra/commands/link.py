"""`ninelines link`: which reports of a file tell of the same incident."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

REQUIRED = ("report_id", "received_at")


class BadLineError(Exception):
    """A line of the input that is no report; the text names the line."""


def register(app: typer.Typer) -> None:
    app.command("link")(link_file)


def link_file(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="reports, one JSON object a line")],
    target: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="report_id, incident_id, score, reasons")],
) -> None:
    """Link the reports of a file to incidents; one line out for each line in, in the same order. Needs no server.

    At least report_id, received_at, lat, lon, category, text; any but the first two may be null. Times without a
    zone are taken as Asia/Shanghai. kind, place, township_code, caller_token and others are used where given.
    """
    import polars as pl

    from jobs.transforms.linking import LINK_COLUMNS, WANTED, link

    try:
        rows = list(_rows(source, WANTED))
    except (OSError, BadLineError) as error:
        typer.echo(f"ninelines: {error}", err=True)
        raise typer.Exit(2) from None
    reports = pl.DataFrame(rows, schema=WANTED, orient="row")
    links = {row["report_id"]: row for row in link(reports, pl.DataFrame()).select(LINK_COLUMNS).iter_rows(named=True)}
    with target.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(links[row["report_id"]], ensure_ascii=False) + "\n")
    incidents = len({link["incident_id"] for link in links.values()})
    typer.echo(f"{len(rows)} reports, {incidents} incidents")


def _rows(source: Path, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    with source.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                row = _row(line, wanted, f"{source}, line {number}")
                if first := seen.get(row["report_id"]):
                    raise BadLineError(f"{source}, line {number}: report_id {row['report_id']} is also on line {first}")
                seen[row["report_id"]] = number
                yield row


def _row(line: bytes, wanted: dict[str, Any], where: str) -> dict[str, Any]:
    """One report with the columns that linking knows, null where it lacks one."""
    try:
        said = json.loads(line)
    except ValueError as error:
        raise BadLineError(f"{where}: no JSON: {error}") from None
    if not isinstance(said, dict):
        raise BadLineError(f"{where}: a JSON object is wanted, one report")
    if missing := [name for name in REQUIRED if said.get(name) in (None, "")]:
        raise BadLineError(f"{where}: no {' and no '.join(missing)}")
    return {name: _value(name, said.get(name), where) for name in wanted}


def _value(name: str, value: Any, where: str) -> Any:
    if value is None:
        return None
    if name == "received_at":
        return _moment(value, where)
    if name in ("lat", "lon"):
        try:
            return float(value)
        except (TypeError, ValueError):
            raise BadLineError(f"{where}: {name} is no number: {value!r}") from None
    return str(value)


def _moment(value: Any, where: str) -> datetime:
    from zoneinfo import ZoneInfo

    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise BadLineError(f"{where}: received_at is no ISO time: {value!r}") from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo("Asia/Shanghai"))).astimezone(UTC)
