"""Invented messages of the video feed, in the shapes of its two standards."""

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
