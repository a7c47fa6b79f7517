"""Pairs of reports worth a closer look, found without comparing all with all.

Three ways: the same or a neighbouring cell of 300 m at about the same time; rare pieces of text in common; the
same caller, device or place in words. In crowded cells and for common pieces only the nearest in time are paired,
so the number of pairs stays in proportion to the number of reports.
"""

import polars as pl

CELL_DEGREES = (0.0027, 0.0033)  # 300 m north and, at 25 to 35 degrees, 300 m east
LONGEST_HOURS = 72.0
NEAREST = 40  # reports before it in the same cell, in time, that each is compared with
PIECE = 3  # characters
RAREST = 8  # pieces by which each text is looked up
LONGEST_TEXT = 300  # characters looked at
COMMON = 60  # a piece in more texts than this tells nothing
SHARED = ("caller_token", "device_id", "place")
SAID_BEFORE = 10  # earlier reports of the same caller, device or place
OFFSETS = [(0, 0), (0, 1), (1, -1), (1, 0), (1, 1)]  # with both directions of each: all nine cells


def candidates(new: pl.DataFrame, old: pl.DataFrame | None) -> pl.DataFrame:
    """Pairs with all columns of both sides: a new report, and (`other_…`) one linked before or received before it."""
    both = new.with_columns(is_old=pl.lit(value=False))
    if old is not None:
        both = pl.concat([old.drop("incident_id").with_columns(is_old=pl.lit(value=True)), both])
        both = both.unique("report_id", keep="first", maintain_order=True)
    rows = both.sort("received_at", "report_id").with_row_index("row")
    found = pl.concat([_near(rows), _alike(rows), *(_same(rows, name) for name in SHARED)]).unique()
    return _sides(rows, found)


def _sides(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The later report of each pair is the new one, unless only the earlier is: it came late."""
    when = rows.select("row", "is_old")
    told = found.join(when.rename({"row": "later", "is_old": "old_later"}), on="later").join(
        when.rename({"row": "earlier", "is_old": "old_earlier"}), on="earlier"
    )
    swapped = pl.col("old_later")
    pairs = told.filter(~(pl.col("old_later") & pl.col("old_earlier"))).select(
        row=pl.when(swapped).then("earlier").otherwise("later"),
        other_row=pl.when(swapped).then("later").otherwise("earlier"),
    )
    others = rows.rename({name: f"other_{name}" for name in rows.columns})
    return pairs.join(rows, on="row").join(others, on="other_row")


def _near(rows: pl.DataFrame) -> pl.DataFrame:
    north, east = CELL_DEGREES
    cells = rows.drop_nulls(["lat", "lon"]).select(
        "row",
        "received_at",
        y=(pl.col("lat") / north).floor().cast(pl.Int32),
        x=(pl.col("lon") / east).floor().cast(pl.Int32),
    )
    shifted = pl.concat(
        cells.with_columns(pl.col("y") + dy, pl.col("x") + dx, is_home=pl.lit((dy, dx) == (0, 0))) for dy, dx in OFFSETS
    )
    return _pairs(shifted, ["y", "x"], NEAREST)


def _alike(rows: pl.DataFrame) -> pl.DataFrame:
    said = pl.col("text").str.replace_all(r"[\s\p{P}]", "").str.to_lowercase().str.head(LONGEST_TEXT)
    runs = [said.str.slice(start).str.extract_all(f"(?s).{{{PIECE}}}") for start in range(PIECE)]
    pieces = rows.select("row", "received_at", piece=pl.concat_list(runs)).explode("piece").drop_nulls().unique()
    counted = pieces.with_columns(count=pl.len().over("piece")).filter(pl.col("count").is_between(2, COMMON))
    rarest = counted.sort("row", "count", "piece").group_by("row", maintain_order=True).head(RAREST)
    return _pairs(rarest.select("row", "received_at", "piece"), ["piece"], NEAREST)


def _same(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return _pairs(rows.drop_nulls(column).select("row", "received_at", column), [column], SAID_BEFORE)


def _pairs(rows: pl.DataFrame, block: list[str], nearest: int) -> pl.DataFrame:
    """Pairs (later, earlier) of rows in one block, at most LONGEST_HOURS apart: each with the nearest before it."""
    lined_up = rows.sort(*block, "row")  # rows are numbered in order of time
    found = []
    for step in range(1, nearest + 1):
        before = lined_up.shift(step)
        is_pair = pl.all_horizontal(pl.col(name) == pl.col(f"before_{name}") for name in block)
        if "is_home" in rows.columns:  # two rows that are both guests in a cell meet in another one
            is_pair &= pl.col("is_home") | pl.col("before_is_home")
        is_recent = pl.col("received_at") - pl.col("before_received_at") <= pl.duration(hours=LONGEST_HOURS)
        pairs = pl.concat([lined_up, before.rename(lambda name: f"before_{name}")], how="horizontal")
        near = pairs.filter(is_pair & is_recent & (pl.col("row") != pl.col("before_row")))
        if near.is_empty():
            break
        found.append(near.select(later="row", earlier="before_row"))
    nothing = pl.DataFrame(schema={"later": rows.schema["row"], "earlier": rows.schema["row"]})
    return pl.concat([nothing, *found]).unique()
