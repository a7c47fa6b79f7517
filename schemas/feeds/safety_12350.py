"""12350, work safety: CSV in UTF-8 with a header line, several reports a file."""

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares
from schemas.feeds.limits import LARGEST_TEXT

HEADER = "report_no,revision,report_time,update_time,report_type,hazard_type,content,enterprise_place,area_code,area_name,lng,lat,tel"
FIRST = 'AQ250304-07,0,2025-03-04 11:10:00,2025-03-04 11:12:00,举报,隐患,"车间消防通道堵塞, 灭火器过期",柳河镇工业园,990101102,柳河镇,118.0701,33.3402,13300000007'
SECOND = "AQ250304-08,0,2025/3/4 11:40:00,,咨询,,怎样申请安全培训,,,,,,"


def _file(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows, ""]).encode()


FEED = Feed(
    code="12350",
    name_zh="安全生产举报投诉",
    name_en="work safety",
    topic=TOPIC_PREFIX + "12350",
    format="csv",
    encoding="utf-8",
    mapping={
        "source_id": ("report_no",),
        "revision": ("revision",),
        "received_at": ("report_time",),
        "updated_at": ("update_time",),
        "kind": ("report_type",),
        "category": ("hazard_type",),
        "text": ("content",),
        "place": ("enterprise_place",),
        "area_code": ("area_code",),
        "area_name": ("area_name",),
        "lat": ("lat",),
        "lon": ("lng",),
        "caller_phone": ("tel",),
    },
    kinds={"举报": "complaint", "投诉": "complaint", "咨询": "enquiry", "建议": "suggestion", "求助": "help", "事故报警": "emergency"},
    default_kind="complaint",
    categories={"隐患": "work_safety", "事故": "work_safety", "违法生产": "work_safety", "燃气": "utilities", "消防": "fire", "其他": "other"},
    admits=("complaint", "enquiry", "suggestion", "help"),
    owner_unit="emergency_management",
    rhythm=shares(0.3, 0.2, 0.2, 0.2, 0.2, 0.3, 0.8, 2, 7, 11, 11, 8, 4, 4, 9, 10, 10, 7, 4, 3, 3, 2, 1.5, 0.8),
    expected_a_day=34,
    samples=(
        Sample("two reports, two date formats", _file(FIRST, SECOND)),
        Sample("one report", _file(FIRST)),
        Sample("a header alone", _file(), ("malformed_payload",)),
        Sample("another file's header", _file("1,2", header="a,b"), ("unknown_message",)),
        Sample("too few fields", _file("AQ250304-09,0,2025-03-04 11:10:00"), ("malformed_payload",)),
        Sample("an accident is for 119", _file(FIRST.replace("举报", "事故报警")), ("kind_not_admitted",)),
        Sample("a type nobody agreed on, east of the globe", _file(FIRST.replace("举报", "回访").replace("118.0701", "218.0701")), ("bad_coordinates", "unknown_kind")),
        Sample("a file larger than any", HEADER.encode().ljust(LARGEST_TEXT + 1), ("too_large",)),
        Sample("a column of identity numbers", _file(FIRST, header=HEADER.replace("area_name", "id_card_no")), ("forbidden_field",)),
    ),
)  # fmt: skip
