"""Where each feed says what, and what must not stay in a text: what the contestants besides ours go by."""

from schemas.feeds import FEEDS

COLUMNS = (
    "source_id", "revision", "received_at", "updated_at", "kind", "category", "text", "title", "place", "area_code",
    "area_name", "grid_code", "lat", "lon", "caller_phone", "device_id",
)  # fmt: skip
VIDEO: dict[str, tuple[str, ...]] = {  # GB/T 28181 and Hikvision: the first that is there
    "source_id": ("SN", "activePostCount"), "received_at": ("AlarmTime", "dateTime"),
    "category": ("AlarmMethod", "eventType"), "text": ("AlarmDescription", "eventDescription"),
    "place": ("AlarmPlace", "channelName"), "lat": ("Latitude", "latitude"), "lon": ("Longitude", "longitude"),
    "device_id": ("DeviceID", "macAddress"),
}  # fmt: skip
PATHS: dict[str, dict[str, tuple[str, ...]]] = {
    code: VIDEO if code == "video" else {name: paths for name, paths in feed.mapping.items() if name in COLUMNS}
    for code, feed in FEEDS.items()
}

# What is looked for in free text, in the syntax that `re`, Rust and RE2 share, and what stands there afterwards.
PATTERNS = (
    ("[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]", "〔身份证〕"),
    ("62[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}(?:[ -]?[0-9]{1,3})?", "〔银行卡〕"),
    ("1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}", "〔电话〕"),
    ("0[1-9][0-9]{1,2}[ -]?[2-9][0-9]{6,7}", "〔电话〕"),
    ("[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•]?[A-Z0-9]{5,6}", "〔车牌〕"),
    ("(?:微信|QQ)号?[：:是为]?[A-Za-z0-9][A-Za-z0-9_-]{4,19}", "〔账号〕"),
    ("[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)+", "〔邮箱〕"),
    ("[0-9]{1,4}(?:栋|幢|号楼|座)(?:[0-9]{1,3}单元)?(?:[0-9]{3,4}室?)?", "〔门牌〕"),
    ("[0-9]{1,2}单元[0-9]{3,4}室?", "〔门牌〕"),
    ("(?:我叫|姓名[是：:]?|联系人)[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗傅][\u4e00-\u9fff]{1,2}", "〔姓名〕"),
)
