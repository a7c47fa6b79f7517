"""Where in the county: from the source's area code, then area name, place, coordinates, and last the text."""

import polars as pl

from jobs.transforms.folding import spellings
from schemas.areas import County


def with_area(reports: pl.DataFrame, county: County) -> pl.DataFrame:
    """Adds county_code (six digits) and township_code (nine digits), null where not known.

    Reads area_code, area_name, place, text, lat and lon (WGS84). A code of another county gives that county and no
    township. Boxes share edges: the first township whose box holds a point has it.
    """
    digits = pl.col("area_code").str.extract(r"^(\d{6}(?:\d{3}|\d{6})?)$", 1)
    known = [township.code for township in county.townships]
    by_code = digits.str.head(9)
    elsewhere = digits.str.head(6) != county.code
    township = pl.coalesce(
        pl.when(by_code.is_in(known)).then(by_code),
        _named(pl.col("area_name"), county),
        _named(pl.col("place"), county),
        _boxed(county),
        _named(pl.col("text"), county),
    )
    found = pl.when(elsewhere.fill_null(False)).then(None).otherwise(township)
    own = pl.when(found.is_not_null()).then(pl.lit(county.code))
    return reports.with_columns(
        township_code=found.cast(pl.String), county_code=pl.coalesce(digits.str.head(6), own).cast(pl.String)
    )


def _named(words: pl.Expr, county: County) -> pl.Expr:
    """The township named first in the words."""
    codes = {name: township.code for township in county.townships for name in (township.name, *township.aliases)}
    names = {form: code for name, code in codes.items() for form in spellings(name)}
    longest_first = sorted(names, key=len, reverse=True)
    found = words.str.extract("(" + "|".join(longest_first) + ")", 1)
    return found.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)


def _boxed(county: County) -> pl.Expr:
    boxes = [(township.code, township.box) for township in county.townships if township.box]
    choices = [
        pl.when(pl.col("lon").is_between(west, east), pl.col("lat").is_between(south, north)).then(pl.lit(code))
        for code, (west, south, east, north) in boxes
    ]
    return pl.coalesce(*choices, pl.lit(None, pl.String))
