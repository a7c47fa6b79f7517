# ruff: noqa: E501 - tables and texts read best in rows
"""Video alarms of two standards, with what cameras make of them."""

import pytest

from tests.transforms.messages import cleaned


def gb(method="5", kind="<Info><AlarmType>2</AlarmType></Info>", more="", text="动检"):
    return f"""<?xml version="1.0" encoding="GB2312"?><Notify><CmdType>Alarm</CmdType><SN>9</SN>
    <DeviceID>99010120131320000017</DeviceID><AlarmPriority>1</AlarmPriority><AlarmMethod>{method}</AlarmMethod>
    <AlarmTime>2025-03-04T07:38:35</AlarmTime><AlarmDescription>{text}</AlarmDescription>{kind}{more}</Notify>""".encode(
        "gb18030"
    )


def hik(event="VMD", state="active", more="", space=' xmlns="http://www.hikvision.com/ver20/XMLSchema"'):
    return f"""<EventNotificationAlert version="2.0"{space}><macAddress>02:00:00:00:00:17</macAddress><channelID>1</channelID>
    <dateTime>2025-03-04T13:53:05+01:00</dateTime><activePostCount>1</activePostCount><eventType>{event}</eventType>
    <eventState>{state}</eventState><eventDescription>x alarm</eventDescription>{more}</EventNotificationAlert>""".encode()


@pytest.mark.parametrize(
    ("method", "kind", "category", "words"),
    [
        ("5", "<Info><AlarmType>6</AlarmType></Info>", "public_security", "5/6"),
        ("5", "<info><AlarmType>6</AlarmType></info>", "public_security", "5/6"),
        ("5", "<AlarmType>6</AlarmType>", "public_security", "5/6"),
        ("5", "<Info/>", None, "5"),
        ("5", "", None, "5"),
        ("2", "", "equipment_fault", "2"),
        ("6", "<Info><AlarmType>2</AlarmType></Info>", "equipment_fault", "6/2"),
        ("12", "", "equipment_fault", "2"),
        ("1/2", "", "equipment_fault", "2"),
        ("12", "<Info><AlarmType>2</AlarmType></Info>", "equipment_fault", "2/2"),
        ("1", "", None, "1"),
        ("5", "<Info><AlarmType>99</AlarmType></Info>", None, "5"),
    ],
)
def test_the_category_follows_from_method_and_type(method, kind, category, words):
    (report,) = cleaned("video", gb(method, kind))
    assert (report["reasons"], report["category"], report["source_category"]) == ([], category, words)


def test_an_alarm_without_words_has_its_kind_for_words():
    assert cleaned("video", gb(text=""))[0]["text"] == "运动目标检测报警"


def test_points_far_away_pass_and_zeros_are_none():
    far = cleaned("video", gb(more="<Longitude>171.3</Longitude><Latitude>34.2</Latitude>"))[0]
    assert (far["reasons"], far["lat"], far["lon"]) == ([], 34.2, 171.3)
    zero = cleaned("video", gb(more="<Longitude>0</Longitude><Latitude>0.0</Latitude>"))[0]
    assert (zero["reasons"], zero["lat"], zero["lon"]) == ([], None, None)


def test_the_number_of_a_camera_tells_the_county():
    report = cleaned("video", gb())[0]
    assert (report["county_code"], report["device_id"]) == ("990101", "99010120131320000017")


@pytest.mark.parametrize(
    "space", ["", ' xmlns="urn:psialliance-org"', ' xmlns="http://www.hikvision.com/ver20/XMLSchema"']
)
def test_name_spaces_of_hikvision_do_not_matter(space):
    (report,) = cleaned("video", hik(space=space))
    assert report["source_id"] == "02:00:00:00:00:17-1-2025-03-04T13:53:05+01:00-VMD-1"
    assert str(report["received_at"]) == "2025-03-04 12:53:05+00:00"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (hik("videoloss", "inactive"), "heartbeat"),
        (hik("faceSnap"), "forbidden_field"),
        (hik("ANPR"), "forbidden_field"),
        (hik(more="<ANPR><licensePlate>x</licensePlate></ANPR>"), "forbidden_field"),
        (hik(more="<FaceRect><x>1</x></FaceRect>"), "forbidden_field"),
        (b"<Notify><CmdType>Catalog</CmdType></Notify>", "unknown_message"),
        (b"<Notify>Alarm</Notify>", "unknown_message"),
        (b"<Response/>", "unknown_message"),
    ],
)
def test_what_is_no_alarm_is_set_aside(payload, reason):
    assert [record["reasons"] for record in cleaned("video", payload)] == [[reason]]


def test_who_was_seen_is_not_taken_over():
    target = "<DetectionRegionList><DetectionRegionEntry><detectionTarget>human</detectionTarget><TargetRect><X>0.6</X></TargetRect></DetectionRegionEntry></DetectionRegionList>"
    (report,) = cleaned("video", hik("fielddetection", more=target))
    assert report["reasons"] == []
    assert not [value for value in report.values() if "human" in str(value) or "0.6" in str(value)]
    assert report["text"] == "周界入侵告警"
