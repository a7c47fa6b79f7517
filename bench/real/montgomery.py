"""Montgomery County 911: 66,491 calls; EMS to 120, Fire to 119, Traffic to 122.

Points are WGS84 and stay in Pennsylvania; times are America/New_York and become aware.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from bench.real.packets import Item, Packet, clean_name, packets

NAME = "montgomery"
FILE = Path("montgomery_911") / "calls.csv.gz"
WORDS_OF_TRAFFIC = {"DISABLED VEHICLE": "车辆故障", "ROAD OBSTRUCTION": "交通拥堵"}
LOCAL = ZoneInfo("America/New_York")
FEED_OF = {"EMS": "120", "Fire": "119", "Traffic": "122"}
FIRES = (
    "FIRE ALARM", "BUILDING FIRE", "VEHICLE FIRE", "APPLIANCE FIRE", "WOODS/FIELD FIRE", "UNKNOWN TYPE FIRE",
    "TRASH/DUMPSTER FIRE", "ELECTRICAL FIRE OUTSIDE",
)  # fmt: skip


def deliveries(data: Path) -> Iterator[Packet]:
    """Every call, one message each, in order of time; the id is the row's number in the file, from 1."""
    rows = _rows(data).with_columns(line=pl.col("title").str.split(":").list.first())
    for line, feed in FEED_OF.items():
        yield from packets(NAME, feed, map(_item, rows.filter(line=line).iter_rows(named=True)))


def townships(data: Path) -> list[str]:
    """The townships the rows name."""
    return sorted(name for name in _rows(data)["twp"].unique() if clean_name(name))


def _rows(data: Path) -> pl.DataFrame:
    return pl.read_csv(data / FILE, infer_schema=False).with_row_index("number", offset=1)


def _item(row: dict[str, Any]) -> Item:
    line, matter = (part.strip(" -") for part in row["title"].split(":", 1))
    at = datetime.fromisoformat(row["timeStamp"]).replace(tzinfo=LOCAL)
    return {
        "source_id": f"MC-{row['number']:06d}",
        "revision": 0,
        "received_at": at,
        "updated_at": at,
        "kind": "emergency",
        "category": _category(line, matter),
        "text": f"{matter}; {row['desc']}",
        "place": clean_name(row["addr"]),
        "area_name": clean_name(row["twp"]),
        "lat": float(row["lat"]),
        "lon": float(row["lng"]),
    }


def _category(line: str, matter: str) -> str:
    """One of our codes, or the 122 contract's own words for what is neither an accident nor parking."""
    if matter == "VEHICLE ACCIDENT":
        return "traffic_accident"
    if matter in FIRES:
        return "fire"
    return {"EMS": "medical", "Fire": "rescue", "Traffic": WORDS_OF_TRAFFIC.get(matter, "交通秩序")}[line]
