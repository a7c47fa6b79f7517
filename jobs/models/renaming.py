"""Units that are written in two ways: plain, and with the body they belong to in brackets behind it.

`综合执法队` and `综合执法队（马峦街道办事处）` are one unit
with one past. Which way it is written next is told by how it was written lately.
"""

import polars as pl

BRACKETED = r"^(.+?)\s*[（(][^（）()]+[）)]$"
HALF_AFTER = 3.0  # uses after which a use counts half: a unit that is written anew is followed within days
NEVER_RULED_OUT = 0.05  # uses: what every way of writing that occurred is given


def families(names: pl.Series) -> dict[str, str]:
    """bracketed name -> plain name, for units that occur in both ways.

    Where a plain name has several bracketed forms, nobody can say which of them it is: then all are units of their own.
    """
    forms = (
        names.unique()
        .drop_nulls()
        .sort()
        .rename("name")
        .to_frame()
        .with_columns(plain=pl.col("name").str.extract(BRACKETED, 1))
    )
    both = forms.join(forms.select(plain="name"), on="plain").filter(pl.len().over("plain") == 1)
    return dict(both.sort("name").select("name", "plain").rows())


def ways_of_writing(names: pl.Series, same: dict[str, str]) -> dict[str, list[tuple[str, float]]]:
    """plain name -> each way it is written, with the chance that it is written so next.

    names: as the rows have them, oldest first; same: see families.
    """
    rows = pl.DataFrame({"name": names}).with_columns(unit=pl.col("name").replace(same)).with_row_index("row")
    later_uses = pl.len().over("unit") - 1 - pl.int_range(pl.len()).over("unit")
    weighed = rows.with_columns(weight=0.5 ** (later_uses.cast(pl.Float64) / HALF_AFTER))
    ways = weighed.group_by("unit", "name").agg(pl.col("weight").sum() + NEVER_RULED_OUT).sort("unit", "name")
    shares = ways.with_columns(share=pl.col("weight") / pl.col("weight").sum().over("unit"))
    found: dict[str, list[tuple[str, float]]] = {}
    for unit, name, share in shares.select("unit", "name", "share").iter_rows():
        found.setdefault(unit, []).append((name, share))
    return found
