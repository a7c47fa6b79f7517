# ruff: noqa: E501 - tables and texts read best in rows
"""Grid workers' events under the names, wrappers and points of many platforms."""

import json
from urllib.parse import quote

import pytest

from tests.transforms.messages import cleaned

EVENT = {
    "eventId": "E1",
    "reportTime": "2025-03-04 09:12:40",
    "eventDesc": "路灯不亮",
    "smallClassName": "路灯损坏",
    "eventAddress": "青石镇中学门口",
}


def pushed(document):
    return cleaned(
        "grid", document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    )


def finding(**said):
    """The one sound report of an event that also says this."""
    (report,) = pushed(EVENT | said)
    assert report["reasons"] == [], report["detail"]
    return report


@pytest.mark.parametrize(
    "wrapped",
    [
        EVENT, [EVENT], {"data": EVENT}, {"data": [EVENT]}, {"events": [EVENT]}, {"params": EVENT}, {"params": {"events": [EVENT]}},
        {"code": 0, "msg": "success", "data": {"total": 1, "list": [EVENT]}}, {"header": {"appKey": "x"}, "body": {"rows": [EVENT]}},
        {"requestId": "p1", "timestamp": 1741050760000, "data": json.dumps([EVENT])}, json.dumps(EVENT), {"params": json.dumps({"data": json.dumps(EVENT)})},
        [json.dumps(EVENT)], {"id": "push-1", "type": "event", "time": "2025-03-04 10:00:00", "data": EVENT},
    ],
)  # fmt: skip
def test_wrappers_do_not_matter(wrapped):
    (report,) = pushed(wrapped)
    assert (report["reasons"], report["source_id"], report["category"]) == ([], "E1", "municipal_works")


def test_every_event_of_a_wrapper_is_a_report():
    events = [EVENT | {"eventId": name} for name in "ABC"]
    assert [(record["source_id"], record["item_no"]) for record in pushed({"data": {"records": events}})] == [
        ("A", 0),
        ("B", 1),
        ("C", 2),
    ]


def test_a_form_may_carry_json():
    (report,) = pushed(f"data={quote(json.dumps([EVENT], ensure_ascii=False))}".encode())
    assert (report["source_id"], report["text"]) == ("E1", "路灯不亮")


def test_an_event_may_bring_its_history():
    report = finding(records=[{"operateTime": "2025-03-04 10:00:00", "content": "已派单"}], data={"x": 1})
    assert (report["source_id"], report["text"]) == ("E1", "路灯不亮")


@pytest.mark.parametrize(
    "names",
    [
        ("rec_id", "create_time", "event_desc", "sub_type_name", "address"), ("recId", "createTime", "eventDesc", "subTypeName", "address"),
        ("caseNo", "occurTime", "caseDesc", "caseTypeName", "caseAddress"), ("EVENT_NO", "REPORT_TIME", "EVENT_CONTENT", "SMALL_TYPE_NAME", "HAPPEN_ADDRESS"),
        ("id", "gmtCreate", "description", "category", "location_desc"), ("事件编号", "上报时间", "事件描述", "小类", "事发地址"),
        ("Id", "CDate", "EventDesc", "SCategoryName", "EventAddress"), ("orderNo", "happenTime", "content", "typeName", "addr"),
    ],
)  # fmt: skip
def test_names_of_platforms(names):
    (report,) = pushed(
        dict(zip(names, ("E1", "2025-03-04 09:12:40", "路灯不亮", "路灯损坏", "青石镇中学门口"), strict=True))
    )
    assert (report["reasons"], report["source_id"], report["text"], report["category"], report["place"]) == (
        [],
        "E1",
        "路灯不亮",
        "municipal_works",
        "青石镇中学门口",
    )
    assert str(report["received_at"]) == "2025-03-04 01:12:40+00:00"


@pytest.mark.parametrize(
    "time",
    [
        1741050760, 1741050760000, "1741050760", "1741050760000", "2025-03-04 09:12:40", "2025-03-04T09:12:40", "2025-03-04T09:12:40+08:00",
        "2025-03-04T01:12:40Z", "2025-03-04T01:12:40.000Z", "2025/03/04 09:12:40", "20250304091240", "2025年3月4日9时12分40秒", "/Date(1741050760000)/",
    ],
)  # fmt: skip
def test_times_of_platforms(time):
    assert str(finding(reportTime=time)["received_at"])[:19] == "2025-03-04 01:12:40"


