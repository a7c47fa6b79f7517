"""Fields that no feed may send: faces, identities, number plates, traces of devices, lists and scores of persons."""

import re
from collections.abc import Iterator
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
DEPTH = 100  # deeper than any real message


def forbidden_field(item: Any) -> str | None:
    """The name of the first forbidden field that holds something, at any depth; None where there is none."""
    return next(_found(item), None)


def _found(item: Any) -> Iterator[str]:
    waiting = [(item, 0)]
    while waiting:
        value, depth = waiting.pop()
        children = value.items() if isinstance(value, dict) else (("", child) for child in value)
        for name, child in children:
            if child in (None, "", [], {}):
                continue
            if name and _is_forbidden(name):
                yield name
            if isinstance(child, dict | list) and depth < DEPTH:
                waiting.append((child, depth + 1))


@lru_cache(maxsize=4096)
def _is_forbidden(name: str) -> bool:
    return NAMES.search(SEPARATORS.sub("", name).lower()) is not None
