# ruff: noqa: E501 - tables and texts read best in rows
"""Video alarms of two standards, with what cameras and platforms make of them."""

import json

import pytest

from tests.transforms.messages import cleaned


def gb(
    method="5",
    kind="<Info><AlarmType>2</AlarmType></Info>",
    more="",
    text="动检",
    time="2025-03-04T07:38:35",
    sn="<SN>9</SN>",
):
    return f"""<?xml version="1.0" encoding="GB2312"?><Notify><CmdType>Alarm</CmdType>{sn}
    <DeviceID>99010120131320000017</DeviceID><AlarmPriority>1</AlarmPriority><AlarmMethod>{method}</AlarmMethod>
    <AlarmTime>{time}</AlarmTime><AlarmDescription>{text}</AlarmDescription>{kind}{more}</Notify>"""


def hik(event="VMD", state="active", more="", space=' xmlns="http://www.hikvision.com/ver20/XMLSchema"', count=1):
    return f"""<EventNotificationAlert version="2.0"{space}><macAddress>02:00:00:00:00:17</macAddress><channelID>1</channelID>
    <dateTime>2025-03-04T13:53:05+01:00</dateTime><activePostCount>{count}</activePostCount><eventType>{event}</eventType>
    <eventState>{state}</eventState><eventDescription>x alarm</eventDescription>{more}</EventNotificationAlert>"""


def alarm(message, encoding="gb18030"):
    """The one sound report of a message."""
    (report,) = cleaned("video", message.encode(encoding) if isinstance(message, str) else message)
    assert report["reasons"] == [], report["detail"]
    return report


@pytest.mark.parametrize(
    ("method", "kind", "report_kind", "category", "words"),
    [
        ("5", "<Info><AlarmType>6</AlarmType></Info>", "device_alarm", "public_security", "5/6"),
        ("5", "<info><AlarmType>6</AlarmType></info>", "device_alarm", "public_security", "5/6"),
        ("5", "<INFO><alarmType>06</alarmType></INFO>", "device_alarm", "public_security", "5/6"),
        ("5", "<AlarmType>6</AlarmType>", "device_alarm", "public_security", "5/6"),
        ("5", "<AlarmTypeParam><AlarmType>6</AlarmType></AlarmTypeParam>", "device_alarm", "public_security", "5/6"),
        (
            "5",
            "<Info><AlarmTypeParam><AlarmType>6</AlarmType></AlarmTypeParam></Info>",
            "device_alarm",
            "public_security",
            "5/6",
        ),
        (
            "5",
            "<AlarmType>6</AlarmType><AlarmTypeParam><EventType>1</EventType></AlarmTypeParam>",
            "device_alarm",
            "public_security",
            "5/6",
        ),
        (
            "5",
            "<Info><AlarmTypeParam/></Info><Info><AlarmType>6</AlarmType></Info>",
            "device_alarm",
            "public_security",
            "5/6",
        ),
        ("５", "<Info><AlarmType>６</AlarmType></Info>", "device_alarm", "public_security", "5/6"),
        ("5", "<Info/>", "device_alarm", None, "5"),
        ("5", "<Info>11</Info>", "device_alarm", None, "5"),
        ("5", "", "device_alarm", None, "5"),
        ("5", "<Info><AlarmType>11</AlarmType></Info>", "device_fault", "equipment_fault", "5/11"),
        ("5", "<Info><AlarmType>13</AlarmType></Info>", "device_fault", "equipment_fault", "5/13"),
        ("5", "<Info><AlarmType>99</AlarmType></Info>", "device_alarm", None, "5"),
        ("2", "", "device_fault", "equipment_fault", "2"),
        ("2", "<Info><AlarmType>5</AlarmType></Info>", "device_fault", "equipment_fault", "2/5"),
        ("6", "<Info><AlarmType>2</AlarmType></Info>", "device_fault", "equipment_fault", "6/2"),
        ("6", "", "device_fault", "equipment_fault", "6"),
        ("12", "", "device_fault", "equipment_fault", "2"),
        ("1/2", "", "device_fault", "equipment_fault", "2"),
        ("1,2", "", "device_fault", "equipment_fault", "2"),
        ("12", "<Info><AlarmType>2</AlarmType></Info>", "device_fault", "equipment_fault", "2/2"),
        ("25", "<Info><AlarmType>2</AlarmType></Info>", "device_alarm", None, "5/2"),
        ("2/5", "<Info><AlarmType>6</AlarmType></Info>", "device_alarm", "public_security", "5/6"),
        ("1", "", "device_alarm", None, "1"),
        ("3", "", "device_alarm", None, "3"),
        ("4", "", "device_alarm", None, "4"),
        ("7", "", "device_alarm", None, "7"),
        ("0", "", "device_alarm", None, None),
    ],
)
def test_what_an_alarm_is_follows_from_method_and_type(method, kind, report_kind, category, words):
    report = alarm(gb(method, kind))
    assert (report["kind"], report["category"], report["source_category"]) == (report_kind, category, words)


