"""12348, legal aid: a form in GB18030, one report a payload. Complaints about lawyers go to another office."""

from urllib.parse import urlencode

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares


def _form(encoding: str = "gb18030", **changed: str) -> bytes:
    fields = {
        "bh": "FY20250304011", "djsj": "2025-03-04 14:05:00", "lx": "咨询", "sx": "劳动争议", "nr": "公司拖欠三个月工资，想申请法律援助",
        "dz": "柳河镇工业园", "qhdm": "990101102", "dh": "0990-1234567",
    }  # fmt: skip
    return urlencode({name: value for name, value in (fields | changed).items() if value}, encoding=encoding).encode()


FEED = Feed(
    code="12348",
    name_zh="公共法律服务",
    name_en="legal aid",
    topic=TOPIC_PREFIX + "12348",
    format="form",
    encoding="gb18030",
    mapping={
        "source_id": ("bh",),
        "revision": ("bbh",),
        "received_at": ("djsj",),
        "updated_at": ("gxsj",),
        "kind": ("lx",),
        "category": ("sx",),
        "text": ("nr",),
        "place": ("dz",),
        "area_code": ("qhdm",),
        "area_name": ("qhmc",),
        "lat": ("wd",),
        "lon": ("jd",),
        "caller_phone": ("dh",),
    },
    kinds={"咨询": "enquiry", "求助": "help", "法律援助": "help", "投诉": "complaint"},
    default_kind="enquiry",
    categories={"法律援助": "legal_aid", "法律咨询": "legal_aid", "公证": "legal_aid", "劳动争议": "labour", "人民调解": "dispute"},
    default_category="legal_aid",
    admits=("enquiry", "help"),
    owner_unit="justice",
    rhythm=shares(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 1.5, 8, 13, 13, 9, 3, 4, 11, 12, 11, 6, 2, 1.5, 1.5, 1, 0.5, 0.3),
    expected_a_day=86,
    samples=(
        Sample("unpaid wages", _form()),
        Sample("a call for help, sent as UTF-8", _form("utf-8", lx="求助")),
        Sample("a complaint is for the bar association", _form(lx="投诉"), ("kind_not_admitted",)),
        Sample("no id and no known time", _form(bh="", djsj="昨天"), ("bad_time", "missing_source_id")),
        Sample("percent signs without figures", b"bh=FY1&nr=%FF%FF%zz", ("undecodable_text",)),
        Sample("a list of persons", _form(specialPopulation="x"), ("forbidden_field",)),
        Sample("a type nobody agreed on", _form(lx="回访"), ("unknown_kind",)),
        Sample("a second version in words", _form(bbh="第二版"), ("bad_revision",)),
    ),
)  # fmt: skip
