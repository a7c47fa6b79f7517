"""120, ambulance: nested JSON with times in milliseconds since 1970 and GCJ-02 coordinates, as phone maps give them."""

from schemas.feeds.contract import EPOCH_MS, TIME_FORMATS, TOPIC_PREFIX, Feed, Sample, shares

SOUND = """{"eventId": "E20250304-0031", "seq": 0, "callTime": 1741086000000, "updateTime": 1741086060000,
"call": {"type": "呼救", "complaint": "老人胸痛，呼吸困难，出冷汗", "disease": "急症", "phone": "13700000003"},
"scene": {"address": "柳河镇中心小学旁", "region": "990101102", "location": {"lng": 118.0652, "lat": 33.3511}}}"""
SHORT = """{"eventId": "E20250304-0032", "callTime": 1741089600000, "call": {"type": "咨询", "complaint": "问就近的急诊"}}"""

FEED = Feed(
    code="120",
    name_zh="医疗急救",
    name_en="ambulance",
    topic=TOPIC_PREFIX + "120",
    format="json",
    encoding="utf-8",
    mapping={
        "source_id": ("eventId",),
        "revision": ("seq",),
        "received_at": ("callTime",),
        "updated_at": ("updateTime",),
        "kind": ("call.type",),
        "category": ("call.disease",),
        "text": ("call.complaint",),
        "place": ("scene.address",),
        "area_code": ("scene.region",),
        "area_name": ("scene.regionName",),
        "lat": ("scene.location.lat",),
        "lon": ("scene.location.lng",),
        "caller_phone": ("call.phone",),
    },
    kinds={"呼救": "emergency", "急救": "emergency", "求助": "help", "转院": "help", "咨询": "enquiry", "投诉": "complaint"},
    default_kind="emergency",
    categories={
        "急症": "medical", "外伤": "medical", "孕产": "medical", "交通伤": "traffic_accident", "溺水": "rescue", "中毒": "medical",
        "食物中毒": "food_safety", "工伤": "work_safety",
    },
    default_category=None,
    admits=("emergency", "help", "enquiry"),
    owner_unit="ambulance",
    time_formats=(EPOCH_MS, *TIME_FORMATS),
    coordinate_system="GCJ-02",
    rhythm=shares(3, 2.5, 2, 2, 2, 2.5, 3.5, 4.5, 5.5, 5.5, 5.5, 5, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 5, 5, 5, 4.5, 4, 3.5),
    expected_a_day=505,
    samples=(
        Sample("pain in the chest", SOUND.encode()),
        Sample("an enquiry without a scene", SHORT.encode()),
        Sample("seconds in place of milliseconds", SHORT.replace("1741089600000", "1741089600").encode(), ("too_old",)),
        Sample("a type nobody agreed on", SHORT.replace("咨询", "会诊").encode(), ("unknown_kind",)),
        Sample("a negative revision", SOUND.replace('"seq": 0', '"seq": -1').encode(), ("bad_revision",)),
        Sample("north of the pole", SOUND.replace("33.3511", "333.511").encode(), ("bad_coordinates",)),
        Sample("a complaint is not for this line", SHORT.replace("咨询", "投诉").encode(), ("kind_not_admitted",)),
        Sample("the patient's identity card", SOUND.replace('"phone"', '"idCardNo": "x", "phone"').encode(), ("forbidden_field",)),
        Sample("no scene, no words, no time", '{"eventId": "E20250304-0033", "call": {"type": "咨询"}}'.encode(), ("missing_text", "missing_time")),
    ),
)  # fmt: skip
