"""`ninelines faults`: what devices said of themselves, for those who run them."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(faults)


def faults(days: Annotated[int, typer.Option(min=1, help="look back so many days")] = 7) -> None:
    """Devices with faults (遮挡、磁盘满 …), the newest first: they make no incident and no order.

    Reads the lake only. Exit code 1 where there are none.
    """
    from datetime import UTC, datetime, timedelta

    import polars as pl

    from jobs.io.lake import read_table
    from jobs.settings import Settings
    from schemas.vocabulary import FOR_OPERATIONS

    columns = ["device_id", "text", "place", "received_at"]
    since = datetime.now(UTC) - timedelta(days=days)
    is_told = (
        pl.col("kind").is_in(list(FOR_OPERATIONS)) & (pl.col("day") >= since.date()) & (pl.col("received_at") >= since)
    )
    rows = read_table(Settings().lake_uri, "silver.reports", columns, is_told)
    found = (
        rows.group_by("device_id", "text")
        .agg(times=pl.len(), place=pl.col("place").drop_nulls().first(), last=pl.col("received_at").max())
        .sort("last", "device_id", descending=[True, False])
    )
    for device, fault, times, place, last in found.iter_rows():
        typer.echo(f"{last:%Y-%m-%d %H:%M} UTC  {device or '?'}  {fault}  {times}x  {place or ''}".rstrip())
    if found.is_empty():
        typer.echo(f"no device told of a fault in the last {days} days")
        raise typer.Exit(1)
