"""Video alarms: GB/T 28181 `Notify/Alarm` and Hikvision ISAPI `EventNotificationAlert` on one topic, told apart by the root element.

A video alarm is a kind of event, a camera, a place and a time. Who or what was seen is not taken over.
"""

from schemas.feeds.contract import TOPIC_PREFIX, Adapted, Feed, Item, Sample, shares
from schemas.feeds.video_samples import GB28181, GB_FAULT, GB_KEEPALIVE, HIK_HEARTBEAT, HIK_PLATE, HIK_SELF, HIKVISION

# GB/T 28181-2022 A.2.5: AlarmMethod, then AlarmType within it. A method alone stands for its types that are not listed.
METHODS = {
    "1": "电话报警", "2": "设备报警", "3": "短信报警", "4": "GPS报警", "5": "视频报警", "6": "设备故障报警", "7": "其他报警",
    "2/1": "视频丢失报警", "2/2": "设备防拆报警", "2/3": "存储设备磁盘满报警", "2/4": "设备高温报警", "2/5": "设备低温报警",
    "5/1": "人工视频报警", "5/2": "运动目标检测报警", "5/3": "遗留物检测报警", "5/4": "物体移除检测报警", "5/5": "绊线检测报警",
    "5/6": "入侵检测报警", "5/7": "逆行检测报警", "5/8": "徘徊检测报警", "5/9": "流量统计报警", "5/10": "密度检测报警",
    "5/11": "视频异常检测报警", "5/12": "快速移动报警", "5/13": "图像遮挡报警",
    "6/1": "存储设备磁盘故障报警", "6/2": "存储设备风扇故障报警",
}  # fmt: skip
HIK_EVENTS = {
    "vmd": "移动侦测告警", "linedetection": "越界侦测告警", "fielddetection": "周界入侵告警", "regionentrance": "进入区域告警",
    "regionexiting": "离开区域告警", "pir": "人体感应告警", "loitering": "徘徊告警", "group": "人员聚集告警", "rapidmove": "快速移动告警",
    "parking": "违法停车告警", "unattendedbaggage": "物品遗留告警", "attendedbaggage": "物品拿取告警", "firedetection": "火点告警",
    "smokedetection": "烟雾告警", "smokeandfiredetection": "烟火告警", "tma": "温度异常告警", "tamperdetection": "遮挡告警",
    "shelteralarm": "遮挡告警", "videoloss": "视频丢失告警", "videomismatch": "制式不符告警", "badvideo": "图像异常告警",
    "scenechangedetection": "场景变更告警", "diskfull": "磁盘满告警", "diskerror": "磁盘故障告警", "nicbroken": "网络断开告警",
    "ipconflict": "地址冲突告警", "illaccess": "非法访问告警", "io": "开关量告警",
}  # fmt: skip
LABELS = METHODS | HIK_EVENTS

CATEGORIES = {
    "2/1": "equipment_fault", "2/2": "equipment_fault", "2": "equipment_fault", "6": "equipment_fault",
    "5/5": "public_security", "5/6": "public_security", "5/7": "traffic_order", "5/11": "equipment_fault", "5/13": "equipment_fault",
    "linedetection": "public_security", "fielddetection": "public_security", "regionentrance": "public_security",
    "parking": "traffic_order", "firedetection": "fire", "smokedetection": "fire", "smokeandfiredetection": "fire", "tma": "fire",
    "tamperdetection": "equipment_fault", "shelteralarm": "equipment_fault", "videoloss": "equipment_fault", "videomismatch": "equipment_fault",
    "badvideo": "equipment_fault", "scenechangedetection": "equipment_fault", "diskfull": "equipment_fault", "diskerror": "equipment_fault",
    "nicbroken": "equipment_fault", "ipconflict": "equipment_fault", "illaccess": "equipment_fault",
}  # fmt: skip
# Detectors of faces, plates and bodies' heat: their messages are refused whole.
PERSON_EVENTS = ("face", "anpr", "vehicledetection", "humanattribute", "bodydetection", "facethermometry")


def adapt(document: Item) -> Adapted:
    """A message of either standard as one flat item, or the reason why it is none."""
    if isinstance(alarm := document.get("EventNotificationAlert"), dict):
        return _hikvision(alarm)
    if isinstance(notify := document.get("Notify"), dict):
        return _gb28181(notify)
    return Adapted({}, ("unknown_message",), "root element is neither Notify nor EventNotificationAlert")


def _gb28181(notify: Item) -> Adapted:
    """The source gives no id of an alarm: camera, sequence number and time make one."""
    if _text(notify, "CmdType") == "Keepalive":
        return Adapted({}, ("heartbeat",), "Notify/Keepalive")
    if _text(notify, "CmdType") != "Alarm":
        return Adapted({}, ("unknown_message",), "Notify without CmdType Alarm")
    info = notify.get("Info") or notify.get("info") or {}
    kind = _alarm_kind(notify, info if isinstance(info, dict) else {})
    camera, number, time = _text(notify, "DeviceID"), _text(notify, "SN"), _text(notify, "AlarmTime")
    return Adapted({
        "source_id": f"{camera}-{number}-{time}" if camera and number and time else None,
        "received_at": time,
        "category": kind,
        "text": _text(notify, "AlarmDescription") or _label(kind),
        "place": _text(notify, "AlarmPlace") or (_text(info, "AlarmPlace") if isinstance(info, dict) else None),
        "area_code": (camera or "")[:6],
        "lat": _text(notify, "Latitude"),
        "lon": _text(notify, "Longitude"),
        "device_id": camera,
    })  # fmt: skip


