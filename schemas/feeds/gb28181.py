"""GB/T 28181, A.2.5: the alarm notice as cameras and platforms really send it.

The standard's AlarmPriority is not taken over: cameras send the first grade for every moving leaf.
"""

import re
import unicodedata

from schemas.feeds.contract import Adapted, Item
from schemas.feeds.elements import children, is_zero, lowered, shown, words
from schemas.feeds.video_kinds import METHODS, label, report_kind
from schemas.feeds.written import moment

# AlarmMethod may join several, as in `12` or `1/2`. 5, 6 and 2 say what happened; 1, 3 and 4 only how it was told.
TELLING = ("5", "6", "2", "7", "1", "3", "4")
CODE = re.compile(r"^\d{20}$")  # of a device: six digits of the county, then unit, industry, type, network, number
UNNAMED = "未分类报警"


def gb28181(message: Item, root: str = "notify") -> Adapted:
    """A message under the given root element; anything but an alarm ends here with its reason."""
    notice = lowered(message)
    command = (words(notice, "cmdtype") or "").lower()
    if command == "keepalive":
        return Adapted({}, ("heartbeat",), f"{root}/Keepalive")
    if root != "notify" or command != "alarm":
        return Adapted({}, ("unknown_message",), f"{root}/{shown(command)} is no alarm")
    return Adapted(_alarm(notice))


def _alarm(notice: Item) -> Item:
    """The source gives no id of an alarm: camera, sequence number (or kind) and time make one."""
    kind = _kind(notice)
    camera, time = words(notice, "deviceid", "channelid"), words(notice, "alarmtime")
    number = words(notice, "sn") or kind
    lat, lon = _point(notice)
    return {
        "source_id": f"{camera}-{number}-{time}" if camera and number and time else None,
        "received_at": moment(time),
        "kind": report_kind(kind),
        "category": kind,
        "text": words(notice, "alarmdescription") or label(kind) or UNNAMED,
        "place": words(notice, "alarmplace") or next((words(info, "alarmplace") for info in _infos(notice)), None),
        "area_code": camera[:6] if camera and CODE.match(camera) else None,
        "lat": lat,
        "lon": lon,
        "device_id": camera,
    }


def _kind(notice: Item) -> str | None:
    """`method/type`, or the method alone where the type is none of its own; None where the notice names neither."""
    written = unicodedata.normalize("NFKC", words(notice, "alarmmethod") or "")
    methods = [method for method in TELLING if method in written]
    kind = next((found for place in (notice, *_infos(notice)) if (found := words(place, "alarmtype"))), "")
    number = unicodedata.normalize("NFKC", kind).lstrip("0")
    pairs = [f"{method}/{number}" for method in methods if f"{method}/{number}" in METHODS]
    return next(iter([*pairs, *methods]), None)


def _infos(notice: Item) -> list[Item]:
    """Where else cameras put AlarmType: Info, AlarmTypeParam, and the one inside the other."""
    infos = children(notice, "info", "alarminfo", "alarmtypeparam")
    return [*infos, *(inner for info in infos for inner in children(info, "info", "alarmtypeparam"))]


def _point(notice: Item) -> tuple[str | None, str | None]:
    """Latitude and longitude as written; none where either is zero, which no place in China has."""
    point = words(notice, "latitude"), words(notice, "longitude")
    return (None, None) if any(number and is_zero(number) for number in point) else point
