"""12345, second version: flat JSON, WGS84, and moments that carry their zone.

Incompatible with the first, so it has a topic of its own; both are read for as long as a platform sends either.
"""

from dataclasses import replace

from schemas.feeds.contract import Sample, topic_of
from schemas.feeds.government_12345 import FEED as FIRST
from schemas.feeds.government_12345 import SOUND as OF_THE_FIRST

SOUND = """{"orderNo": "YC12345-20250304-0417", "revision": 2, "createdAt": "2025-03-04T15:33:20+08:00", "updatedAt": "2025-03-04T08:40:00Z",
"type": "投诉", "category": "噪声扰民", "title": "工地夜间施工", "content": "青石镇安置房工地夜里一点还在打桩，已到现场核实。",
"address": "青石镇安置房工地", "areaCode": "990101101", "areaName": "青石镇", "longitude": 118.1805, "latitude": 33.4485, "phone": "13400000006"}"""
SUGGESTION = """[{"orderNo": "YC12345-20250304-0431", "createdAt": "2025-03-04T16:02:11.250+08:00", "type": "建议", "content": "公交站加一把长椅"},
{"orderNo": "YC12345-20250304-0432", "createdAt": "2025-03-04T16:03:40+08:00", "type": "咨询", "title": "办理居住证要带什么"}]"""


def _changed(old: str, new: str, payload: str = SOUND) -> bytes:
    assert old in payload
    return payload.replace(old, new).encode()


FEED = replace(
    FIRST,
    topic=topic_of("12345", 2),
    contract_version="2.0",
    mapping={
        "source_id": ("orderNo",),
        "revision": ("revision",),
        "received_at": ("createdAt",),
        "updated_at": ("updatedAt",),
        "kind": ("type",),
        "category": ("subCategory", "category"),
        "text": ("content",),
        "title": ("title",),
        "place": ("address",),
        "area_code": ("areaCode",),
        "area_name": ("areaName",),
        "grid_code": ("gridCode",),
        "lat": ("latitude",),
        "lon": ("longitude",),
        "caller_phone": ("phone",),
    },
    time_formats=("%Y-%m-%dT%H:%M:%S%.f%#z",),
    coordinate_system="WGS84",
    samples=(
        Sample("a building site at night, revised", SOUND.encode()),
        Sample("a suggestion and a question in one message", SUGGESTION.encode()),
        Sample("a message of the first version", OF_THE_FIRST.encode(), ("missing_source_id", "missing_text", "missing_time")),
        Sample("a moment without its zone", _changed("15:33:20+08:00", "15:33:20"), ("bad_time",)),
        Sample("an emergency is for 110", _changed("投诉", "紧急"), ("kind_not_admitted",)),
        Sample("a type nobody agreed on", _changed("投诉", "回访"), ("unknown_kind",)),
        Sample("a latitude alone", _changed('"longitude": 118.1805, ', ""), ("bad_coordinates",)),
        Sample("half a revision", _changed('"revision": 2', '"revision": 2.5'), ("bad_revision",)),
        Sample("a score of the caller", _changed('"phone"', '"creditScore": 3, "phone"'), ("forbidden_field",)),
        Sample("an unfinished object", SOUND.encode()[:200], ("malformed_payload",)),
    ),
)  # fmt: skip