def test_an_alarm_without_words_has_its_kind_for_words():
    assert alarm(gb(text=""))["text"] == "运动目标检测报警"
    assert alarm(gb(text="null", kind=""))["text"] == "视频报警"
    assert alarm(gb("8", "", text=""))["text"] == "未分类报警"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "declaration",
    [
        '<?xml version="1.0" encoding="GB2312"?>',
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<?xml version="1.0"?>',
        "",
        '<?xml version="1.0" encoding-"gb2312"?>',
    ],
)
def test_the_words_are_read_whatever_is_declared(encoding, declaration):
    message = declaration + "\r\n" + gb(text="东湖公园北门视频动检").partition("?>")[2]
    assert alarm(message if encoding != "utf-16-be" else message.lstrip(), encoding)["text"] == "东湖公园北门视频动检"


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2025-03-04T07:38:35", "2025-03-03 23:38:35+00:00"), ("2025-03-04 07:38:35", "2025-03-03 23:38:35+00:00"),
        ("2025-03-04T07:38:35.250", "2025-03-03 23:38:35.250000+00:00"), ("2025-03-04T07:38:35+08:00", "2025-03-03 23:38:35+00:00"),
        ("2025-03-04T07:38:35.5+0800", "2025-03-03 23:38:35.500000+00:00"), ("2025-03-04T07:38:35Z", "2025-03-04 07:38:35+00:00"),
        ("2025-03-04T07:38:35+8:00", "2025-03-03 23:38:35+00:00"), ("2025-3-4T7:38:35", "2025-03-03 23:38:35+00:00"),
        ("2025/03/04 07:38:35", "2025-03-03 23:38:35+00:00"), ("20250304073835", "2025-03-03 23:38:35+00:00"),
    ],
)  # fmt: skip
def test_a_time_without_a_zone_is_of_china(time, utc):
    assert str(alarm(gb(time=time))["received_at"]) == utc


@pytest.mark.parametrize(("time", "reason"), [("", "missing_time"), ("2025-03-04", "bad_time"), ("2025-02-30T07:38:35", "bad_time"), ("1970-01-01T08:00:00", "too_old")])  # fmt: skip
def test_a_time_that_says_nothing_is_told(time, reason):
    (record,) = cleaned("video", gb(time=time).encode("gb18030"))
    assert reason in record["reasons"]


@pytest.mark.parametrize(
    ("lon", "lat", "point"),
    [
        ("171.3", "34.2", (34.2, 171.3)), ("0", "0.0", (None, None)), ("0.000000", "33.4", (None, None)), ("", "", (None, None)),
        ("null", "null", (None, None)), ("118.19", "33.36", (33.36, 118.19)),
    ],
)  # fmt: skip
def test_zeros_are_no_place(lon, lat, point):
    report = alarm(gb(more=f"<Longitude>{lon}</Longitude><Latitude>{lat}</Latitude>"))
    assert (report["lat"], report["lon"]) == point


