"""Fields that no feed may send: faces, identities, number plates, traces of devices, lists and scores of persons."""

import re
from functools import lru_cache
from typing import Any

# Matched against a field's name in lower case without `_`, `-`, `.` and spaces.
NAMES = re.compile(
    r"^face(?!t)|face(url|id|image|img|pic|rect|score|lib|snap|match|feature)|人脸|(?:^|ev)humanface"
    r"|idcard|idno$|identity(no|card|number)|^sfzh|^zjhm|身份证|证件号"
    r"|plate(no|num|number|license)|licenseplate|(vehicle|car)plate|^(plate|cphm?|hphm)$|车牌|号牌号码"
    r"|^(imsi|imei)s?$|electronicfence|电子围栏|指纹|fingerprint|irisid|gaitid|personid|身份识别"
    r"|(special|key|focus)(person|people|population)|重点人员|特殊人群|(credit|risk|person)score|personaltag"
)
SEPARATORS = re.compile(r"[_\-.\s]")
NOTHING: tuple[Any, ...] = (None, "", [], {})


def forbidden_field(item: Any) -> str | None:
    """The name of the first forbidden field that holds something, at any depth; None where there is none."""
    waiting = [item]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for name in _forbidden_among(tuple(value)):
                if value[name] not in NOTHING:
                    return name
            value = value.values()
        waiting += [child for child in value if child.__class__ is dict or child.__class__ is list]
    return None


@lru_cache(maxsize=4096)
def _forbidden_among(names: tuple[str, ...]) -> tuple[str, ...]:
    """Messages of one source have the same names again and again."""
    return tuple(name for name in names if NAMES.search(SEPARATORS.sub("", name).lower()))
