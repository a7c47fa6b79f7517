"""119, fire and rescue: XML in UTF-8, one `Alarm` or several in a `FireAlarms` document."""

from schemas.feeds.contract import TOPIC_PREFIX, Feed, Sample, shares

SOUND = """<?xml version="1.0" encoding="UTF-8"?>
<FireAlarms><Alarm><AlarmNo>F2025030400021</AlarmNo><Version>1</Version><CallTime>2025-03-04 02:13:45</CallTime>
<UpdateTime>2025-03-04 02:15:02</UpdateTime><CaseType>报警</CaseType><DisasterType>火灾扑救</DisasterType>
<Description>青石镇农贸市场仓库冒烟，看到明火 &amp; 有人被困</Description><Address>青石镇农贸市场</Address><AreaCode>990101101</AreaCode>
<Location><Lng>118.1833</Lng><Lat>33.4471</Lat></Location><CallerTel>13800000002</CallerTel></Alarm></FireAlarms>"""
RESCUE = """<FireAlarms><Alarm><AlarmNo>F2025030400022</AlarmNo><CallTime>2025-03-04 08:00:00</CallTime><CaseType>求助</CaseType>
<DisasterType>抢险救援</DisasterType><Description>电梯里困了人</Description></Alarm></FireAlarms>"""
DOCTYPE = '<!DOCTYPE FireAlarms [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

FEED = Feed(
    code="119",
    name_zh="消防救援",
    name_en="fire and rescue",
    topic=TOPIC_PREFIX + "119",
    format="xml",
    encoding="utf-8",
    items_path="FireAlarms.Alarm",
    mapping={
        "source_id": ("AlarmNo",),
        "revision": ("Version",),
        "received_at": ("CallTime",),
        "updated_at": ("UpdateTime",),
        "kind": ("CaseType",),
        "category": ("DisasterType",),
        "text": ("Description",),
        "place": ("Address",),
        "area_code": ("AreaCode",),
        "area_name": ("AreaName",),
        "lat": ("Location.Lat",),
        "lon": ("Location.Lng",),
        "caller_phone": ("CallerTel",),
    },
    kinds={"报警": "emergency", "火警": "emergency", "求助": "help", "咨询": "enquiry", "投诉": "complaint"},
    default_kind="emergency",
    categories={
        "火灾扑救": "fire", "火灾": "fire", "抢险救援": "rescue", "社会救助": "rescue", "内涝排水": "flood", "化学灾害": "work_safety",
        "交通事故": "traffic_accident", "医疗急救": "medical", "其他": "other",
    },
    admits=("emergency", "help", "enquiry"),
    owner_unit="fire_brigade",
    rhythm=shares(3, 2.5, 2, 2, 2, 2, 2.5, 3.5, 4, 4.5, 5, 5.5, 5.5, 5, 5, 5, 5, 5.5, 6, 6, 5.5, 5, 4.5, 4),
    expected_a_day=115,
    samples=(
        Sample("a warehouse burns", SOUND.encode()),
        Sample("a rescue without a point", RESCUE.encode()),
        Sample("entities that swell", SOUND.replace("<FireAlarms>", DOCTYPE + "<FireAlarms>", 1).encode(), ("forbidden_markup",)),
        Sample("an end tag is missing", SOUND.replace("</Alarm>", "").encode(), ("malformed_payload",)),
        Sample("another system's message", b"<Ping><Seq>1</Seq></Ping>", ("unknown_message",)),
        Sample("no time, no words", b"<FireAlarms><Alarm><AlarmNo>F1</AlarmNo></Alarm></FireAlarms>", ("missing_text", "missing_time")),
        Sample("a complaint is for 12345", RESCUE.replace("求助", "投诉").encode(), ("kind_not_admitted",)),
        Sample("a longitude without its latitude", SOUND.replace("<Lat>33.4471</Lat>", "").encode(), ("bad_coordinates",)),
        Sample("the caller's face", SOUND.replace("<CallerTel>", "<FaceUrl>x</FaceUrl><CallerTel>").encode(), ("forbidden_field",)),
    ),
)  # fmt: skip
