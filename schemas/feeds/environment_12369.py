"""12369, environment: batches of reports as JSON in GB18030, under `data.list`."""

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares

FIRST = """{"wtbh": "HB20250304-201", "bb": 0, "jbsj": "2025-03-04T20:15:00+08:00", "xgsj": "2025-03-04T20:20:00+08:00", "jblx": "举报",
"wrlx": "大气", "jbnr": "东湖化工厂夜间排放刺鼻气体", "dz": "东湖街道化工厂", "xzqdm": "990101001", "jd": "118.0311", "wd": "33.4702", "dh": "13200000008"}"""
SECOND = """{"wtbh": "HB20250304-202", "jbsj": "2025-03-04T21:00:00+08:00", "jblx": "咨询", "jbnr": "河水發黑，找哪裡反映"}"""


def _batch(*items: str, encoding: str = "gb18030") -> bytes:
    return ('{"code": 0, "data": {"total": %d, "list": [%s]}}' % (len(items), ",".join(items))).encode(encoding)  # noqa: UP031 - JSON is full of braces


FEED = Feed(
    code="12369",
    name_zh="环保举报",
    name_en="environment",
    topic=TOPIC_PREFIX + "12369",
    format="json",
    encoding="gb18030",
    items_path="data.list",
    mapping={
        "source_id": ("wtbh",),
        "revision": ("bb",),
        "received_at": ("jbsj",),
        "updated_at": ("xgsj",),
        "kind": ("jblx",),
        "category": ("wrlx",),
        "text": ("jbnr",),
        "place": ("dz",),
        "area_code": ("xzqdm",),
        "area_name": ("xzqmc",),
        "lat": ("wd",),
        "lon": ("jd",),
        "caller_phone": ("dh",),
    },
    kinds={"举报": "complaint", "投诉": "complaint", "咨询": "enquiry", "建议": "suggestion", "求助": "help"},
    default_kind="complaint",
    categories={
        "大气": "air_pollution", "水": "water_pollution", "噪声": "noise", "噪音": "noise", "固废": "city_appearance", "恶臭": "air_pollution",
        "油烟": "air_pollution", "黑臭水体": "water_pollution",
    },
    admits=("complaint", "enquiry", "suggestion"),
    owner_unit="ecology",
    time_formats=("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f"),
    rhythm=shares(2.5, 1.5, 1, 0.6, 0.5, 0.7, 2, 3.5, 5, 6, 6, 5, 4, 4, 5, 5, 5, 5, 5.5, 6.5, 7.5, 8, 6.5, 4),
    expected_a_day=100,
    samples=(
        Sample("a batch of two", _batch(FIRST, SECOND)),
        Sample("a batch in UTF-8", _batch(SECOND, encoding="utf-8")),
        Sample("an empty batch", _batch(), ("malformed_payload",)),
        Sample("an error message", '{"code": 500, "msg": "超时"}'.encode("gb18030"), ("unknown_message",)),
        Sample("help is not for this line", _batch(SECOND.replace("咨询", "求助")), ("kind_not_admitted",)),
        Sample("in the year 2999", _batch(SECOND.replace("2025", "2999")), ("from_the_future",)),
        Sample("a type nobody agreed on, no time", _batch(SECOND.replace("咨询", "回访").replace("jbsj", "sj")), ("missing_time", "unknown_kind")),
        Sample("nothing said", _batch(SECOND.replace("jbnr", "nr")), ("missing_text",)),
        Sample("a score of the caller", _batch(FIRST.replace('"dh"', '"creditScore": 1, "dh"')), ("forbidden_field",)),
    ),
)  # fmt: skip
