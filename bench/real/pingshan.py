"""Pingshan's merged hotline: 6,952 reports that came over six channels, and the original file in GB18030."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from bench.real.packets import Item, Packet, clean_name, packets

NAME = "pingshan"
FOLDER = "pingshan_12345"
# People and patrols post what they find in the streets in this app; the other channels are the citizens' hotline.
GRID_CHANNELS = ("美丽深圳",)
LOCAL = ZoneInfo("Asia/Shanghai")
KINDS = {"投诉": "complaint", "咨询": "enquiry", "建议": "suggestion", "求决": "help", "感谢": "suggestion"}
# Ours -> the second level of its types, where they mean the same; the rest goes in under its own first level.
TYPES = {
    "municipal_works": ("公用部件", "道路设施", "市政、公共设施设置及维护"),
    "city_appearance": (
        "占道经营", "绿化养护", "市容城管", "宣传广告违法行为", "渣土问题", "废弃物堆放", "垃圾问题", "道路保洁",
    ),
    "noise": ("工业噪声", "建筑施工噪声", "社会生活噪声", "商业经营噪声", "交通运输噪声", "营业性文化娱乐噪声"),
    "air_pollution": ("服务行业废气扰民", "工业、住宅废气扰民", "扬尘污染"),
    "water_pollution": ("水污染",),
    "transport": ("公共交通管理",),
    "traffic_order": ("车辆乱停放", "道路交通安全"),
    "education": ("教育体制", "教育行政管理", "教育收费"),
    "housing": ("物业服务管理监督", "住房保障和房地产"),
    "labour": ("劳动就业", "劳动社保"),
    "consumer": ("消费维权",),
    "food_safety": ("食品安全",),
}  # fmt: skip
CATEGORIES = {name: category for category, names in TYPES.items() for name in names}


def deliveries(data: Path) -> Iterator[Packet]:
    """Every row as an item of the 12345 feed or the grid feed, in order of time."""
    rows = _rows(data).sort("CREATE_TIME", "REC_ID")
    is_grid = pl.col("EVENT_SRC_NAME").is_in(GRID_CHANNELS)
    yield from packets(NAME, "12345", map(_hotline, rows.filter(~is_grid).iter_rows(named=True)))
    yield from packets(NAME, "grid", map(_grid, rows.filter(is_grid).iter_rows(named=True)))


def townships(data: Path) -> list[str]:
    """The streets (街道) the rows name."""
    return sorted(name for name in _rows(data)["STREET_NAME"].unique() if clean_name(name))


def original_reads_the_same(data: Path) -> tuple[int, int]:
    """(rows of the GB18030 original that equal those of the whole set, rows of the original)."""
    original = pl.read_csv(data / FOLDER / "events_original_gb18030_500.csv", encoding="gb18030", infer_schema=False)
    whole = _rows(data).select(original.columns)
    return original.join(whole, on=original.columns, how="semi", nulls_equal=True).height, original.height


def _rows(data: Path) -> pl.DataFrame:
    return pl.read_csv(data / FOLDER / "events.csv.gz", infer_schema=False)


def _hotline(row: dict[str, str]) -> Item:
    return _item(row) | {"kind": KINDS.get(row["EVENT_PROPERTY_NAME"], "help")}


def _grid(row: dict[str, str]) -> Item:
    return _item(row) | {"kind": "inspection"}


def _item(row: dict[str, str]) -> Item:
    """The set has no text: the three levels of type are what is known of the matter."""
    types = dict.fromkeys((row["EVENT_TYPE_NAME"], row["MAIN_TYPE_NAME"], row["SUB_TYPE_NAME"]))
    street, community = clean_name(row["STREET_NAME"]), clean_name(row["COMMUNITY_NAME"])
    at = datetime.fromisoformat(row["CREATE_TIME"]).replace(tzinfo=LOCAL)
    return {
        "source_id": f"PS-{row['REC_ID']}",
        "revision": 0,
        "received_at": at,
        "updated_at": at,
        "category": CATEGORIES.get(row["MAIN_TYPE_NAME"], row["EVENT_TYPE_NAME"]),
        "text": "，".join(types),
        "place": "".join(filter(None, (clean_name(row["DISTRICT_NAME"]), street, community))) or None,
        "area_name": street,
    }
