"""Fields that no feed may send: faces, identities, number plates, traces of devices, lists and scores of persons."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from schemas.feeds.written import plain_name

# Matched against a field's name in lower case without `_`, `-`, `.` and spaces.
NAMES = re.compile(
    r"^face(?!t(s|ed)?$)|(?<!sur)(?<!inter)face(url|id|image|img|pic|rect|score|lib|snap|match|feature|compare|contrast|token)"
    r"|人脸|(?:^|ev)humanface|idcard|idno$|identity(no|card|number)|^sfzh|^zjhm|身份证|证件号|certificate(no|num)"
    r"|plate(no|num|number|license)|licenseplate|(vehicle|car)plate|^plate(s|info|picture|image)?$|^(cphm?|hphm)$|车牌|号牌号码"
    r"|^(imsi|imei)s?$|electronicfence|电子围栏|指纹|fingerprint|irisid|gaitid|personid|身份识别"
    r"|(special|key|focus|important)(person|people|population|crowd)|重点人员|特殊人群|(credit|risk|person)score|personaltag"
    r"|psychopath|mentalpatient|drugaddict|communitycorrection|releasedprisoner|petitionperson|吸毒|社区矫正|刑满释放|精神障碍|上访人员"
)
NOTHING: tuple[Any, ...] = (None, "", [], {})
TOGETHER = 64
MOST_NAMES, LONGEST_NAMES = 300, 6_000  # of one object that is worth remembering: strangers' names must not fill memory


def forbidden_field(item: Any) -> str | None:
    """The name of the first forbidden field that holds something, at any depth; None where there is none."""
    waiting = [item]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for name in _forbidden_of(tuple(value)):
                if value[name] not in NOTHING:
                    return name
            value = value.values()
        waiting += [child for child in value if child.__class__ is dict or child.__class__ is list]
    return None


def forbidden_fields(items: Sequence[Any]) -> list[str | None]:
    """`forbidden_field` of each: names are looked at together, and only where one is forbidden item by item."""
    found: list[str | None] = []
    for start in range(0, len(items), TOGETHER):
        some = items[start : start + TOGETHER]
        found += map(forbidden_field, some) if _has_forbidden_name(some) else [None] * len(some)
    return found


def forbidden_name(name: str) -> bool:
    """Whether a field of this name is forbidden."""
    return NAMES.search(plain_name(name)) is not None


def _has_forbidden_name(values: Sequence[Any]) -> bool:
    while values:
        if any(map(_forbidden_of, {tuple(value) for value in values if value.__class__ is dict})):
            return True
        inner = (value.values() if value.__class__ is dict else value for value in values)
        values = [child for some in inner for child in some if child.__class__ is dict or child.__class__ is list]
    return False


def _forbidden_of(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > MOST_NAMES or sum(map(len, names)) > LONGEST_NAMES:
        return _found(names)
    return _remembered(names)


@lru_cache(maxsize=4096)
def _remembered(names: tuple[str, ...]) -> tuple[str, ...]:
    """Messages of one source have the same names again and again."""
    return _found(names)


def _found(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if forbidden_name(name))
