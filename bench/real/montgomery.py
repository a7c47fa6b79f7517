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


# The dispatcher's headings in the words our lines use; the rest stays as it is. No detail is added.
HEADINGS = {
    "VEHICLE ACCIDENT": "交通事故", "DISABLED VEHICLE": "车辆抛锚", "ROAD OBSTRUCTION": "道路受阻",
    "HAZARDOUS ROAD CONDITIONS": "路面危险", "VEHICLE FIRE": "车辆着火", "FIRE ALARM": "火警报警器响",
    "BUILDING FIRE": "建筑起火", "GAS-ODOR/LEAK": "燃气异味或泄漏", "ELECTRICAL FIRE OUTSIDE": "室外电气起火",
    "WOODS/FIELD FIRE": "山林或野外起火", "CARBON MONOXIDE DETECTOR": "一氧化碳报警器响",
    "RESCUE - ELEVATOR": "电梯救援", "RESCUE - WATER": "水上救援", "RESPIRATORY EMERGENCY": "呼吸急症",
    "CARDIAC EMERGENCY": "心脏急症", "CARDIAC ARREST": "心脏骤停", "FALL VICTIM": "有人摔倒",
    "HEAD INJURY": "头部受伤", "SUBJECT IN PAIN": "疼痛", "UNKNOWN MEDICAL EMERGENCY": "不明急症",
    "SYNCOPAL EPISODE": "晕厥", "SEIZURES": "抽搐", "GENERAL WEAKNESS": "全身无力", "ABDOMINAL PAINS": "腹痛",
    "ALTERED MENTAL STATUS": "意识改变", "HEMORRHAGING": "大出血", "CVA/STROKE": "中风", "OVERDOSE": "药物过量",
    "NAUSEA/VOMITING": "恶心呕吐", "UNCONSCIOUS SUBJECT": "有人昏迷", "UNRESPONSIVE SUBJECT": "有人没有反应",
    "DIABETIC EMERGENCY": "糖尿病急症", "DIZZINESS": "头晕", "FRACTURE": "骨折",
    "BACK PAINS/INJURY": "背部疼痛或受伤", "ASSAULT VICTIM": "有人被打伤", "LACERATIONS": "割伤", "FEVER": "发烧",
    "ALLERGIC REACTION": "过敏反应", "CHOKING": "气道异物", "MATERNITY": "孕产", "BURN VICTIM": "有人烧伤",
    "SHOOTING": "枪击", "STABBING": "刺伤", "POISONING": "中毒", "ELECTROCUTION": "触电",
}  # fmt: skip


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
        "text": f"{HEADINGS.get(matter, '')}{matter}; {row['desc']}",
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
