"""Where in the county: from codes in the payload, names in the payload, names in the words, and last the point."""

from functools import cache
from typing import Any

import polars as pl

from jobs.transforms.area_names import is_called, mentioned, names_of
from schemas.areas import County, Outline


def with_area(reports: pl.DataFrame, county: County) -> pl.DataFrame:
    """Adds county_code (six digits) and township_code (nine digits), null where not known; grid_code is completed.

    Reads area_code, grid_code, area_name, place, text, lat and lon (WGS84). The first of these decides that names a
    township: area code, a grid code that begins with a township's, area name, place (the first name in it), text (if
    it names one township only), point. A code of another county gives that county and no township.
    A grid code that begins with another township's code is dropped; one in the source's own numbering stays. Without
    any, the point decides where the county has outlines of grids.
    """
    told = _said(reports, county)
    found = _pointed(told, county, "township_code", is_grid=False)
    own = pl.when(pl.col("township_code").is_not_null()).then(pl.lit(county.code))
    foreign = pl.col("township_of_grid").is_not_null() & ~pl.col("township_of_grid").eq_missing(pl.col("township_code"))
    kept = found.with_columns(
        county_code=pl.coalesce("county_of_code", own).cast(pl.String),
        grid_code=pl.when(~foreign).then("grid_code"),
    )
    return _pointed(kept, county, "grid_code", is_grid=True).drop("county_of_code", "is_elsewhere", "township_of_grid")


def _said(reports: pl.DataFrame, county: County) -> pl.DataFrame:
    """Adds township_code as codes and words tell it, and what the codes say."""
    digits = pl.col("area_code").str.extract(r"^(\d{6}(?:\d{3}|\d{6})?)$", 1)
    known, names = [township.code for township in county.townships], names_of(county)
    by_code, by_grid = digits.str.head(9), pl.col("grid_code").str.extract(r"^(\d{9})\d{3,6}$", 1)
    in_place, in_text = mentioned(pl.col("place"), names), mentioned(_if_unknown("text"), names)
    by_name = pl.coalesce(mentioned(pl.col("area_name"), names).list.first(), is_called(pl.col("area_name"), names))
    coded = reports.with_columns(
        county_of_code=digits.str.head(6),
        is_elsewhere=(digits.str.head(6) != county.code).fill_null(False),
        township_of_grid=pl.when(by_grid.is_in(known)).then(by_grid),
    ).with_columns(
        township_code=pl.coalesce(
            pl.when(by_code.is_in(known)).then(by_code), "township_of_grid", by_name, in_place.list.first()
        ).cast(pl.String)
    )  # fmt: skip
    one = pl.when(in_text.list.n_unique() == 1).then(in_text.list.first())
    return coded.with_columns(
        township_code=pl.when(~pl.col("is_elsewhere")).then(pl.coalesce("township_code", one)).cast(pl.String)
    )


def _if_unknown(name: str) -> pl.Expr:
    """Texts are long: only those are read that must be."""
    return pl.when(pl.col("township_code").is_null() & ~pl.col("is_elsewhere")).then(name)


def _pointed(reports: pl.DataFrame, county: County, column: str, is_grid: bool) -> pl.DataFrame:
    """Fills the column from the outline that holds the point: of townships, or of the township's grids."""
    outlines = tuple(outline for outline in county.outlines if (outline.grid_code is not None) == is_grid)
    has_point = pl.col("lat").is_not_null() & pl.col("lon").is_not_null()
    asked = pl.col(column).is_null() & has_point & ~pl.col("is_elsewhere")
    if not outlines or (lacking := reports.with_row_index("row").filter(asked)).is_empty():
        return reports
    held = _holding(lacking, outlines).rename({"held_by": column})
    if is_grid:
        held = held.join(lacking.select("row", "township_code"), on="row").filter(
            pl.col("code") == pl.col("township_code")
        )
    filled = reports.with_row_index("row").join(
        held.select("row", pl.col(column).alias("held_by")), on="row", how="left", maintain_order="left"
    )
    return filled.with_columns(pl.coalesce(column, "held_by").alias(column)).drop("row", "held_by")


def _holding(points: pl.DataFrame, outlines: tuple[Outline, ...]) -> pl.DataFrame:
    """For each row with a point in an outline: the outline's township, and its own code as held_by.

    A point on a border belongs to the outline that the file names first.
    """
    import shapely

    where = shapely.points(points["lon"].to_numpy(), points["lat"].to_numpy())
    number, outline = _tree(outlines).query(where, predicate="intersects")
    codes = [o.code for o in outlines]
    known = pl.DataFrame({"code": codes, "held_by": [o.grid_code or o.code for o in outlines]})
    pairs = pl.DataFrame({"row": points["row"].gather(number), "outline": outline}).sort("outline")
    first = pairs.unique("row", keep="first", maintain_order=True)
    return first.select("row", *known[first["outline"]])


@cache
def _tree(outlines: tuple[Outline, ...]) -> Any:
    """An index over the outlines. shapely is imported here: batches without points do not pay for it."""
    import shapely

    return shapely.STRtree(shapely.from_geojson([outline.geometry for outline in outlines]))
