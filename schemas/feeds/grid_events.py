"""Grid workers' events as city platforms push them: other names, wrappers and points for the same few facts.

What a platform calls a fact is found by its name without case and separators. Nothing is taken away from an event:
the names of the mapping are added where the platform has others, so that the record still is what the source said.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from schemas.feeds.contract import Item
from schemas.feeds.forbidden import forbidden_field
from schemas.feeds.grid_points import point_of
from schemas.feeds.written import moment, plain_name

# The mapping's name -> what platforms call it, the surest first.
NAMES = {
    "rec_id": (
        "recid", "eventid", "eventno", "eventcode", "eventnum", "eventsn", "eventserialno", "eventserialnumber", "caseid", "caseno", "casecode", "casenum", "casesn",
        "issueid", "issueno", "issuecode", "reportid", "reportno", "reportcode", "orderid", "orderno", "ordercode", "workorderid", "workorderno", "taskid", "taskno",
        "tasknum", "taskcode", "serialno", "serialnumber", "serialnum", "businessid", "bizid", "uuid", "guid", "id", "sid", "事件编号", "案件编号", "任务号", "编号", "流水号",
    ),
    "create_time": (
        "createtime", "reporttime", "reporteddate", "reportdate", "reportedat", "uploadtime", "submittime", "registertime", "accepttime", "createdate", "createdtime",
        "createdat", "gmtcreate", "createtimestamp", "cdate", "inputtime", "happentime", "happendate", "occurtime", "occurdate", "occurredtime", "eventtime",
        "eventdate", "discovertime", "findtime", "casetime", "time", "timestamp", "datetime", "上报时间", "创建时间", "发生时间", "受理时间",
    ),
    "operate_time": ("operatetime", "updatetime", "updatedtime", "updatedat", "updatedate", "modifytime", "modifiedtime", "gmtmodified", "lastupdatetime", "更新时间"),
    "sub_type_name": (
        "subtypename", "eventsubtypename", "smalltypename", "smallclassname", "smallclass", "minortypename", "scategoryname", "subcategoryname", "subcategory",
        "casesmallclassname", "issuesubtypename", "typesmallname", "subtype", "eventsubtype", "secondtypename", "thirdtypename", "小类", "小类名称", "事件小类",
    ),
    "main_type_name": (
        "maintypename", "eventtypename", "bigtypename", "bigclassname", "bigclass", "majortypename", "bcategoryname", "maincategoryname", "categoryname", "casetypename",
        "casebigclassname", "issuetypename", "typebigname", "typename", "rectypename", "eventtype", "casetype", "issuetype", "category", "type", "大类", "大类名称",
        "事件大类", "事件类型", "案件类型",
    ),
    "event_desc": (
        "eventdesc", "eventdescription", "eventdescribe", "eventcontent", "eventdetail", "casedesc", "casedescription", "casecontent", "recdesc", "issuedesc",
        "issuedescription", "problemdesc", "problemdescription", "questiondesc", "reportcontent", "reportdesc", "description", "describe", "content", "descr", "desc",
        "detail", "details", "summary", "remark", "事件描述", "问题描述", "案件描述", "描述", "内容", "事件内容",
    ),
    "event_title": ("eventtitle", "casetitle", "reporttitle", "issuetitle", "title", "eventname", "casename", "标题", "事件标题", "事件名称"),
    "address": (
        "address", "eventaddress", "caseaddress", "issueaddress", "happenaddress", "occuraddress", "reportaddress", "happenplace", "occurplace", "eventplace", "addressdesc",
        "addressdetail", "detailaddress", "positiondesc", "locationdesc", "locationname", "addr", "place", "地址", "事发地址", "详细地址", "事件地址", "地点",
    ),
    "region_code": (
        "regioncode", "communitycode", "villagecode", "streetcode", "towncode", "townshipcode", "areacode", "districtcode", "countycode", "adcode", "divisioncode",
        "行政区划代码", "区划代码",
    ),
    "street_name": ("streetname", "townname", "townshipname", "street", "town", "township", "街道", "乡镇", "镇街", "所属街道"),
    "duty_grid_name": ("dutygridname", "cellname", "gridname", "workgridname", "basegridname", "basicgridname", "basegrid", "gridcode", "gridno", "gridid", "网格", "网格名称", "所属网格"),
    "reporter_phone": (
        "reporterphone", "reportphone", "reportermobile", "reportertel", "reporterphonenumber", "reportermobilephone", "contactphone", "contacttel", "contactmobile",
        "contactnumber", "linkphone", "linktel", "informantphone", "collectormobilephone", "callerphone", "phonenumber", "phone", "mobile", "mobilephone", "telephone",
        "tel", "联系电话", "上报人电话", "电话", "手机号",
    ),
}  # fmt: skip
MOMENTS = ("create_time", "operate_time")
CODES = ("region_code",)  # of several, the most exact
# Where platforms put events into a message, and what a wrapper never says itself.
WRAPPERS = frozenset({
    "data", "datas", "datalist", "list", "rows", "row", "records", "record", "items", "item", "result", "results", "events", "event", "eventlist", "eventinfo", "eventdata",
    "cases", "case", "caselist", "caseinfo", "params", "param", "body", "payload", "message", "msg", "content", "obj", "object", "bizdata", "bizcontent", "reqdata", "request",
    "info", "issue", "issues", "issuelist", "report", "reports", "task", "tasks", "page", "value", "model", "form",
})  # fmt: skip
ENVELOPES_SAY = frozenset(
    {"description", "content", "desc", "descr", "detail", "details", "summary", "remark", "describe", "place"}
)
TOLD = frozenset((*NAMES["event_desc"], *NAMES["address"])) - ENVELOPES_SAY
USUAL_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
DEEPEST = 6
LONGEST_NAMES = 6_000  # letters of an event's names that are worth remembering


def _ranks() -> dict[str, list[tuple[str, int]]]:
    """What a name may be: of which of the mapping's names, and how surely."""
    found: dict[str, list[tuple[str, int]]] = {}
    for target, names in NAMES.items():
        for rank, name in enumerate(names):
            found.setdefault(name, []).append((target, rank))
    return found


