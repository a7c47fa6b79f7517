"""One rule for a pair of reports: do they tell of the same incident, how surely, and why."""

from dataclasses import dataclass

import polars as pl
from rapidfuzz import fuzz, process

EARTH_METRES_A_DEGREE = 111_195
NEAR_METRES = 300
FAR_METRES = 1_500  # beyond this only the same caller's own words join two reports
URGENT_HOURS, ORDINARY_HOURS = 2.0, 72.0
DEVICE_MINUTES = 15  # repeated signals of one device

URGENT_KINDS = ("emergency", "device_alarm")
URGENT_CATEGORIES = ("fire", "rescue", "medical", "traffic_accident", "public_security", "work_safety", "flood")
# Foreign words for a category come with files; these mark an emergency line's.
URGENT_WORDS = r"(?i)\b(fire|ems|traffic|accident|medical|rescue|police|ambulance)\b|火|警|急救|救援|事故"
# What many people see at once: place, time and category are enough, whatever words they choose.
SEEN_BY_MANY = ("fire", "traffic_accident", "flood", "rescue")
SEEN_METRES, SEEN_MINUTES = 200, 30
# Categories under which callers tell of one and the same thing.
FITTING = (
    {"fire", "rescue", "medical", "work_safety", "air_pollution"},
    {"traffic_accident", "medical", "rescue", "traffic_order", "public_security"},
    {"flood", "rescue", "municipal_works", "traffic_order", "utilities"},
    {"public_security", "dispute", "noise", "medical"},
    {"noise", "housing", "city_appearance"},
    {"city_appearance", "municipal_works", "housing", "water_pollution", "utilities"},
    {"air_pollution", "water_pollution", "city_appearance", "health"},
    {"consumer", "food_safety", "health"},
    {"labour", "legal_aid", "dispute"},
)


@dataclass(frozen=True)
class Limits:
    """How alike the words must be (0 to 1), by what else speaks for the pair."""

    near: float = 0.45
    near_other_category: float = 0.6
    area: float = 0.75
    nowhere: float = 0.9
    caller: float = 0.6
    caller_near: float = 0.3


LIMITS = Limits()


def judged(pairs: pl.DataFrame, limits: Limits = LIMITS) -> pl.DataFrame:
    """The best other report of each that has one: report_id, other_id, score, reasons.

    pairs: as `neighbours.candidates` gives them. Equal scores are decided by the earlier report.
    """
    facts = _facts(pairs)
    joined = facts.filter(_is_same(limits)).with_columns(score=_score(), reasons=_reasons())
    best = joined.sort("report_id", "score", "other_received_at", "other_id", descending=[False, True, False, False])
    return best.group_by("report_id", maintain_order=True).first().select("report_id", "other_id", "score", "reasons")


def _facts(pairs: pl.DataFrame) -> pl.DataFrame:
    """What the rule looks at; pairs that cannot be meant are left out before their words are compared."""
    measured = pairs.rename({"other_report_id": "other_id"}).with_columns(
        hours=(pl.col("received_at") - pl.col("other_received_at")).abs().dt.total_seconds() / 3600,
        metres=_metres(),
        same_area=_equal("grid_code")
        | (_equal("township_code") & (pl.col("grid_code").is_null() | pl.col("other_grid_code").is_null())),
        same_caller=_equal("caller_token"),
        same_device=_equal("device_id"),
        same_category=_equal("category"),
        fits=_fits(),
        is_urgent=_urgent("") | _urgent("other_"),
        kinds_fit=_kinds_fit(),
    )
    hours = pl.when("is_urgent").then(URGENT_HOURS).otherwise(ORDINARY_HOURS)
    possible = measured.with_columns(limit_hours=hours).filter(
        (pl.col("hours") <= pl.col("limit_hours"))
        & pl.col("kinds_fit")
        & (pl.col("fits") | pl.col("same_caller"))
        & ((pl.col("metres") <= FAR_METRES).fill_null(value=True) | pl.col("same_caller"))
    )
    return possible.with_columns(
        alike=_likeness(possible, "text"), alike_place=_likeness(possible, "place")
    ).with_columns(
        near=(
            (pl.col("metres") <= NEAR_METRES) | (pl.col("metres").is_null() & (pl.col("alike_place") >= 0.8))
        ).fill_null(value=False)
    )


