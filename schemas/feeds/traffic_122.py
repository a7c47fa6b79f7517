"""122, traffic police: XML in GB18030 (declared as GBK), one `Record` or several."""

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares

SOUND = """<?xml version="1.0" encoding="GBK"?>
<Accidents><Record><jqbh>JT20250304-118</jqbh><bbh>0</bbh><jjsj>2025-03-04 07:52:31</jjsj><jqlx>报警</jqlx><jqlb>交通事故</jqlb>
<jqms>两辆轿车追尾，占了一条车道，没有人受伤</jqms><sfdd>环城路与人民路路口</sfdd><xzqh>990101001</xzqh><jd>118.0601</jd><wd>33.4603</wd>
<lxdh>13600000004</lxdh></Record></Accidents>"""
PARKING = """<?xml version="1.0" encoding="GBK"?>
<Accidents><Record><jqbh>JT20250304-119</jqbh><jjsj>2025/3/4 9:02:05</jjsj><jqlx>投诉</jqlx><jqlb>违法停车</jqlb>
<jqms>消防通道被车堵了</jqms></Record></Accidents>"""

FEED = Feed(
    code="122",
    name_zh="交通事故报警",
    name_en="traffic police",
    topic=TOPIC_PREFIX + "122",
    format="xml",
    encoding="gb18030",
    items_path="Accidents.Record",
    mapping={
        "source_id": ("jqbh",),
        "revision": ("bbh",),
        "received_at": ("jjsj",),
        "updated_at": ("gxsj",),
        "kind": ("jqlx",),
        "category": ("jqlb",),
        "text": ("jqms",),
        "place": ("sfdd",),
        "area_code": ("xzqh",),
        "area_name": ("xzqhmc",),
        "lat": ("wd",),
        "lon": ("jd",),
        "caller_phone": ("lxdh",),
    },
    kinds={"报警": "emergency", "求助": "help", "咨询": "enquiry", "投诉": "complaint", "举报": "complaint", "建议": "suggestion"},
    default_kind="emergency",
    categories={
        "交通事故": "traffic_accident", "违法停车": "traffic_order", "交通秩序": "traffic_order", "交通拥堵": "traffic_order",
        "道路设施": "municipal_works", "车辆故障": "traffic_order", "道路积水": "flood",
    },
    admits=("emergency", "help", "complaint", "enquiry"),
    owner_unit="traffic_police",
    rhythm=shares(1.5, 1, 1, 1, 1, 1.5, 3, 7, 8, 6, 5, 5, 4.5, 4.5, 5, 5, 5.5, 8, 8, 6, 5, 4, 3, 2),
    expected_a_day=410,
    samples=(
        Sample("a collision", SOUND.encode("gb18030")),
        Sample("a blocked lane, the other date format", PARKING.encode("gb18030")),
        Sample("declared GBK, but UTF-8", SOUND.encode()),
        Sample("bytes were lost on the way", PARKING.replace("消防", "\ufffd\ufffd").encode("gb18030"), ("lost_bytes",)),
        Sample("bytes of no encoding", PARKING.encode("gb18030").replace("消防".encode("gb18030"), b"\xff\xff\x80"), ("undecodable_text",)),
        Sample("the plate as a field", SOUND.replace("<lxdh>", "<hphm>x</hphm><lxdh>").encode("gb18030"), ("forbidden_field",)),
        Sample("taken in 1999", PARKING.replace("2025/3/4", "1999/3/4").encode("gb18030"), ("too_old",)),
        Sample("a suggestion is not for this line", PARKING.replace("投诉", "建议").encode("gb18030"), ("kind_not_admitted",)),
        Sample("an outer entity", SOUND.replace("<Accidents>", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><Accidents>').encode("gb18030"), ("forbidden_markup",)),
        Sample("no number and no day", PARKING.replace("JT20250304-119", "").replace("2025/3/4", "2025/13/4").encode("gb18030"), ("bad_time", "missing_source_id")),
    ),
)  # fmt: skip