RANKS = _ranks()


def items_of(document: Any) -> list[Any]:
    """The events of a push, each with the mapping's names; a push that holds none is itself the only one."""
    return [_named(event) if isinstance(event, dict) else event for event in _events(_opened(document), DEEPEST)]


def _events(document: Any, depth: int) -> Iterator[Any]:
    """What lies in lists and wrappers. A wrapper that says what no feed may send stays whole, and is refused whole."""
    if isinstance(document, list):
        for one in document:
            yield from _events(_opened(one), depth - 1) if depth else [one]
        return
    inner = _inner(document) if isinstance(document, dict) and depth else {}
    if not inner or forbidden_field({name: value for name, value in document.items() if name not in inner}):
        yield document
        return
    for value in inner.values():
        yield from _events(value, depth - 1)


def _inner(document: Item) -> Item:
    """The parts of a wrapper in which events lie, by name; empty for an event, which says what happened or where."""
    if any(plain_name(name) in TOLD and _is_scalar(value) for name, value in document.items()):
        return {}
    parts = {name: _opened(value) for name, value in document.items() if plain_name(name) in WRAPPERS}
    return {name: value for name, value in parts.items() if isinstance(value, dict | list)}


def _is_scalar(value: Any) -> bool:
    return isinstance(_opened(value), str | int | float) and value != ""


def _opened(value: Any) -> Any:
    """JSON inside a string, as some platforms pack it."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[", '"{', '"[')):
        return value
    try:
        inner = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    return _opened(inner) if isinstance(inner, str) else inner


def _named(event: Item) -> Item:
    """The event with the mapping's names beside its own."""
    said: dict[str, Any] = {}
    for name, value in event.items():
        if value not in (None, "", [], {}):
            said.setdefault(plain_name(name), value)
    names = tuple(said)
    ranked = (_surest if sum(map(len, names)) <= LONGEST_NAMES else _surest.__wrapped__)(names)
    added = {target: found for target, names in ranked if (found := _found(target, names, said)) is not None}
    return event | {name: value for name, value in added.items() if event.get(name) != value} | point_of(said)


@lru_cache(maxsize=1024)
def _surest(names: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Which of the mapping's names these plain names may be, for each the surest first."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        for target, rank in RANKS.get(name, ()):
            found.setdefault(target, []).append((rank, name))
    return tuple((target, tuple(name for _, name in sorted(ranked))) for target, ranked in found.items())


def _found(target: str, names: tuple[str, ...], said: Item) -> Any:
    values = [said[name] for name in names if isinstance(said[name], str | int | float)]
    if target in CODES:
        return max((str(value) for value in values), key=len, default=None)
    first = next(iter(values), None)
    is_usual = target not in MOMENTS or USUAL_MOMENT.match(str(first or ""))
    return first if is_usual else moment(first)
