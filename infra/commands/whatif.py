"""`ninelines whatif`: try other rules, or another classifier, on a past period before they count."""

from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from infra.commands.files import wrong_data_told

if TYPE_CHECKING:
    import polars as pl

    from jobs.transforms.comparing import Comparison


def register(app: typer.Typer) -> None:
    app.command()(whatif)


def whatif(
    rules: Annotated[Path, typer.Argument(help="folder of rules, changed from a copy of schemas/rules")],
    *,
    since: Annotated[str, typer.Option("--from", help="first moment, ISO; local time where it names no zone")],
    until: Annotated[str, typer.Option("--to", help="end, exclusive")],
    model: Annotated[Path | None, typer.Option(help="another classifier's folder")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV for every order that changes")] = None,
    examples: Annotated[int, typer.Option(help="orders shown")] = 5,
) -> None:
    """Decide a period again by other rules and print what changes. Reads the lake, writes nothing there."""
    from jobs.batch.whatif import whatif as replayed
    from jobs.io.csv_files import write_csv
    from jobs.run import context_of

    with wrong_data_told():
        found = replayed(context_of(_moment(since), _moment(until)), rules, model)
        typer.echo("\n".join(told(found, examples)))
        if out:
            lists = [name for name, kind in found.changed.schema.items() if kind.is_nested()]
            write_csv(found.changed.with_columns(_joined(name) for name in lists), out)
            typer.echo(f"every order that changes: {out}")


def told(found: "Comparison", examples: int) -> list[str]:
    """The comparison as lines for people."""
    lines = [f"{found.orders:,} orders decided twice, {found.changed.height:,} change"]
    for field, value, before, after, gained, lost in found.counts.iter_rows():
        if gained or lost:
            lines.append(f"  {field:15} {value:28} {before:>7,} -> {after:>7,}  (gains {gained:,}, loses {lost:,})")
    for name, (orders, hours) in (("later", found.later), ("earlier", found.earlier)):
        if hours is not None:
            lines.append(f"  due {name}: {orders:,} orders, {abs(hours):.1f} h at the median")
    shares = ["no order" if share is None else f"{share:.1%}" for share in found.overdue]
    lines.append(f"  overdue: {shares[0]} -> {shares[1]}")
    for row in found.changed.head(examples).iter_rows(named=True):
        moved = [name for name in row if f"new_{name}" in row and row[name] != row[f"new_{name}"]]
        changes = (f"{name} {_shown(row[name])} -> {_shown(row[f'new_{name}'])}" for name in moved)
        lines.append(f"{row['order_id']}: {'; '.join(changes)}")
        lines += [f"    {reason}" for reason in row["new_reasons"] if reason.partition(":")[0] in moved]
    return lines


def _shown(value: object) -> object:
    from jobs.catalog import TIME_ZONE

    return f"{value.astimezone(ZoneInfo(TIME_ZONE)):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value


def _moment(text: str) -> datetime:
    from jobs.run import moment

    try:
        return moment(text)
    except ArgumentTypeError as error:
        raise typer.BadParameter(str(error)) from None


def _joined(name: str) -> "pl.Expr":
    import polars as pl

    return pl.col(name).list.join("|")