def _is_same(limits: Limits) -> pl.Expr:
    alike, near = pl.col("alike"), pl.col("near")
    same_spot = near & (alike >= pl.when("same_category").then(limits.near).otherwise(limits.near_other_category))
    seen = (
        (pl.col("metres") <= SEEN_METRES)
        & (pl.col("hours") * 60 <= SEEN_MINUTES)
        & pl.col("same_category")
        & pl.col("category").is_in(SEEN_BY_MANY)
    ).fill_null(value=False)
    placeless = pl.col("metres").is_null()
    same_area = placeless & pl.col("same_area") & (alike >= limits.area)
    nowhere = placeless & (alike >= limits.nowhere)
    caller = pl.col("same_caller") & (alike >= pl.when(near).then(limits.caller_near).otherwise(limits.caller))
    device = (
        pl.col("same_device") & pl.col("same_category").or_(alike >= 0.9) & (pl.col("hours") * 60 <= DEVICE_MINUTES)
    )
    return same_spot | seen | same_area | nowhere | caller | device


def _score() -> pl.Expr:
    """How much speaks for the pair, 0.5 to 1: place, time, words, caller."""
    metres = pl.col("metres").clip(0, FAR_METRES)
    place = pl.when(pl.col("metres").is_not_null()).then(1 - metres / FAR_METRES)
    place = place.otherwise(pl.when("near").then(0.8).when("same_area").then(0.6).otherwise(0.3))
    time = 1 - pl.col("hours") / pl.col("limit_hours")
    caller = pl.when("same_caller").then(0.15).otherwise(0.0)
    category = pl.when("same_category").then(0.05).otherwise(0.0)
    return (0.4 + 0.2 * place + 0.1 * time + 0.25 * pl.col("alike") + caller + category).clip(0, 0.99).round(3)


def _reasons() -> pl.Expr:
    """Codes of LINK_REASONS, strongest first."""
    told = {
        "same_place": pl.col("near"),
        "same_area": pl.col("same_area") & ~pl.col("near"),
        "same_time": pl.col("hours") <= URGENT_HOURS,
        "similar_text": pl.col("alike") >= LIMITS.near,
        "same_caller": pl.col("same_caller"),
        "same_category": pl.col("same_category"),
    }
    return pl.concat_list([pl.when(is_so).then(pl.lit(code)) for code, is_so in told.items()]).list.drop_nulls()


def _metres() -> pl.Expr:
    """Distance on a plane touching the earth there: right to a metre at these distances. Null without both places."""
    north = (pl.col("lat") - pl.col("other_lat")) * EARTH_METRES_A_DEGREE
    east = (pl.col("lon") - pl.col("other_lon")) * EARTH_METRES_A_DEGREE * pl.col("lat").radians().cos()
    return (north**2 + east**2).sqrt()


def _equal(name: str) -> pl.Expr:
    return (pl.col(name) == pl.col(f"other_{name}")).fill_null(value=False)


def _fits() -> pl.Expr:
    """Equal, unknown, or told of one thing; words that are none of our categories must be equal."""
    mine, other = pl.col("category"), pl.col("other_category")
    together = [mine.is_in(list(group)) & other.is_in(list(group)) for group in FITTING]
    open_ended = mine.is_null() | other.is_null() | (mine == "other") | (other == "other")
    return (open_ended | (mine == other) | pl.any_horizontal(together)).fill_null(value=True)


def _urgent(side: str) -> pl.Expr:
    """Kind decides; without one, the category; without both, it is ordinary."""
    category = pl.col(f"{side}category")
    by_category = category.is_in(URGENT_CATEGORIES) | category.str.contains(URGENT_WORDS)
    return pl.coalesce(pl.col(f"{side}kind").is_in(URGENT_KINDS), by_category, pl.lit(value=False))


def _kinds_fit() -> pl.Expr:
    """An emergency is no complaint; calls for help and grid workers' findings go with either."""
    mine, other = pl.col("kind"), pl.col("other_kind")
    either = mine.is_in(("help", "inspection")) | other.is_in(("help", "inspection"))
    same_side = mine.is_in(URGENT_KINDS) == other.is_in(URGENT_KINDS)
    return (either | same_side).fill_null(value=True)


def _likeness(pairs: pl.DataFrame, column: str) -> pl.Series:
    """0 to 1: share of characters in common, in order; 0 where one side says nothing."""
    mine, other = (pairs[name].fill_null("").str.head(300).to_list() for name in (column, f"other_{column}"))
    if not mine:
        return pl.Series(dtype=pl.Float64)
    alike = process.cpdist(mine, other, scorer=fuzz.ratio, workers=-1) / 100
    said = pl.Series(alike, dtype=pl.Float64)
    return said * (pairs[column].is_not_null() & pairs[f"other_{column}"].is_not_null()).cast(pl.Float64)
