"""Hikvision ISAPI `EventNotificationAlert`, as XML or JSON, and the platform iSecure Center's `OnEventNotify`."""

import re

from schemas.feeds.contract import Adapted, Item
from schemas.feeds.elements import children, is_zero, lowered, shown, words
from schemas.feeds.video_kinds import ISC_EVENTS, label, report_kind
from schemas.feeds.written import moment

# Detectors of faces, plates, bodies' heat, passes and phones: their messages are refused whole.
PERSONS = re.compile(
    r"(?<!sur)face|anpr|plate|vehicledetection|vehicle(list|match|recog)|humanattribute|human(recog|feature)|bodydetection|mixedtarget"
    r"|blacklist|whitelist|blocklist|allowlist|stranger|accesscontroller|idcard|identity|certificate|thermometryhuman|humantemp"
    r"|(people|person|target)track|keyperson|wifi|imsi|mac(probe|sniff)|qrcode|attendance|^event_(face|frs|acs|mpc|pms|visitor|gps)"
)
SIGNS_OF_LIFE = ("heartbeat", "keepalive", "duration")  # `duration` repeats every second while an alarm lasts
STATISTICS = (
    "counting",
    "peoplecounting",
    "heatmap",
    "heatmapreport",
    "framespeoplecounting",
    "tfs",
    "regionalpeoplecounting",
)
ENDED = ("2", "4", "5")  # iSecure Center's status: stopped, or more of an event that was told
NO_ADDRESS = re.compile(r"^[0:.\-]+$")
HUNDREDTHS = 360_000  # of a second in a degree: how the GPS element counts


def isapi(message: Item) -> Adapted:
    """One alarm. The source gives no id of an event: device, channel, time, event and post count make one."""
    alarm = lowered(message)
    written = words(alarm, "eventtype") or ""
    event, state, count = (
        written.lower(),
        (words(alarm, "eventstate") or "active").lower(),
        words(alarm, "activepostcount") or "1",
    )
    if aside := _set_aside(event, state, count):
        return aside
    device, channel, time = (
        _device(alarm),
        words(alarm, "channelid", "dynchannelid", "inputioportid", "dyninputioportid"),
        words(alarm, "datetime"),
    )
    kind = _kind(event, alarm)
    lat, lon = _point(alarm)
    item = {
        "source_id": f"{device}-{channel or 0}-{time}-{written}-{count}" if device and time else None,
        "received_at": moment(time),
        "kind": report_kind(kind),
        "category": kind,
        "text": label(kind) or words(alarm, "eventdescription"),
        "place": words(alarm, "channelname", "channel name"),
        "lat": lat,
        "lon": lon,
        "device_id": f"{device}-{channel}" if device and channel else device,
    }
    return _refused(item, event)


def isecure(message: Item) -> Adapted:
    """One event of the platform, which has an id of its own."""
    event = lowered(message)
    code, ability = words(event, "eventtype") or "", (words(event, "ability") or "").lower()
    if words(event, "status") in ENDED:
        return Adapted({}, ("heartbeat",), "the end or more of an event")
    kind = ISC_EVENTS.get(code) or (words(next(iter(children(event, "data")), {}), "eventtype") or code).lower()
    camera = words(event, "srcindex")
    item = {
        "source_id": words(event, "eventid"),
        "received_at": moment(words(event, "happentime")),
        "kind": report_kind(kind),
        "category": kind or None,
        "text": label(kind) or words(event, "eventname", "eventtypename") or (f"事件 {code}" if code else None),
        "place": words(event, "srcname"),
        "device_id": camera,
    }
    return _refused(item, f"{ability} {kind}")


def _refused(item: Item, event: str) -> Adapted:
    is_of_persons = any(PERSONS.search(word) for word in event.split())
    return Adapted({}, ("forbidden_field",), "detector of persons or plates") if is_of_persons else Adapted(item)


def _set_aside(event: str, state: str, count: str) -> Adapted | None:
    """What is no alarm: signs of life, the end of an alarm, counts; None for an alarm."""
    if not event:
        return Adapted({}, ("unknown_message",), "EventNotificationAlert without eventType")
    if state == "inactive" or event in SIGNS_OF_LIFE or (event == "videoloss" and count == "0"):
        return Adapted({}, ("heartbeat",), f"{shown(event)} {shown(state)}")
    if event in STATISTICS:
        return Adapted({}, ("unknown_message",), f"{shown(event)}: statistics, not an alarm")
    return None


def _kind(event: str, alarm: Item) -> str:
    """The event, and of a traffic incident (AID) which."""
    if event != "aid":
        return event
    incident = next((words(part, "illegaltrafficevent", "aidtype") for part in children(alarm, "aid")), None)
    return f"aid/{incident.lower()}" if incident else event


def _device(alarm: Item) -> str | None:
    """What names the device: its hardware address, serial number or id, and last its address in the network."""
    serial = next((words(part, "serialnumber") for part in children(alarm, "extensions")), None)
    names = [
        words(alarm, "macaddress"),
        serial,
        words(alarm, "deviceid", "deviceserial", "serialno"),
        words(alarm, "ipaddress", "ipv6address"),
    ]
    return next((name for name in names if name and not NO_ADDRESS.match(name)), words(alarm, "ipaddress"))


def _point(alarm: Item) -> tuple[str | None, str | None]:
    """Latitude and longitude; the GPS element counts hundredths of seconds. None where either is zero."""
    place = next(iter(children(alarm, "gps", "gpsinfo", "location")), alarm)
    point = [_degrees(words(place, name), words(place, f"{name}type")) for name in ("latitude", "longitude")]
    return (None, None) if any(number and is_zero(number) for number in point) else (point[0], point[1])


def _degrees(written: str | None, side: str | None) -> str | None:
    if written is None or not re.fullmatch(r"\d{4,9}", written):
        return written
    degrees = int(written) / HUNDREDTHS
    return f"{-degrees if (side or '').upper() in ('S', 'W') else degrees:.7f}"
