"""Invented messages of the video feed, in the shapes of its two standards."""

from schemas.feeds.contract import Sample

GB28181 = """<?xml version="1.0" encoding="GB2312"?>
<Notify><CmdType>Alarm</CmdType><SN>41</SN><DeviceID>99010120131320000017</DeviceID><AlarmPriority>2</AlarmPriority>
<AlarmMethod>5</AlarmMethod><AlarmTime>2025-03-04T23:10:05</AlarmTime><AlarmDescription>水库围栏入侵</AlarmDescription>
<Longitude>118.1902</Longitude><Latitude>33.3601</Latitude><Info><AlarmType>6</AlarmType></Info></Notify>"""
GB_FAULT = """<?xml version="1.0" encoding="GB2312"?>
<Notify><CmdType>Alarm</CmdType><SN>42</SN><DeviceID>99010120131320000018</DeviceID><AlarmPriority>3</AlarmPriority>
<AlarmMethod>1/6</AlarmMethod><AlarmTime>2025-03-04T23:12:00</AlarmTime><AlarmType>1</AlarmType><info/></Notify>"""
GB_KEEPALIVE = """<?xml version="1.0"?><Notify><CmdType>Keepalive</CmdType><SN>43</SN>
<DeviceID>99010120131320000018</DeviceID><Status>OK</Status></Notify>"""

_HIKVISION = """<EventNotificationAlert version="{version}" xmlns="{space}">
<ipAddress>192.0.2.7</ipAddress><portNo>80</portNo><protocol>HTTP</protocol><macAddress>{mac}</macAddress><channelID>1</channelID>
<dateTime>2025-03-04T22:05:11+08:00</dateTime><activePostCount>{count}</activePostCount><eventType>{event}</eventType>
<eventState>{state}</eventState><eventDescription>{event} alarm</eventDescription><channelName>东湖公园北门</channelName>{more}
</EventNotificationAlert>"""

TARGET = """<DetectionRegionList><DetectionRegionEntry><regionID>1</regionID><detectionTarget>human</detectionTarget>
<TargetRect><X>0.5</X><Y>0.2</Y><width>0.1</width><height>0.4</height></TargetRect></DetectionRegionEntry></DetectionRegionList>"""
SERIAL = """<Extensions><serialNumber xmlns="urn:selfextension:psiaext-ver10-xsd">NL-CAM-0000018</serialNumber></Extensions>"""
PLATE = "<ANPR><licensePlate>x</licensePlate></ANPR>"

_OLD = ("1.0", "urn:psialliance-org", "")
_NEW = ("2.0", "http://www.hikvision.com/ver20/XMLSchema", "02:00:00:00:00:17")


def _hikvision(event: str, state: str = "active", count: int = 1, more: str = "", serial: str = "") -> str:
    """serial: of an older camera, which has another name space and no hardware address."""
    version, space, mac = _OLD if serial else _NEW
    return _HIKVISION.format(
        version=version, space=space, event=event, state=state, count=count, mac=mac, more=more + serial
    )


HIKVISION = _hikvision("fielddetection", more=TARGET)
HIK_SELF = _hikvision("PIR", count=118, serial=SERIAL)
HIK_HEARTBEAT = _hikvision("videoloss", state="inactive", count=0)
HIK_PLATE = _hikvision("ANPR", more=PLATE)

HIK_FAULT = _hikvision("diskfull")
SIP = (
    "MESSAGE sip:99010100002000000001@9901010000 SIP/2.0\r\nFrom: <sip:99010120131320000017@9901010000>;tag=1\r\n"
    "CSeq: 20 MESSAGE\r\nContent-Type: Application/MANSCDP+xml\r\nContent-Length: 999\r\n\r\n"
)
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\r\n--not the boundary\r\n\xff\xd9"
JSON = """{"ipAddress": "192.0.2.9", "portNo": 80, "macAddress": "02:00:00:00:00:19", "channelID": 3, "dateTime": "2025-03-04T22:05:11+08:00",
"activePostCount": 1, "eventType": "smokeDetection", "eventState": "active", "eventDescription": "smoke", "channelName": "石桥林场瞭望塔"}"""
PLATFORM = """{"method": "OnEventNotify", "params": {"ability": "event_vss", "sendTime": "2025-03-04T22:05:12.000+08:00", "events": [
{"eventId": "0B1C-19", "eventType": 131588, "happenTime": "2025-03-04T22:05:11.000+08:00", "srcIndex": "c19", "srcName": "水厂东墙", "srcType": "camera",
"status": 1, "timeout": 30}]}}"""
BILLION = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Notify><CmdType>&c;</CmdType></Notify>"""
FILE = """<!DOCTYPE Notify [<!ENTITY x SYSTEM "file:///etc/hostname">]><Notify><CmdType>Alarm</CmdType><SN>&x;</SN></Notify>"""


def _pushed(text: str, picture: str = "intrusion.jpg") -> bytes:
    """As cameras post it to an HTTP listener: the message, then a picture."""
    first = b'--MIME_boundary\r\nContent-Disposition: form-data; name="alert.xml"; filename="alert.xml"\r\nContent-Type: application/xml\r\n\r\n'
    second = f'\r\n--MIME_boundary\r\nContent-Disposition: form-data; name="{picture}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
    return first + text.encode() + second + PICTURE + b"\r\n--MIME_boundary--\r\n"


SAMPLES = (
    Sample("GB/T 28181, intrusion", GB28181.encode("gb18030")),
    Sample(
        "declared GB2312, but UTF-8, and no position", GB28181.replace("118.1902", "0").replace("33.3601", "0").encode()
    ),
    Sample("the whole SIP message", (SIP + GB28181).encode("gb18030")),
    Sample("a disk fault, type at the root, method joined: a device fault", GB_FAULT.encode("gb18030")),
    Sample("Hikvision, version 2.0", HIKVISION.encode()),
    Sample("Hikvision, version 1.0 of another name space", HIK_SELF.encode()),
    Sample("Hikvision, disk full: a device fault", HIK_FAULT.encode()),
    Sample("Hikvision, posted with a picture", _pushed(HIKVISION)),
    Sample("Hikvision, JSON", JSON.encode()),
    Sample("the events of a camera platform", PLATFORM.encode()),
    Sample("a sign of life", HIK_HEARTBEAT.encode(), ("heartbeat",)),
    Sample("a keep-alive", GB_KEEPALIVE.encode(), ("heartbeat",)),
    Sample("a number plate", HIK_PLATE.encode(), ("forbidden_field",)),
    Sample("a picture of a face", _pushed(HIKVISION, "faceImage.jpg"), ("forbidden_field",)),
    Sample("a query, not an alarm", b"<Query><CmdType>Alarm</CmdType></Query>", ("unknown_message",)),
    Sample("the list of cameras", b"<Response><CmdType>Catalog</CmdType><SN>1</SN></Response>", ("unknown_message",)),
    Sample("no camera", GB28181.replace("99010120131320000017", "").encode("gb18030"), ("missing_source_id",)),
    Sample("a month too many", GB28181.replace("2025-03-04", "2025-13-04").encode("gb18030"), ("bad_time",)),
    Sample(
        "half a point", GB28181.replace("<Longitude>118.1902</Longitude>", "").encode("gb18030"), ("bad_coordinates",)
    ),
    Sample("entities within entities", BILLION.encode(), ("forbidden_markup",)),
    Sample("a file of the machine", FILE.encode(), ("forbidden_markup",)),
    Sample("cut off", GB28181[:-40].encode("gb18030"), ("malformed_payload",)),
)