@pytest.mark.parametrize(
    "said",
    [
        {"longitude": 118.19, "latitude": 33.36}, {"lng": "118.19", "lat": "33.36"}, {"coordinate_x": "118.19", "coordinate_y": "33.36"}, {"x": 118.19, "y": 33.36},
        {"lnglat": "118.19,33.36"}, {"location": "118.19,33.36"}, {"position": "118.19，33.36"}, {"latlongit": "33.36,118.19"}, {"coordinate": "[118.19, 33.36]"},
        {"point": [118.19, 33.36]}, {"geometry": {"type": "Point", "coordinates": [118.19, 33.36]}}, {"location": {"lng": 118.19, "lat": 33.36}}, {"range": {"Lon": 118.19, "Lat": 33.36}},
        {"geom": "POINT(118.19 33.36)"}, {"geo": '{"lng": 118.19, "lat": 33.36}'}, {"x": 33.36, "y": 118.19}, {"x": 13156850.62, "y": 3943186.01},
    ],
)  # fmt: skip
def test_points_of_platforms(said):
    report = finding(**said)
    assert (report["lat"], report["lon"]) == (pytest.approx(33.36, abs=2e-4), pytest.approx(118.19, abs=2e-4))


@pytest.mark.parametrize("system", ["gcj02", "GCJ-02", "高德", "bd09", "BD09LL", "百度"])
def test_a_point_in_another_system_is_moved(system):
    plain, moved = finding(lng=118.19, lat=33.36), finding(lng=118.19, lat=33.36, coordType=system)
    metres = ((plain["lat"] - moved["lat"]) ** 2 + (plain["lon"] - moved["lon"]) ** 2) ** 0.5 * 111_000
    assert 300 < metres < 2_500
    assert finding(lng=118.19, lat=33.36, coordType="wgs84")["lat"] == 33.36


@pytest.mark.parametrize("said", [{"lng": "E118", "lat": "N33"}, {"x": 440123.5, "y": 3712345.6}, {"lng": 118.19}])
def test_a_point_of_no_known_system_is_told(said):
    (record,) = pushed(EVENT | said)
    assert record["reasons"] == ["bad_coordinates"]


@pytest.mark.parametrize(
    "said", [{"lng": 0, "lat": 0}, {"lng": "0.0", "lat": "0"}, {"lng": "", "lat": None}, {"lnglat": "0,0"}]
)
def test_zeros_are_no_place(said):
    report = finding(**said)
    assert (report["lat"], report["lon"]) == (None, None)


@pytest.mark.parametrize(
    "name", ["reporterPhone", "reporter_mobile", "contactTel", "linkPhone", "collectorMobilePhone", "联系电话"]
)
def test_who_reported_is_a_token(name):
    report = finding(**{name: "13900000001", "reporterName": "欧阳测试"})
    assert report["caller_token"] == finding(reporterPhone="+86 139-0000-0001")["caller_token"]
    assert not [value for value in report.values() if "13900000001" in str(value) or "欧阳" in str(value)]


@pytest.mark.parametrize(
    "said",
    [
        {"PsychopathId": 2},
        {"reporterIdCard": "x"},
        {"specialPopulation": ["x"]},
        {"facePhoto": "", "faceUrl": "x"},
        {"detail": {"plateNo": "x"}},
    ],
)
def test_persons_are_refused(said):
    (record,) = pushed(EVENT | said)
    assert record["reasons"] == ["forbidden_field"]


def test_persons_beside_the_events_refuse_the_push():
    records = pushed({"data": [EVENT], "specialPopulation": ["x"]})
    assert ["forbidden_field" in record["reasons"] for record in records] == [True]


def test_the_most_exact_area_counts():
    report = finding(areaCode="990101", streetCode="990101101")
    assert report["township_code"] == "990101101"


@pytest.mark.parametrize("depth", [5, 100, 400])
def test_deep_wrappers_end(depth):
    document = EVENT
    for _ in range(depth):
        document = {"data": document}
    (record,) = pushed(document)
    assert record["reasons"] == [] if depth <= 5 else record["reasons"]


def test_a_message_of_very_many_records_is_refused():
    (record,) = pushed(b"[" + b"{}," * 20_000 + b"{}]")
    assert record["reasons"] == ["too_large"]
