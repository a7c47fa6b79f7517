"""Video alarms: GB/T 28181 and Hikvision on one topic, told apart by the root element.

A video alarm is a kind of event, a camera, a place and a time. Who or what was seen is not taken over. What a device
says of itself (lens covered, disk full) is a fault for those who run the cameras, no public event.
"""

from typing import Any

from schemas.feeds.contract import TOPIC_PREFIX, Adapted, Feed, Item, shares
from schemas.feeds.forbidden import forbidden_field
from schemas.feeds.gb28181 import gb28181
from schemas.feeds.hikvision import isapi, isecure
from schemas.feeds.video_kinds import CATEGORIES
from schemas.feeds.video_samples import SAMPLES

ROOTS = {"notify": gb28181, "eventnotificationalert": isapi, "oneventnotify": isecure}
GB_ROOTS = ("response", "query", "control")  # the other messages of GB/T 28181


def items_of(document: Any) -> list[Any]:
    """The messages of a document, each under its root: one, a list of them, or the events of a platform's push."""
    several = document if isinstance(document, list) else [document]
    return [item for one in several for item in (_pushed(one) if isinstance(one, dict) else [one])]


def _pushed(document: Item) -> list[Any]:
    push = document.get("params")
    if (
        isinstance(push, dict)
        and isinstance(events := push.get("events"), list)
        and not forbidden_field(_without(push))
    ):
        return [
            {"OnEventNotify": {"ability": push.get("ability"), **event}} if isinstance(event, dict) else event
            for event in events
        ]
    inner = next(iter(document.values())) if len(document) == 1 else None
    if isinstance(inner, dict) and len(inner) == 1 and isinstance(many := next(iter(inner.values())), list):
        root = next(iter(inner))
        return [{root: one} for one in many] if root.lower() in ROOTS else [document]
    return [document]


def adapt(document: Item) -> Adapted:
    """A message as one flat item, or the reason why it is none. JSON may come without a root element."""
    for name, message in document.items():
        if isinstance(message, dict) and name.lower() in ROOTS:
            return ROOTS[name.lower()](message)
        if isinstance(message, dict) and name.lower() in GB_ROOTS:
            return gb28181(message, name.lower())
    names = {name.lower() for name in document}
    if "eventtype" in names:
        return isapi(document)
    if {"alarmmethod", "alarmtime"} <= names:
        return gb28181({"CmdType": "Alarm", **document})
    return Adapted({}, ("unknown_message",), "root element is neither Notify nor EventNotificationAlert")


def _without(push: Item) -> Item:
    return {name: value for name, value in push.items() if name != "events"}


FEED = Feed(
    code="video",
    name_zh="视频告警",
    name_en="video alarms",
    topic=TOPIC_PREFIX + "video",
    format="xml",
    encoding="gb18030",
    items_of=items_of,
    adapt=adapt,
    mapping={
        name: (name,)
        for name in (
            "source_id",
            "received_at",
            "kind",
            "category",
            "text",
            "place",
            "area_code",
            "lat",
            "lon",
            "device_id",
        )
    },
    kinds={kind: kind for kind in ("device_alarm", "device_fault")},
    default_kind="device_alarm",
    categories=CATEGORIES,
    admits=("device_alarm", "device_fault"),
    owner_unit="video_operations",
    time_formats=("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z"),
    rhythm=shares(3.5, 3, 3, 3, 3, 3, 3.5, 4.5, 5, 5, 5, 4.5, 4.5, 4.5, 4.5, 4.5, 5, 5.5, 5.5, 5, 4.5, 4, 4, 3.5),
    expected_a_day=465,
    samples=SAMPLES,
)
