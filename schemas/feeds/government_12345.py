"""12345, the government's line: nested JSON with BD-09 coordinates, a title beside the text, and many words for kind and matter."""

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares

SOUND = """{"order": {"code": "YC12345-20250304-0417", "revision": 1, "createTime": "2025-03-04 15:33:20", "updateTime": "2025-03-04 16:00:00",
"type": "投诉", "category": "噪声扰民", "title": "工地夜间施工", "content": "青石镇安置房工地夜里一点还在打桩，\\t无法休息。\\n请尽快处理"},
"caller": {"phone": "13400000006"},
"location": {"address": "青石镇安置房工地", "areaCode": "990101101", "areaName": "青石镇", "lng": 118.1925, "lat": 33.4533}}"""
LETTER = """{"order": {"code": "YC12345-20250304-0418", "createTime": "2019/2/28 11:25:05", "type": "感谢",
"title": "感谢社区", "content": "感谢社区帮忙修好了路灯"}, "location": {"address": "-"}}"""

FEED = Feed(
    code="12345",
    name_zh="政务服务便民热线",
    name_en="government service line",
    topic=TOPIC_PREFIX + "12345",
    format="json",
    encoding="utf-8",
    mapping={
        "source_id": ("order.code",),
        "revision": ("order.revision",),
        "received_at": ("order.createTime",),
        "updated_at": ("order.updateTime",),
        "kind": ("order.type",),
        "category": ("order.subCategory", "order.category"),
        "text": ("order.content",),
        "title": ("order.title",),
        "place": ("location.address",),
        "area_code": ("location.areaCode",),
        "area_name": ("location.areaName",),
        "grid_code": ("location.gridCode",),
        "lat": ("location.lat",),
        "lon": ("location.lng",),
        "caller_phone": ("caller.phone",),
    },
    kinds={
        "投诉": "complaint", "举报": "complaint", "投诉举报": "complaint", "求助": "help", "求决": "help", "投诉求助": "help",
        "投诉/求助": "help", "咨询": "enquiry", "其他": "enquiry", "建议": "suggestion", "建言": "suggestion", "意见建议": "suggestion",
        "建言献策": "suggestion", "感谢": "suggestion", "表扬": "suggestion", "紧急": "emergency",
    },
    default_kind="help",
    categories={
        "矛盾纠纷": "dispute", "消费维权": "consumer", "食品安全": "food_safety", "法律援助": "legal_aid", "安全生产": "work_safety",
        "安全隐患": "work_safety", "大气污染": "air_pollution", "水体污染": "water_pollution", "噪声扰民": "noise",
        "市容环卫": "city_appearance", "市政设施": "municipal_works", "住房物业": "housing", "规土城建": "housing",
        "水电气暖": "utilities", "劳动社保": "labour", "教育": "education", "卫生健康": "health", "公共交通": "transport",
        "交通运输": "transport", "交通秩序": "traffic_order", "农业农村": "agriculture", "积水内涝": "flood",
        "食药市监": "consumer", "治安维稳": "public_security", "其他": "other",
    },
    admits=("complaint", "help", "enquiry", "suggestion"),
    owner_unit="command_centre",
    coordinate_system="BD-09",
    rhythm=shares(1, 0.6, 0.4, 0.3, 0.3, 0.6, 1.5, 4, 8, 9, 8.5, 7, 5, 5, 7, 8, 8, 6.5, 5, 4.5, 4, 3, 2, 1.5),
    expected_a_day=2120,
    samples=(
        Sample("a building site at night", SOUND.encode()),
        Sample("thanks, no place", LETTER.encode()),
        Sample("an emergency is for 110", SOUND.replace('"投诉"', '"紧急"').encode(), ("kind_not_admitted",)),
        Sample("nothing said", b'{"order": {"code": "YC1", "createTime": "2025-03-04 15:33:20"}}', ("missing_text",)),
        Sample("a text where an object belongs", b'{"order": "YC1"}', ("missing_source_id", "missing_text", "missing_time")),
        Sample("a number is no order", b"12345", ("malformed_payload",)),
        Sample("no bytes", b"", ("empty_payload",)),
        Sample("a type nobody agreed on", SOUND.replace('"投诉"', '"回访"').encode(), ("unknown_kind",)),
        Sample("a moment of no calendar", SOUND.replace("2025-03-04 15", "2025-02-30 15").encode(), ("bad_time",)),
        Sample("the caller's identity", SOUND.replace('"phone"', '"identityNo": "x", "phone"').encode(), ("forbidden_field",)),
    ),
)  # fmt: skip