def test_the_number_of_a_camera_tells_the_county():
    assert alarm(gb())["county_code"] == "990101"
    other = alarm(gb().replace("99010120131320000017", "IPC-7"))
    assert (other["county_code"], other["device_id"]) == (None, "IPC-7")


def test_an_alarm_without_a_sequence_number_has_an_id_nevertheless():
    assert alarm(gb(sn=""))["source_id"] == "99010120131320000017-5/2-2025-03-04T07:38:35"


SIP = "{0} sip:x@y SIP/2.0{1}Via: SIP/2.0/UDP 192.0.2.1{1}CSeq: 3 {0}{1}Content-Type: {2}{1}Content-Length: 5{1}{1}"


@pytest.mark.parametrize("method", ["MESSAGE", "NOTIFY"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("kind", ["Application/MANSCDP+xml", "Application/MANSCDP+xml; charset=gb2312"])
def test_headers_before_the_message_do_not_matter(method, end, kind):
    whole = SIP.format(method, end, kind) + gb(text="视频动检")
    report = alarm(whole)
    assert (report["text"], report["source_id"]) == ("视频动检", alarm(gb())["source_id"])


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("<Notify><CmdType>Catalog</CmdType></Notify>", "unknown_message"),
        ("<Notify><CmdType>MobilePosition</CmdType><SN>1</SN></Notify>", "unknown_message"),
        ("<Notify><CmdType>MediaStatus</CmdType></Notify>", "unknown_message"),
        ("<Notify>Alarm</Notify>", "unknown_message"),
        ("<Response><CmdType>Alarm</CmdType><SN>1</SN><Result>OK</Result></Response>", "unknown_message"),
        ("<Response/>", "unknown_message"),
        ("<Query><CmdType>Alarm</CmdType></Query>", "unknown_message"),
        ("<Control><CmdType>DeviceControl</CmdType></Control>", "unknown_message"),
        ("<Notify><cmdType>Keepalive</cmdType></Notify>", "heartbeat"),
        (SIP.format("MESSAGE", "\r\n", "x") + "<Notify><CmdType>Keepalive</CmdType></Notify>", "heartbeat"),
        ("SIP/2.0 200 OK\r\nCSeq: 3 MESSAGE\r\nContent-Length: 0\r\n\r\n", "unknown_message"),
        (hik("videoloss", "inactive", count=0), "heartbeat"),
        (hik("videoloss", "active", count=0), "heartbeat"),
        (hik("heartBeat"), "heartbeat"),
        (hik("duration"), "heartbeat"),
        (hik("fielddetection", "inactive"), "heartbeat"),
        (hik("PeopleCounting"), "unknown_message"),
        (hik(""), "unknown_message"),
        ('{"eventType": "heartBeat", "eventState": "active", "ipAddress": "192.0.2.1"}', "heartbeat"),
        ("--b\r\nContent-Type: image/jpeg\r\n\r\n\x07\x08\r\n--b--", "unknown_message"),
        ("[]", "malformed_payload"),
        ("[3]", "malformed_payload"),
        (hik("faceSnap"), "forbidden_field"),
        (hik("facedetection"), "forbidden_field"),
        (hik("whiteListFaceContrast"), "forbidden_field"),
        (hik("facelib"), "forbidden_field"),
        (hik("ANPR"), "forbidden_field"),
        (hik("vehicleDetection"), "forbidden_field"),
        (hik("HUMANATTRIBUTE"), "forbidden_field"),
        (hik("blackList"), "forbidden_field"),
        (hik("faceThermometry"), "forbidden_field"),
        (hik(more="<ANPR><licensePlate>x</licensePlate></ANPR>"), "forbidden_field"),
        (hik(more="<FaceRect><x>1</x></FaceRect>"), "forbidden_field"),
        (hik(more='<Target plateNo="x"/>'), "forbidden_field"),
        (
            '{"eventType": "AccessControllerEvent", "dateTime": "2025-03-04T07:38:35+08:00", "macAddress": "02:00:00:00:00:17"}',
            "forbidden_field",
        ),
    ],
)
def test_what_is_no_alarm_is_set_aside(payload, reason):
    assert [record["reasons"] for record in cleaned("video", payload.encode())] == [[reason]]


