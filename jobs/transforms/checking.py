"""What the checks of the lake's tables say, taken together: where the next one begins, and what is blocked."""

import polars as pl


def newest(checks: pl.DataFrame) -> pl.DataFrame:
    """The newest check of each table."""
    return checks.sort("checked_at").unique("table", keep="last", maintain_order=True)


def blocked(checks: pl.DataFrame) -> dict[str, list[str]]:
    """Tables that must not be published now, with what is broken as the newest check that found it tells it."""
    shut = newest(checks).filter("is_blocked")["table"].to_list()
    broken = newest(checks.filter(pl.col("failed") > 0, pl.col("table").is_in(shut)))
    return {table: failures for table, failures in broken.select("table", "failures").iter_rows()}


def sound_until(checks: pl.DataFrame) -> dict[str, int]:
    """The version of each table up to which every row was looked at and found sound, or told of by a full check."""
    sound = checks.filter(pl.col("failed") == 0).group_by("table").agg(pl.col("until_version").max())
    return dict(sound.iter_rows())


def is_blocked(checks: pl.DataFrame, table: str, scope: str, failed: int) -> bool:
    """Whether the table stays out after this check: a look at new rows cannot make good what a full one found."""
    whole = newest(checks.filter(pl.col("table") == table, pl.col("scope").cast(pl.String) == "full"))
    return failed > 0 or (scope == "new" and whole.height > 0 and whole["failed"].item() > 0)
