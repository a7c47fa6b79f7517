"""Video alarms in the shapes of their two standards."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from lxml import etree

Canonical = Mapping[str, Any]
Variant = Literal["gb28181", "hikvision"]

LOCAL = ZoneInfo("Asia/Shanghai")
HIKVISION = "http://www.hikvision.com/ver20/XMLSchema"
# Our category -> AlarmMethod and AlarmType, or Hikvision's event; else an operator's video alarm, or motion.
GB_TYPES = {"equipment_fault": ("6", "1"), "public_security": ("5", "6"), "traffic_order": ("5", "7")}
HIK_EVENTS = {
    "equipment_fault": "diskfull",
    "public_security": "fielddetection",
    "traffic_order": "parking",
    "fire": "firedetection",
}
OTHER_GB, OTHER_HIK = ("5", "1"), "VMD"


def encode_video(item: Canonical, variant: Variant = "gb28181") -> bytes:
    """One alarm. Reads source_id, received_at, device_id, category, text, place, lat, lon.

    Hikvision's message has no words of its own: text is left out and the event's label stands for it.
    """
    return _gb28181(item) if variant == "gb28181" else _hikvision(item)


def video_source_id(item: Canonical, variant: Variant = "gb28181") -> str:
    """The id that cleaning makes from what the message holds."""
    if variant == "gb28181":
        return f"{item['device_id']}-{_number(item)}-{_local(item['received_at'])}"
    event = HIK_EVENTS.get(_category(item), OTHER_HIK)
    return (
        f"{_mac(item)}-1-{item['received_at'].astimezone(LOCAL).isoformat(timespec='seconds')}-{event}-{_number(item)}"
    )


def _gb28181(item: Canonical) -> bytes:
    method, kind = GB_TYPES.get(_category(item), OTHER_GB)
    notify = etree.Element("Notify")
    fields = {
        "CmdType": "Alarm", "SN": _number(item), "DeviceID": item["device_id"], "AlarmPriority": "4", "AlarmMethod": method,
        "AlarmTime": _local(item["received_at"]), "AlarmDescription": item.get("text"), "AlarmPlace": item.get("place"),
        "Longitude": item.get("lon"), "Latitude": item.get("lat"),
    }  # fmt: skip
    _fill(notify, fields)
    _fill(etree.SubElement(notify, "Info"), {"AlarmType": kind})
    return etree.tostring(notify, encoding="GB2312" if _is_gb2312(item) else "GB18030", xml_declaration=True)


def _hikvision(item: Canonical) -> bytes:
    alert = etree.Element("EventNotificationAlert", nsmap={None: HIKVISION}, version="2.0")
    event = HIK_EVENTS.get(_category(item), OTHER_HIK)
    fields = {
        "macAddress": _mac(item), "channelID": "1", "dateTime": item["received_at"].astimezone(LOCAL).isoformat(timespec="seconds"),
        "activePostCount": _number(item), "eventType": event, "eventState": "active", "eventDescription": f"{event} alarm",
        "channelName": item.get("place"), "latitude": item.get("lat"), "longitude": item.get("lon"),
    }  # fmt: skip
    _fill(alert, fields)
    return etree.tostring(alert, encoding="UTF-8", xml_declaration=True)


def _category(item: Canonical) -> str:
    return "equipment_fault" if item.get("kind") == "device_fault" else item.get("category") or ""


def _fill(element: Any, fields: Mapping[str, Any]) -> None:
    space = element.tag.rpartition("}")[0] + "}" if "}" in element.tag else ""
    for name, value in fields.items():
        if value is not None:
            etree.SubElement(element, space + name).text = str(value)


def _number(item: Canonical) -> int:
    """A sequence number from the digits of the item's id."""
    return int("".join(re.findall(r"\d+", str(item["source_id"])))[-9:] or 0)


def _mac(item: Canonical) -> str:
    """A locally administered address from the camera's number."""
    digits = str(item["device_id"])[-10:].rjust(10, "0")
    return "02:" + ":".join(digits[place : place + 2] for place in range(0, 10, 2))


def _local(moment: datetime) -> str:
    return moment.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M:%S")


def _is_gb2312(item: Canonical) -> bool:
    try:
        f"{item.get('text')}{item.get('place')}".encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