@pytest.mark.parametrize(
    ("event", "kind", "category"),
    [
        ("VMD", "device_alarm", None), ("linedetection", "device_alarm", "public_security"), ("fieldDetection", "device_alarm", "public_security"),
        ("regionEntrance", "device_alarm", "public_security"), ("PIR", "device_alarm", None), ("IO", "device_alarm", None),
        ("fireDetection", "device_alarm", "fire"), ("smokeDetection", "device_alarm", "fire"), ("parking", "device_alarm", "traffic_order"),
        ("group", "device_alarm", "public_security"), ("faildown", "device_alarm", "medical"), ("waterLevel", "device_alarm", "flood"),
        ("tamperdetection", "device_fault", "equipment_fault"), ("shelteralarm", "device_fault", "equipment_fault"),
        ("diskfull", "device_fault", "equipment_fault"), ("diskerror", "device_fault", "equipment_fault"), ("nicbroken", "device_fault", "equipment_fault"),
        ("videoloss", "device_fault", "equipment_fault"), ("illaccess", "device_fault", "equipment_fault"), ("fanfailure", "device_fault", "equipment_fault"),
        ("surfaceWaterDetection", "device_alarm", None), ("newVendorEvent", "device_alarm", None),
    ],
)  # fmt: skip
def test_hikvisions_events_have_our_categories(event, kind, category):
    report = alarm(hik(event))
    assert (report["kind"], report["category"], report["source_category"]) == (kind, category, event.lower())


def test_a_traffic_incident_is_named_within():
    report = alarm(hik("AID", more="<AID><illegalTrafficEvent>trafficAccident</illegalTrafficEvent></AID>"))
    assert (report["category"], report["text"]) == ("traffic_accident", "交通事故告警")


@pytest.mark.parametrize(
    "space",
    [
        "", ' xmlns="urn:psialliance-org"', ' xmlns="http://www.hikvision.com/ver20/XMLSchema"', ' xmlns="http://www.isapi.org/ver20/XMLSchema"',
        ' xmlns="http://www.std-cgi.com/ver20/XMLSchema"',
    ],
)  # fmt: skip
def test_name_spaces_of_hikvision_do_not_matter(space):
    report = alarm(hik(space=space))
    assert report["source_id"] == "02:00:00:00:00:17-1-2025-03-04T13:53:05+01:00-VMD-1"
    assert str(report["received_at"]) == "2025-03-04 12:53:05+00:00"


def test_prefixed_names_do_not_matter():
    named = hik(space=' xmlns:h="http://www.isapi.org/ver20/XMLSchema"').replace("<", "<h:").replace("<h:/", "</h:")
    assert alarm(named)["source_id"] == alarm(hik())["source_id"]


def test_json_says_the_same():
    flat = {
        "macAddress": "02:00:00:00:00:17",
        "channelID": 1,
        "dateTime": "2025-03-04T13:53:05+01:00",
        "activePostCount": 1,
        "eventType": "VMD",
        "eventState": "active",
    }
    for document in (flat, {"EventNotificationAlert": flat}, [flat]):
        report = alarm(json.dumps(document))
        assert (report["source_id"], report["text"]) == (alarm(hik())["source_id"], "移动侦测告警")


def test_the_gps_element_counts_hundredths_of_seconds():
    report = alarm(hik(more="<GPS><longitude>42548400</longitude><latitude>12009600</latitude></GPS>"))
    assert (report["lat"], report["lon"]) == (33.36, 118.19)


PICTURE = b"\xff\xd8\xff\xe0JFIF<EventNotificationAlert>\r\n--other\r\n\xff\xd9"