def _alarm_kind(notify: Item, info: Item) -> str | None:
    """`method/type`, or the method alone where the type is none of its own.

    AlarmMethod may join several methods, as in `12` or `1/2`; some cameras put AlarmType at the root.
    """
    methods = [digit for digit in _text(notify, "AlarmMethod") or "" if digit in METHODS]
    kind = _text(info, "AlarmType") or _text(notify, "AlarmType")
    pairs = [f"{method}/{kind}" for method in methods if f"{method}/{kind}" in METHODS]
    return next(iter([*pairs, *(method for method in methods if method in CATEGORIES), *methods]), None)


def _hikvision(alarm: Item) -> Adapted:
    """The source gives no id of an event: device, channel, time, event and post count make one."""
    event, state = (_text(alarm, "eventType") or ""), (_text(alarm, "eventState") or "").lower()
    if state == "inactive":
        return Adapted({}, ("heartbeat",), f"{event} inactive" if event.isalnum() else "inactive")
    if not event:
        return Adapted({}, ("unknown_message",), "EventNotificationAlert without eventType")
    device = _text(alarm, "macAddress") or _serial(alarm) or _text(alarm, "deviceID")
    channel, time = _text(alarm, "channelID") or _text(alarm, "dynChannelID"), _text(alarm, "dateTime")
    count = _text(alarm, "activePostCount") or "1"
    point = alarm.get("GPS") if isinstance(alarm.get("GPS"), dict) else alarm
    item = {
        "source_id": f"{device}-{channel or 0}-{time}-{event}-{count}" if device and time else None,
        "received_at": time,
        "category": event.lower(),
        "text": _label(event.lower()) or _text(alarm, "eventDescription"),
        "place": _text(alarm, "channelName"),
        "lat": _text(point, "latitude"),
        "lon": _text(point, "longitude"),
        "device_id": f"{device}-{channel}" if device and channel else device,
    }
    refused = event.lower().startswith(PERSON_EVENTS)
    return Adapted(item, ("forbidden_field",) if refused else (), "detector of persons or plates" if refused else "")


def _serial(alarm: Item) -> str | None:
    extensions = alarm.get("Extensions")
    return _text(extensions, "serialNumber") if isinstance(extensions, dict) else None


def _label(kind: str | None) -> str | None:
    return LABELS.get(kind or "") or LABELS.get((kind or "").split("/")[0])


def _text(item: Item | None, name: str) -> str | None:
    """The words of an element; of a repeated one, the first."""
    value = (item or {}).get(name)
    found = value[0] if isinstance(value, list) and value else value
    return found.strip() or None if isinstance(found, str) else None


FEED = Feed(
    code="video",
    name_zh="视频告警",
    name_en="video alarms",
    topic=TOPIC_PREFIX + "video",
    format="xml",
    encoding="gb18030",
    adapt=adapt,
    mapping={
        name: (name,)
        for name in ("source_id", "received_at", "category", "text", "place", "area_code", "lat", "lon", "device_id")
    },
    kinds={},
    default_kind="device_alarm",
    categories=CATEGORIES | {kind: "equipment_fault" for kind in METHODS if kind.startswith(("2", "6"))},
    admits=("device_alarm",),
    owner_unit="video_operations",
    time_formats=("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S"),
    rhythm=shares(3.5, 3, 3, 3, 3, 3, 3.5, 4.5, 5, 5, 5, 4.5, 4.5, 4.5, 4.5, 4.5, 5, 5.5, 5.5, 5, 4.5, 4, 4, 3.5),
    samples=(
        Sample("GB/T 28181, intrusion", GB28181.encode("gb18030")),
        Sample("declared GB2312, but UTF-8, and no position", GB28181.replace("118.1902", "0").replace("33.3601", "0").encode()),
        Sample("a disk fault, type at the root, method joined", GB_FAULT.encode("gb18030")),
        Sample("Hikvision, version 2.0", HIKVISION.encode()),
        Sample("Hikvision, version 1.0 of another name space", HIK_SELF.encode()),
        Sample("a sign of life", HIK_HEARTBEAT.encode(), ("heartbeat",)),
        Sample("a keep-alive", GB_KEEPALIVE.encode(), ("heartbeat",)),
        Sample("a number plate", HIK_PLATE.encode(), ("forbidden_field",)),
        Sample("a query, not an alarm", b"<Query><CmdType>Alarm</CmdType></Query>", ("unknown_message",)),
        Sample("no camera", GB28181.replace("99010120131320000017", "").encode("gb18030"), ("missing_source_id",)),
        Sample("a month too many", GB28181.replace("2025-03-04", "2025-13-04").encode("gb18030"), ("bad_time",)),
    ),
)  # fmt: skip
