"""One rule for a pair of reports: do they tell of the same incident, how surely, and why."""

from dataclasses import dataclass

import polars as pl

from jobs.transforms.wording import likeness, place_likeness
from schemas.vocabulary import CATEGORIES

EARTH_METRES_A_DEGREE = 111_195
NEAR_METRES = 300
SAME_WORDS = 0.93  # of a place: 朱湾村2组 and 朱湾村3组 are two
FAR_METRES = 1_500  # beyond this only the same caller's own words join two reports
URGENT_HOURS, ORDINARY_HOURS = 2.0, 72.0
DEVICE_MINUTES = 15  # repeated signals of one device

URGENT_KINDS = ("emergency", "device_alarm")
URGENT_CATEGORIES = ("fire", "rescue", "medical", "traffic_accident", "public_security", "work_safety", "flood")
# Foreign words for a category come with files; these mark an emergency line's.
URGENT_WORDS = r"(?i)\b(fire|ems|traffic|accident|medical|rescue|police|ambulance)\b|火|警|急救|救援|事故"
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


NAMED = sorted(set(CATEGORIES) - {"other"})


@dataclass(frozen=True)
class Limits:
    """How alike the words must be (0 to 1), by what else speaks for the pair.

    Tried on simulated days with known truth; what people say of one thing differs more than one would think.
    """

    at_once_minutes: float = 15  # an emergency that many see: one place, one category, and they call within minutes
    at_once_other_category: float = 0.15
    at_once_unknown_category: float = 0.08
    urgent: float = 0.45
    soon_hours: float = 4
    soon: float = 0.25
    soon_other_category: float = 0.4
    later: float = 0.65
    nowhere: float = 0.8
    caller_elsewhere: float = 0.6


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
    return possible.with_columns(alike=likeness(possible), alike_place=place_likeness(possible)).with_columns(
        near=(
            (pl.col("metres") <= NEAR_METRES) | (pl.col("metres").is_null() & (pl.col("alike_place") >= 0.8))
        ).fill_null(value=False)
    )


def _is_same(limits: Limits) -> pl.Expr:
    near, urgent = pl.col("near"), pl.col("is_urgent")
    return (
        (near & urgent & _alike_at_once(limits))
        | (near & ~urgent & _alike_enough(limits))
        | (near & pl.col("same_caller"))
        | _alike_nowhere(limits)
        | (pl.col("same_device") & pl.col("same_category") & (pl.col("hours") * 60 <= DEVICE_MINUTES))
    )


def _alike_at_once(limits: Limits) -> pl.Expr:
    """Emergencies at one place."""
    alike, same = pl.col("alike"), pl.col("same_category")
    at_once = pl.col("hours") * 60 <= limits.at_once_minutes
    unknown = pl.col("category").is_null() | pl.col("other_category").is_null()
    enough = pl.when(unknown).then(limits.at_once_unknown_category).otherwise(limits.at_once_other_category)
    return (at_once & (same | (alike >= enough))) | (same & (alike >= limits.urgent))


def _alike_enough(limits: Limits) -> pl.Expr:
    """Ordinary matters at one place: the later, the more alike."""
    soon = pl.when("same_category").then(limits.soon).otherwise(limits.soon_other_category)
    return pl.col("alike") >= pl.when(pl.col("hours") <= limits.soon_hours).then(soon).otherwise(limits.later)


def _alike_nowhere(limits: Limits) -> pl.Expr:
    """Where a place is not known on both sides, only the words or the caller can tell; a question has no place."""
    unknown = pl.col("metres").is_null() & (pl.col("place").is_null() | pl.col("other_place").is_null())
    asked = ((pl.col("kind") == "enquiry") | (pl.col("other_kind") == "enquiry")).fill_null(value=False)
    enough = pl.when("same_caller").then(limits.caller_elsewhere).otherwise(limits.nowhere)
    return unknown & (~asked | pl.col("same_caller")) & (pl.col("alike") >= enough) & ~_another_area()


def _another_area() -> pl.Expr:
    return (pl.col("township_code") != pl.col("other_township_code")).fill_null(value=False)


def _score() -> pl.Expr:
    """How much speaks for the pair, 0.5 to 1: place, time, words, caller."""
    metres = pl.col("metres").clip(0, FAR_METRES)
    in_words = pl.when("near").then(0.8).when("same_area").then(0.6).otherwise(0.3)
    place = pl.when(pl.col("metres").is_not_null()).then(1 - metres / FAR_METRES).otherwise(in_words)
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
        "similar_text": pl.col("alike") >= LIMITS.soon,
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
    """Equal, unknown to us, or told of one thing."""
    mine, other = pl.col("category"), pl.col("other_category")
    together = [mine.is_in(list(group)) & other.is_in(list(group)) for group in FITTING]
    open_ended = ~mine.is_in(NAMED) | ~other.is_in(NAMED)
    return (open_ended | (mine == other) | pl.any_horizontal(together)).fill_null(value=True)


def _urgent(side: str) -> pl.Expr:
    """By kind or by category: a fire is one even when the line files it as a complaint."""
    kind, category = pl.col(f"{side}kind"), pl.col(f"{side}category")
    by_category = category.is_in(URGENT_CATEGORIES) | category.str.contains(URGENT_WORDS)
    return kind.is_in(URGENT_KINDS).fill_null(value=False) | by_category.fill_null(value=False)


def _kinds_fit() -> pl.Expr:
    """An emergency is no complaint; calls for help, grid workers' findings and what has no kind go with either."""
    either = [pl.col(side).is_in(("help", "inspection")).fill_null(value=True) for side in ("kind", "other_kind")]
    return pl.any_horizontal(either) | (_urgent("") == _urgent("other_"))
