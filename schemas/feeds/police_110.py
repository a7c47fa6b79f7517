"""110, police: one JSON object a call, in the pinyin field names of police call systems (接处警)."""

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares

SOUND = """{"JJDBH": "110-2025-000173", "GXBB": 0, "BJSJ": "2025-03-04 21:40:12", "GXSJ": "2025-03-04 21:41:00",
"BJLX": "报警", "BJLB": "纠纷", "BJNR": "东湖夜市两桌客人争吵推搡，有人砸东西。", "SFDZ": "东湖街道夜市", "XZQH": "990101001",
"JD": 118.0512, "WD": 33.4520, "BJDH": "13900000001"}"""
REVISED = """{"JJDBH": "110-2025-000173", "GXBB": 2, "BJSJ": "2025-03-04 21:40:12", "GXSJ": "2025/3/4 21:58:30",
"BJLX": "报警", "BJLB": "其他警情", "BJNR": "双方已分开。", "SFDZ": "", "JD": 0, "WD": 0, "XZQH": null}"""

FEED = Feed(
    code="110",
    name_zh="公安报警",
    name_en="police",
    topic=TOPIC_PREFIX + "110",
    format="json",
    encoding="utf-8",
    mapping={
        "source_id": ("JJDBH",),
        "revision": ("GXBB",),
        "received_at": ("BJSJ",),
        "updated_at": ("GXSJ",),
        "kind": ("BJLX",),
        "category": ("BJLB",),
        "text": ("BJNR",),
        "place": ("SFDZ",),
        "area_code": ("XZQH",),
        "area_name": ("XZQHMC",),
        "lat": ("WD",),
        "lon": ("JD",),
        "caller_phone": ("BJDH",),
    },
    kinds={"报警": "emergency", "求助": "help", "咨询": "enquiry", "投诉": "complaint", "举报": "complaint", "建议": "suggestion"},
    default_kind=None,
    categories={
        "治安": "public_security", "治安警情": "public_security", "刑事警情": "public_security", "纠纷": "dispute",
        "交通事故": "traffic_accident", "交通警情": "traffic_order", "电信诈骗": "fraud", "火灾": "fire", "噪声扰民": "noise",
        "群众求助": "rescue", "伤病": "medical", "消费纠纷": "consumer", "其他警情": "other",
    },
    admits=("emergency", "help", "enquiry", "complaint"),
    owner_unit="police",
    rhythm=shares(4, 3, 2, 1.5, 1, 1, 1.5, 3, 4, 5, 5, 5, 4.5, 4, 4.5, 5, 5, 5.5, 6, 6.5, 7, 7, 6, 5),
    expected_a_day=1580,
    samples=(
        Sample("a quarrel", SOUND.encode()),
        Sample("a later revision without place", REVISED.encode()),
        Sample("the call taker's id is missing", SOUND.replace('"110-2025-000173"', '""').encode(), ("missing_source_id",)),
        Sample("a suggestion is not for this line", SOUND.replace('"报警"', '"建议"').encode(), ("kind_not_admitted",)),
        Sample("half a point and no such day", SOUND.replace("118.0512", "null").replace("2025-03-04 21:40:12", "2025-02-30 21:40:12").encode(),
               ("bad_coordinates", "bad_time")),
        Sample("a caller's identity number", SOUND.replace('"BJDH"', '"SFZH": "x", "BJDH"').encode(), ("forbidden_field",)),
        Sample("cut off", SOUND.encode()[:160], ("malformed_payload",)),
        Sample("a type nobody agreed on", SOUND.replace('"报警"', '"回访"').encode(), ("unknown_kind",)),
        Sample("no type, and this line assumes none", SOUND.replace('"BJLX": "报警", ', "").encode(), ("unknown_kind",)),
        Sample("bytes lost before us", SOUND.replace("吵推搡", "\ufffd\ufffd").encode(), ("lost_bytes",)),
    ),
)  # fmt: skip
