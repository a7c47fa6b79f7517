"""12315, consumer rights: a form posted as `application/x-www-form-urlencoded` in UTF-8, one report a payload."""

from urllib.parse import urlencode

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares


def _form(**changed: str) -> bytes:
    fields = {
        "regNo": "XF2025030400085", "ver": "0", "regTime": "2025-03-04 10:20:00", "modTime": "2025-03-04 10:20:00", "infoType": "投诉",
        "goodsType": "服务消费", "content": "办了健身卡，店关了不退钱", "address": "东湖街道步行街", "areaCode": "990101001",
        "lng": "118.0533", "lat": "33.4488", "tel": "13500000005",
    }  # fmt: skip
    return urlencode({name: value for name, value in (fields | changed).items() if value}).encode()


FEED = Feed(
    code="12315",
    name_zh="消费者投诉举报",
    name_en="consumer rights",
    topic=TOPIC_PREFIX + "12315",
    format="form",
    encoding="utf-8",
    mapping={
        "source_id": ("regNo",),
        "revision": ("ver",),
        "received_at": ("regTime",),
        "updated_at": ("modTime",),
        "kind": ("infoType",),
        "category": ("goodsType",),
        "text": ("content",),
        "title": ("title",),
        "place": ("address",),
        "area_code": ("areaCode",),
        "area_name": ("areaName",),
        "lat": ("lat",),
        "lon": ("lng",),
        "caller_phone": ("tel",),
    },
    kinds={"投诉": "complaint", "举报": "complaint", "咨询": "enquiry", "建议": "suggestion", "求助": "help", "报警": "emergency"},
    default_kind="complaint",
    categories={
        "商品消费": "consumer", "服务消费": "consumer", "网络购物": "consumer", "价格": "consumer", "食品": "food_safety",
        "食品安全": "food_safety", "药品": "health", "其他": "other",
    },
    admits=("complaint", "enquiry", "suggestion", "help"),
    owner_unit="market_supervision",
    rhythm=shares(0.4, 0.2, 0.1, 0.1, 0.1, 0.2, 0.6, 2, 6, 10, 10, 8, 5, 5, 8, 9, 9, 7, 5, 4, 4, 3, 2, 1),
    expected_a_day=320,
    samples=(
        Sample("a gym that closed", _form()),
        Sample("an enquiry without a point", _form(infoType="咨询", lng="", lat="")),
        Sample("no form at all", b"\x00\x01\x02", ("malformed_payload",)),
        Sample("an emergency is not for this line", _form(infoType="报警"), ("kind_not_admitted",)),
        Sample("a revision in words", _form(ver="第二版"), ("bad_revision",)),
        Sample("no time", _form(regTime=""), ("missing_time",)),
        Sample("coordinates in words", _form(lat="东湖"), ("bad_coordinates",)),
        Sample("a type nobody agreed on", _form(infoType="回访"), ("unknown_kind",)),
        Sample("a list of persons", _form(keyPersons="x"), ("forbidden_field",)),
    ),
)  # fmt: skip
