"""What alarms are about: the codes of GB/T 28181 and Hikvision, what people read, and our categories."""

# GB/T 28181-2016 and -2022, A.2.5: AlarmMethod, then AlarmType within it. A method alone stands for types not listed.
METHODS = {
    "1": "电话报警", "2": "设备报警", "3": "短信报警", "4": "GPS报警", "5": "视频报警", "6": "设备故障报警", "7": "其他报警",
    "2/1": "视频丢失报警", "2/2": "设备防拆报警", "2/3": "存储设备磁盘满报警", "2/4": "设备高温报警", "2/5": "设备低温报警",
    "5/1": "人工视频报警", "5/2": "运动目标检测报警", "5/3": "遗留物检测报警", "5/4": "物体移除检测报警", "5/5": "绊线检测报警",
    "5/6": "入侵检测报警", "5/7": "逆行检测报警", "5/8": "徘徊检测报警", "5/9": "流量统计报警", "5/10": "密度检测报警",
    "5/11": "视频异常检测报警", "5/12": "快速移动报警", "5/13": "图像遮挡报警",
    "6/1": "存储设备磁盘故障报警", "6/2": "存储设备风扇故障报警",
}  # fmt: skip

# Hikvision's eventType in lower case -> label and category; the names differ between generations of devices.
HIK_EVENTS = {
    "vmd": ("移动侦测告警", None), "motion": ("移动侦测告警", None), "motiondetection": ("移动侦测告警", None),
    "linedetection": ("越界侦测告警", "public_security"), "fielddetection": ("周界入侵告警", "public_security"),
    "regionentrance": ("进入区域告警", "public_security"), "regionexiting": ("离开区域告警", None),
    "loitering": ("徘徊告警", None), "group": ("人员聚集告警", "public_security"), "rapidmove": ("快速移动告警", None),
    "persondensitydetection": ("人员密度超限告警", "public_security"), "pir": ("人体感应告警", None), "piralarm": ("人体感应告警", None),
    "unattendedbaggage": ("物品遗留告警", None), "attendedbaggage": ("物品拿取告警", None), "violentmotion": ("剧烈运动告警", "public_security"),
    "reachheight": ("攀高告警", "public_security"), "advreachheight": ("攀高告警", "public_security"), "faildown": ("人员倒地告警", "medical"),
    "falldown": ("人员倒地告警", "medical"), "leaveposition": ("离岗告警", None), "audioexception": ("声音异常告警", None),
    "parking": ("违法停车告警", "traffic_order"), "illegalparking": ("违法停车告警", "traffic_order"),
    "fireescapedetection": ("消防通道占用告警", "fire"), "hardhatdetection": ("未戴安全帽告警", "work_safety"),
    "firedetection": ("火点告警", "fire"), "smokedetection": ("烟雾告警", "fire"), "smokeandfiredetection": ("烟火告警", "fire"),
    "firesmartfiredetect": ("火点告警", "fire"), "tma": ("温度异常告警", "fire"), "tmpa": ("温度异常告警", "fire"), "tmda": ("温差异常告警", "fire"),
    "thermometry": ("温度异常告警", "fire"), "temperaturealarm": ("温度异常告警", "fire"), "shipsdetection": ("船只告警", None),
    "waterleveldetection": ("水位超限告警", "flood"), "waterlevel": ("水位超限告警", "flood"), "waterlogging": ("道路积水告警", "flood"),
    "io": ("开关量告警", None), "wlsensor": ("无线探测器告警", None), "cidevent": ("报警主机告警", None), "zonealarm": ("防区告警", "public_security"),
    "emergencyalarm": ("一键求助告警", "public_security"), "sosalarm": ("一键求助告警", "public_security"), "callhelp": ("一键求助告警", "public_security"),
    "tamperdetection": ("遮挡告警", "equipment_fault"), "shelteralarm": ("遮挡告警", "equipment_fault"), "videotamper": ("遮挡告警", "equipment_fault"),
    "videoloss": ("视频丢失告警", "equipment_fault"), "videomismatch": ("制式不符告警", "equipment_fault"), "badvideo": ("图像异常告警", "equipment_fault"),
    "scenechangedetection": ("场景变更告警", "equipment_fault"), "defocus": ("虚焦告警", "equipment_fault"), "defocusdetection": ("虚焦告警", "equipment_fault"),
    "resolutionmismatch": ("分辨率不符告警", "equipment_fault"), "videoexception": ("视频异常告警", "equipment_fault"),
    "diskfull": ("磁盘满告警", "equipment_fault"), "diskerror": ("磁盘故障告警", "equipment_fault"), "diskunformat": ("磁盘未格式化告警", "equipment_fault"),
    "storagedetection": ("存储健康告警", "equipment_fault"), "hdbadblock": ("磁盘坏块告警", "equipment_fault"), "raidfailure": ("阵列故障告警", "equipment_fault"),
    "recordingfailure": ("录像异常告警", "equipment_fault"), "recordexception": ("录像异常告警", "equipment_fault"), "hdderror": ("磁盘故障告警", "equipment_fault"),
    "nicbroken": ("网络断开告警", "equipment_fault"), "ipconflict": ("地址冲突告警", "equipment_fault"), "macconflict": ("地址冲突告警", "equipment_fault"),
    "illaccess": ("非法访问告警", "equipment_fault"), "illegalaccess": ("非法访问告警", "equipment_fault"), "illegallogin": ("非法访问告警", "equipment_fault"),
    "fanfailure": ("风扇故障告警", "equipment_fault"), "overheat": ("设备高温告警", "equipment_fault"), "spareexception": ("热备异常告警", "equipment_fault"),
    "poepowerexception": ("供电异常告警", "equipment_fault"), "lowbattery": ("电量低告警", "equipment_fault"), "powersupply": ("供电异常告警", "equipment_fault"),
    "deviceoffline": ("设备离线告警", "equipment_fault"), "uploaddataexception": ("上传异常告警", "equipment_fault"),
}  # fmt: skip