def parts(*texts, boundary="MIME_boundary", end=b"\r\n", head=True):
    """A body as cameras post it: XML parts, each with a picture after it."""
    mark = b"--" + boundary.encode()
    found = []
    for number, text in enumerate(texts):
        name = f'Content-Disposition: form-data; name="part{number}"'.encode() + end if head else b""
        found += [mark + end + name + b'Content-Type: application/xml; charset="UTF-8"' + end + end + text.encode()]
        found += [mark + end + b"Content-Type: image/jpeg" + end + b"Content-Length: 3" + end + end + PICTURE]
    return end.join([*found, mark + b"--" + end])


@pytest.mark.parametrize("boundary", ["MIME_boundary", "<boundary>", "--myboundary", "boundary", "-----------------------------7e13971310878"])  # fmt: skip
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_pictures_stay_behind(boundary, end):
    report = alarm(parts(hik("fielddetection"), boundary=boundary, end=end))
    assert (report["category"], report["text"]) == ("public_security", "周界入侵告警")
    assert not [value for value in report.values() if "JFIF" in str(value)]


def test_a_stream_of_parts_is_a_message_each():
    body = parts(hik("fielddetection"), hik("videoloss", "inactive"), hik("faceSnap"), hik("diskfull"), "<broken")
    records = cleaned("video", b"Content-Type: multipart/mixed; boundary=MIME_boundary\r\n\r\n" + body)
    assert [record["reasons"] for record in records] == [
        [],
        ["heartbeat"],
        ["forbidden_field"],
        [],
        ["malformed_payload"],
    ]
    assert [record["item_no"] for record in records] == [0, 1, 2, 3, 4]


def test_a_large_picture_does_not_cost_the_alarm():
    body = parts(hik("fielddetection")).replace(PICTURE, b"\xff" * 3_000_000)
    assert alarm(body)["category"] == "public_security"


def test_a_picture_that_is_called_a_face_or_a_plate_is_refused():
    body = parts(hik()).replace(
        b"Content-Type: image/jpeg", b'Content-Disposition: form-data; filename="licensePlatePicture.jpg"'
    )
    (record,) = cleaned("video", body)
    assert record["reasons"] == ["forbidden_field"]


def test_the_events_of_a_platform_are_reports_each():
    event = {
        "eventId": "E1",
        "eventType": 131331,
        "happenTime": "2025-03-04T07:20:51.531+08:00",
        "srcIndex": "c1",
        "srcName": "东墙",
        "status": 1,
    }
    events = [event, event | {"eventId": "E2", "eventType": 131329, "status": 0}, event | {"status": 2}]
    push = {"method": "OnEventNotify", "params": {"ability": "event_vss", "events": events, "sendTime": "x"}}
    first, second, third = cleaned("video", json.dumps(push).encode())
    assert (first["source_id"], first["text"], first["place"], first["kind"]) == (
        "E1",
        "移动侦测告警",
        "东墙",
        "device_alarm",
    )
    assert (second["source_id"], second["kind"], third["reasons"]) == ("E2", "device_fault", ["heartbeat"])
    push["params"]["ability"] = "event_face_recognition"
    assert {tuple(record["reasons"]) for record in cleaned("video", json.dumps(push).encode())} == {
        ("forbidden_field",),
        ("heartbeat",),
    }


def test_who_was_seen_is_not_taken_over():
    target = "<DetectionRegionList><DetectionRegionEntry><detectionTarget>human</detectionTarget><TargetRect><X>0.6</X></TargetRect></DetectionRegionEntry></DetectionRegionList>"
    report = alarm(hik("fielddetection", more=target))
    assert not [value for value in report.values() if "human" in str(value) or "0.6" in str(value)]
    assert report["text"] == "周界入侵告警"


def test_words_that_are_no_codes_are_not_shown_to_the_engineer():
    (record,) = cleaned("video", "<Notify><CmdType>张三13900000001</CmdType></Notify>".encode())
    assert record["detail"] == "notify/? is no alarm"
