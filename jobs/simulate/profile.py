"""The county's ordinary day: how much each feed brings, about what, and of which kind. All shares are of one day."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Voice = Literal["spoken", "written", "grid", "device"]


@dataclass(frozen=True)
class Line:
    """One feed's habits. share: of the county's reports; categories and kinds: weights, any total."""

    share: float
    voice: Voice
    categories: dict[str, float]
    kinds: dict[str, float]


LINES = {
    "110": Line(
        0.24, "spoken",
        {"public_security": 30, "dispute": 25, "fraud": 12, "noise": 10, "traffic_accident": 8, "rescue": 5, "other": 6, "medical": 2, "consumer": 2},
        {"emergency": 62, "help": 22, "complaint": 8, "enquiry": 8},
    ),
    "119": Line(0.015, "spoken", {"fire": 52, "rescue": 40, "flood": 5, "other": 3}, {"emergency": 75, "help": 22, "enquiry": 3}),
    "120": Line(0.07, "spoken", {"medical": 91, "traffic_accident": 6, "rescue": 3}, {"emergency": 82, "help": 15, "enquiry": 3}),
    "122": Line(0.06, "spoken", {"traffic_accident": 52, "traffic_order": 48}, {"emergency": 55, "help": 25, "complaint": 12, "enquiry": 8}),
    "12315": Line(0.05, "written", {"consumer": 70, "food_safety": 28, "other": 2}, {"complaint": 78, "enquiry": 18, "suggestion": 4}),
    "12345": Line(
        0.30, "written",
        {
            "housing": 15, "utilities": 11, "noise": 9, "city_appearance": 9, "municipal_works": 9, "labour": 9, "traffic_order": 6,
            "education": 6, "health": 5, "transport": 5, "consumer": 5, "agriculture": 4, "air_pollution": 3, "water_pollution": 1.5,
            "dispute": 2, "food_safety": 2, "flood": 0.5, "legal_aid": 1, "other": 3,
        },
        {"complaint": 55, "help": 20, "enquiry": 20, "suggestion": 5},
    ),
    "12348": Line(0.012, "written", {"legal_aid": 70, "labour": 15, "dispute": 15}, {"enquiry": 65, "help": 35}),
    "12350": Line(0.008, "written", {"work_safety": 92, "other": 8}, {"complaint": 80, "enquiry": 15, "suggestion": 5}),
    "12369": Line(0.025, "written", {"air_pollution": 45, "water_pollution": 20, "noise": 35}, {"complaint": 88, "enquiry": 9, "suggestion": 3}),
    "video": Line(
        0.08, "device",
        {"traffic_order": 30, "city_appearance": 22, "public_security": 22, "equipment_fault": 14, "fire": 4, "work_safety": 4, "flood": 1, "other": 3},
        {"device_alarm": 1},
    ),
    "grid": Line(
        0.14, "grid",
        {
            "city_appearance": 34, "municipal_works": 24, "dispute": 9, "work_safety": 7, "utilities": 6, "housing": 5, "traffic_order": 5,
            "water_pollution": 2, "air_pollution": 3, "agriculture": 3, "public_security": 2,
        },
        {"inspection": 1},
    ),
}  # fmt: skip

# Chance that a plain call is in words of life danger, and that it only sounds like it.
URGENT = {"fire": 0.35, "rescue": 0.25, "medical": 0.35, "traffic_accident": 0.15, "public_security": 0.05, "work_safety": 0.08, "flood": 0.06, "utilities": 0.015}  # fmt: skip
CALM = {"fire": 0.10, "rescue": 0.08, "medical": 0.05, "traffic_accident": 0.06, "public_security": 0.03, "work_safety": 0.05, "flood": 0.05, "dispute": 0.02, "fraud": 0.06, "utilities": 0.015}  # fmt: skip

URGENT_STYLES = ("urgent", "collapse")
CALM_STYLES = ("calm", "asks", "suggests", "found")

# Monday to Sunday, against the mean.
WEEKDAYS = (1.08, 1.03, 1.02, 1.01, 1.03, 0.94, 0.89)


@dataclass(frozen=True)
class Cluster:
    """Something that several people tell of. callers: least and most; per_day: on a day of 6,000 reports."""

    category: str
    style: str  # the templates that tell of it
    feeds: tuple[str, ...]  # the first feed hears of it first; later callers choose among all
    callers: tuple[int, int]
    minutes: int  # from the first call to the last, at most
    per_day: float
    same_caller: float = 0.0  # chance that a later call comes from the first caller


CLUSTERS = (
    Cluster("fire", "urgent", ("119", "110", "120"), (2, 5), 12, 2),
    Cluster("traffic_accident", "crash", ("122", "110", "120"), (2, 4), 15, 14),
    Cluster("public_security", "fight", ("110",), (2, 3), 10, 12),
    Cluster("medical", "collapse", ("120", "110"), (2, 3), 10, 9),
    Cluster("utilities", "burst_pipe", ("12345", "grid"), (2, 6), 120, 6),
    Cluster("noise", "loud_place", ("12345", "12369", "110"), (2, 4), 180, 16, same_caller=0.6),
    Cluster("rescue", "fallen_tree", ("119", "110", "12345"), (2, 3), 25, 2),
    Cluster("municipal_works", "hole", ("12345", "grid"), (2, 4), 240, 8, same_caller=0.2),
)

FULL_DAY = 6_000  # the number of reports that the clusters' per_day is meant for


def level(day: date, against: date) -> float:
    """How busy a day is, against another."""
    return WEEKDAYS[day.weekday()] / WEEKDAYS[against.weekday()]


def category_share(line: Line, category: str) -> float:
    """The part of a line's reports that is about a category."""
    return line.categories.get(category, 0) / sum(line.categories.values())