# AID, Hikvision's traffic incidents, by illegalTrafficEvent in lower case.
TRAFFIC = {
    "trafficaccident": ("交通事故告警", "traffic_accident"), "abandonedobject": ("抛洒物告警", "traffic_order"), "objectdroppeddown": ("抛洒物告警", "traffic_order"),
    "illegalparking": ("违法停车告警", "traffic_order"), "wrongdirection": ("逆行告警", "traffic_order"), "congestion": ("交通拥堵告警", "traffic_order"),
    "roadblock": ("路障告警", "traffic_order"), "construction": ("占道施工告警", "traffic_order"), "pedestrian": ("行人闯入告警", "traffic_order"),
    "smoke": ("烟雾告警", "fire"), "fogdetection": ("能见度低告警", None),
}  # fmt: skip

# The platform iSecure Center numbers the same events.
ISC_EVENTS = {
    "131329": "videoloss", "131330": "shelteralarm", "131331": "vmd", "131585": "linedetection", "131586": "regionentrance",
    "131587": "regionexiting", "131588": "fielddetection", "131590": "loitering", "131591": "parking", "131592": "rapidmove",
    "131593": "group", "131594": "unattendedbaggage", "131595": "attendedbaggage", "131596": "violentmotion", "131597": "reachheight",
    "131603": "leaveposition", "131605": "faildown", "131606": "audioexception", "131612": "scenechangedetection", "131613": "defocus",
    "192513": "smokedetection", "192514": "smokeandfiredetection", "192515": "firedetection", "192516": "shipsdetection",
    "192517": "tma", "192518": "tmda", "589825": "io", "889196545": "deviceoffline",
}  # fmt: skip

LABELS = METHODS | {event: label for event, (label, _) in HIK_EVENTS.items()} | {f"aid/{event}": label for event, (label, _) in TRAFFIC.items()}  # fmt: skip

# Methods 2 and 6 speak of the device itself. A detector that only moves or counts something says no category.
CATEGORIES = {
    "5/5": "public_security", "5/6": "public_security", "5/7": "traffic_order", "5/10": "public_security",
    "5/11": "equipment_fault", "5/13": "equipment_fault",
    **{kind: "equipment_fault" for kind in METHODS if kind.startswith(("2", "6"))},
    **{event: category for event, (_, category) in HIK_EVENTS.items() if category},
    **{f"aid/{event}": category for event, (_, category) in TRAFFIC.items() if category},
}  # fmt: skip


def label(kind: str | None) -> str | None:
    """What people read for an alarm's kind; of a type that is not listed, its method's."""
    return LABELS.get(kind or "") or LABELS.get((kind or "").split("/")[0])


def report_kind(kind: str | None) -> str:
    """Faults of devices go to operations, everything else is an alarm."""
    return "device_fault" if CATEGORIES.get(kind or "") == "equipment_fault" else "device_alarm"
