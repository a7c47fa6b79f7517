"""Grid workers' reports: the event push of city-management platforms, a JSON list of events with numbered and named types.

The mapping has the names of one platform; `grid_events` finds the same facts under the names of others. Who reported is
not stored: the phone becomes a caller token, the name is left behind.
"""

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares
from schemas.feeds.grid_events import items_of

SOUND = """[{"rec_id": 30417, "task_num": "30417", "create_time": "2025-03-04 09:12:40", "operate_time": "2025-03-04 09:30:00",
"event_src_name": "网格员上报", "rec_type_name": "社会服务", "main_type_name": "市容环境", "sub_type_name": "暴露垃圾", "event_desc": "菜市场后门堆了垃圾，未清运",
"address": "云岭乡菜市场", "district_name": "云川县", "region_code": "990101", "street_name": "云岭乡", "community_name": "云岭社区",
"duty_grid_name": "云岭社区03网格", "cell_name": "云岭社区03网格", "coordinate_x": "118.1900", "coordinate_y": "33.3502",
"dispatch_human_id": 1, "need_human_archive_num": 1}]"""
PLAIN = """[{"rec_id": 30418, "create_time": "2025-03-04 10:00:00", "main_type_name": "部件设施", "sub_type_name": "", "event_desc": "",
"street_name": "柳河镇", "coordinate_x": "", "coordinate_y": ""}]"""
WRAPPED = """{"code": 0, "msg": "success", "data": {"total": 1, "list": [{"eventNo": "SJ-2025-0007", "reportTime": 1741050760000, "eventTitle": "井盖缺损",
"bigClassName": "部件设施", "smallClassName": "井盖缺损", "eventDesc": "人行道井盖破了", "eventAddress": "青石镇中学门口", "townName": "青石镇", "longitude": 118.13,
"latitude": 33.41, "reporterName": "x", "reporterPhone": "13900000001"}]}}"""
TOGETHER = """{"caseId": "AJ-88", "createTime": "2025/03/04 09:12:40", "caseTypeName": "市容环境", "caseDesc": "占道摆摊", "lnglat": "118.1952,33.3581", "coordType": "gcj02"}"""
PACKED = """{"params": "{\\"events\\": [{\\"eventId\\": \\"E9\\", \\"happenTime\\": \\"2025-03-04T09:12:40+08:00\\", \\"description\\": \\"路灯不亮\\", \\"x\\": 13156800.5, \\"y\\": 3940000.2}]}"}"""

FEED = Feed(
    code="grid",
    name_zh="网格巡查上报",
    name_en="grid workers' reports",
    topic=TOPIC_PREFIX + "grid",
    format="json",
    encoding="utf-8",
    mapping={
        "source_id": ("rec_id",),
        "received_at": ("create_time",),
        "updated_at": ("operate_time",),
        "category": ("sub_type_name", "main_type_name"),
        "text": ("event_desc",),
        "title": ("event_title",),
        "place": ("address",),
        "area_code": ("region_code",),
        "area_name": ("street_name",),
        "grid_code": ("duty_grid_name", "cell_name"),
        "lat": ("coordinate_y",),
        "lon": ("coordinate_x",),
        "coordinate_system": ("coordinate_system",),
        "caller_phone": ("reporter_phone",),
    },
    items_of=items_of,
    kinds={},
    default_kind="inspection",
    categories={
        "暴露垃圾": "city_appearance", "市容环境": "city_appearance", "占道经营": "city_appearance", "流动摊贩": "city_appearance",
        "部件设施": "municipal_works", "市政设施": "municipal_works", "井盖缺损": "municipal_works", "路灯损坏": "municipal_works",
        "违章停车": "traffic_order", "矛盾纠纷": "dispute", "安全隐患": "work_safety", "安全生产": "work_safety", "消防隐患": "fire",
        "水电气暖": "utilities", "物业管理": "housing", "房屋管理": "housing", "河道污染": "water_pollution", "水体污染": "water_pollution",
        "扬尘污染": "air_pollution", "秸秆焚烧": "air_pollution", "噪声扰民": "noise", "社会治安": "public_security",
        "农业农村": "agriculture", "道路积水": "flood",
    },
    admits=("inspection",),
    owner_unit="command_centre",
    rhythm=shares(0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 4, 9, 12, 11, 8, 3, 4, 9, 10, 9, 7, 4, 3, 2.5, 1.5, 0.8, 0.4),
    expected_a_day=300,
    samples=(
        Sample("rubbish behind the market", SOUND.encode()),
        Sample("a type and no words", PLAIN.encode()),
        Sample("another platform: wrapped, other names, milliseconds", WRAPPED.encode()),
        Sample("a point as two numbers in one field, in GCJ-02", TOGETHER.encode()),
        Sample("JSON packed into a string, metres of Mercator", PACKED.encode()),
        Sample("an empty push", b"[]", ("malformed_payload",)),
        Sample("a list of numbers", b"[1]", ("malformed_payload",)),
        Sample("coordinates that are no numbers", PLAIN.replace('"coordinate_x": ""', '"coordinate_x": "E118"').encode(), ("bad_coordinates",)),
        Sample("no number", PLAIN.replace('"rec_id": 30418, ', "").encode(), ("missing_source_id",)),
        Sample("no time", PLAIN.replace('"create_time": "2025-03-04 10:00:00", ', "").encode(), ("missing_time",)),
        Sample("a list of persons beside the events", WRAPPED.replace('"code": 0', '"specialPopulation": ["x"]').encode(), ("forbidden_field", "missing_source_id", "missing_text", "missing_time")),
        Sample("a score of a person", SOUND.replace('"rec_id"', '"credit_score": 5, "rec_id"').encode(), ("forbidden_field",)),
    ),
)  # fmt: skip
