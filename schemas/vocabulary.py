"""Closed vocabularies: English codes, each with its Chinese and English label.

A code is for ever: lakes, APIs and departments' systems store it. Labels may be reworded.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Term:
    """One code of a vocabulary and what people read."""

    zh: str
    en: str


Vocabulary = dict[str, Term]

FEED_CODES: Final = ("110", "119", "120", "122", "12315", "12345", "12348", "12350", "12369", "video", "grid")

KINDS: Final[Vocabulary] = {
    "emergency": Term("报警", "emergency call"),
    "help": Term("求助", "call for help"),
    "enquiry": Term("咨询", "enquiry"),
    "complaint": Term("投诉", "complaint"),
    "suggestion": Term("建议", "suggestion"),
    "device_alarm": Term("设备告警", "device alarm"),
    "device_fault": Term("设备故障", "device fault"),
    "inspection": Term("巡查上报", "grid worker's finding"),
}

FOR_OPERATIONS: Final = ("device_fault",)  # of KINDS: a report for those who run the devices; no incident, no order

# What a report is about. The first part names the domain; domains are what warnings count.
CATEGORIES: Final[Vocabulary] = {
    "fire": Term("火灾", "fire"),
    "rescue": Term("抢险救援", "rescue"),
    "medical": Term("医疗急救", "medical emergency"),
    "traffic_accident": Term("交通事故", "traffic accident"),
    "traffic_order": Term("交通秩序", "traffic and parking"),
    "public_security": Term("治安警情", "public security"),
    "dispute": Term("矛盾纠纷", "dispute"),
    "fraud": Term("电信诈骗", "telecom fraud"),
    "consumer": Term("消费维权", "consumer rights"),
    "food_safety": Term("食品安全", "food safety"),
    "legal_aid": Term("法律援助", "legal aid"),
    "work_safety": Term("安全生产", "work safety"),
    "air_pollution": Term("大气污染", "air pollution"),
    "water_pollution": Term("水体污染", "water pollution"),
    "noise": Term("噪声扰民", "noise"),
    "city_appearance": Term("市容环卫", "street cleaning and vendors"),
    "municipal_works": Term("市政设施", "roads, lamps and drains"),
    "housing": Term("住房物业", "housing and property management"),
    "utilities": Term("水电气暖", "water, power, gas, heat"),
    "labour": Term("劳动社保", "labour and social security"),
    "education": Term("教育", "education"),
    "health": Term("卫生健康", "public health"),
    "transport": Term("公共交通", "public transport"),
    "agriculture": Term("农业农村", "agriculture"),
    "flood": Term("积水内涝", "flooding"),
    "equipment_fault": Term("设备故障", "device fault"),
    "other": Term("其他", "other"),
}

LINK_REASONS: Final[Vocabulary] = {
    "first_report": Term("首个来件", "opened the incident"),
    "same_place": Term("同一地点", "same place"),
    "same_area": Term("同一区域", "same area"),
    "same_time": Term("时间相近", "close in time"),
    "similar_text": Term("内容相似", "similar text"),
    "same_caller": Term("同一来电人", "same caller token"),
    "same_category": Term("类别一致", "same category"),
    "newer_revision": Term("同件更新", "newer revision of a linked report"),
}

EVENT_GRADES: Final[Vocabulary] = {
    "1": Term("一级", "grade 1, life in danger or many people hit"),
    "2": Term("二级", "grade 2, urgent"),
    "3": Term("三级", "grade 3, soon"),
    "4": Term("四级", "grade 4, ordinary"),
}

HANDLING_LEVELS: Final[Vocabulary] = {
    "grid": Term("网格", "grid"),
    "village": Term("村(社区)", "village or community"),
    "town": Term("镇(街道)", "town or street"),
    "county": Term("县(区)", "county"),
}

DUTY_TIERS: Final[Vocabulary] = {
    "tier_1": Term("一级值守单位", "first-tier duty unit"),
    "tier_2": Term("二级值守单位", "second-tier duty unit"),
    "tier_3": Term("三级值守单位", "third-tier duty unit"),
}

ORDER_STATES: Final[Vocabulary] = {
    "to_dispatch": Term("待派发", "noted by hand, waiting to be dispatched"),
    "dispatched": Term("待签收", "waiting to be signed for"),
    "signed": Term("已签收", "signed for"),
    "handling": Term("办理中", "in handling"),
    "extension_asked": Term("延期待审", "the unit asks for more time; the clock goes on"),
    "paused": Term("已挂起", "paused: work waits for somebody else, and the clock stands"),
    "returned": Term("已退单", "sent back to the command centre"),
    "closed": Term("已办结", "closed, waiting for the call-back"),
    "called_back": Term("已回访", "called back"),
    "archived": Term("已归档", "archived"),
    "transferred": Term("已移交", "handed to another line or authority"),
    "merged": Term("已并入", "a repeat, merged into another order"),
}

ORDER_EVENTS: Final[Vocabulary] = {
    "register": Term("登记", "noted by hand at the command centre"),
    "dispatch": Term("派发", "dispatch"),
    "sign": Term("签收", "sign for"),
    "handle": Term("办理", "handle"),
    "ask_extension": Term("延期申请", "ask for more time"),
    "grant_extension": Term("同意延期", "grant the time asked for, or another"),
    "refuse_extension": Term("不同意延期", "refuse more time"),
    "extend": Term("延期", "extend"),
    "send_back": Term("退单", "send back"),
    "delegate": Term("分办", "a part of it goes to a co-handler as a sub-order"),
    "close": Term("办结", "close"),
    "call_back": Term("回访", "call back"),
    "reopen": Term("重办", "reopen"),
    "archive": Term("归档", "archive"),
    "transfer": Term("移交", "hand to another line or authority"),
    "take_back": Term("移交退回", "the other line gave it back"),
    "merge": Term("并单", "merge into the order it repeats"),
    "revise": Term("改派要素", "decision revised by the pipeline"),
    "correct": Term("更正", "category corrected or confirmed by a dispatcher"),
    "urge": Term("催促", "another report of the same incident"),
    "remind": Term("催办", "late: the unit is reminded"),
    "supervise": Term("督办", "still late: the command centre supervises"),
    "report": Term("通报", "still late: reported to the leaders"),
    "pause": Term("挂起", "pause: the clock stands"),
    "resume": Term("恢复", "resume: what remained of the limit remains"),
}
ESCALATIONS: Final = ("remind", "supervise", "report")  # the ladder, by the pipeline and by people

# Who may get an order that is not for any unit of ours.
RECEIVING_LINES: Final[Vocabulary] = {
    "110": Term("公安报警", "police"),
    "119": Term("消防", "fire"),
    "120": Term("急救", "ambulance"),
    "122": Term("交通事故", "traffic accidents"),
    "12315": Term("消费维权", "consumer rights"),
    "12345": Term("政务服务", "government service"),
    "12348": Term("法律援助", "legal aid"),
    "12350": Term("安全生产", "work safety"),
    "12369": Term("环境保护", "environment"),
    "court": Term("司法机关", "a court or an arbitration"),
    "other_authority": Term("平台外机关", "an authority outside the platform"),
}

PAUSE_CAUSES: Final[Vocabulary] = {
    "waiting_for_caller": Term("等待来电人", "waiting for the caller"),
    "weather": Term("天气原因", "the weather does not allow the work"),
    "court": Term("司法程序", "a court or an arbitration has the matter"),
    "expert_finding": Term("鉴定检测", "waiting for an expert's finding"),
    "other_authority": Term("待其他机关答复", "waiting for an authority outside the platform"),
}

OUTCOMES: Final[Vocabulary] = {
    "solved": Term("已解决", "solved"),
    "partly_solved": Term("部分解决", "partly solved"),
    "not_solved": Term("未解决", "not solved"),
    "not_ours": Term("非本单位职责", "not ours"),
    "no_such_place": Term("查无此处", "no such place"),
}

SATISFACTIONS: Final[Vocabulary] = {
    "satisfied": Term("满意", "satisfied"),
    "mostly_satisfied": Term("基本满意", "mostly satisfied"),
    "dissatisfied": Term("不满意", "dissatisfied"),
}

WARNING_STATES: Final[Vocabulary] = {
    "open": Term("待研判", "waiting for an analyst"),
    "acknowledged": Term("已采纳", "acknowledged"),
    "dismissed": Term("已排除", "dismissed"),
}

ROLES: Final[Vocabulary] = {
    "engineer": Term("数据工程师", "data engineer"),
    "dispatcher": Term("调度员", "dispatcher"),
    "department": Term("承办单位", "department"),
    "analyst": Term("预警分析员", "warning analyst"),
    "leader": Term("领导", "leader"),
    "auditor": Term("审计员", "auditor"),
    "source": Term("数据来源", "a platform that pushes reports of one feed"),
    "system": Term("系统", "the pipeline itself"),
}

ATTACHMENT_KINDS: Final[Vocabulary] = {
    "picture": Term("图片", "picture"),
    "recording": Term("录音", "recording, known by its length and time"),
}

QUARANTINE_REASONS: Final[Vocabulary] = {
    "unknown_feed": Term("未登记的来源", "topic belongs to no registered feed"),
    "unknown_version": Term("未登记的版本", "topic names a version of the feed's contract that is not registered"),
    "empty_payload": Term("空报文", "no bytes"),
    "undecodable_text": Term("编码无法识别", "bytes fit no declared or plausible encoding"),
    "lost_bytes": Term("字节丢失", "replacement characters: bytes were lost before us"),
    "malformed_payload": Term("报文格式错误", "not the format of the feed"),
    "forbidden_markup": Term("禁止的标记", "document type or entity declaration in XML"),
    "too_large": Term("报文过大", "payload over the size limit"),
    "unknown_message": Term("未知消息类型", "well-formed, but not a message of this feed"),
    "heartbeat": Term("心跳", "a device's sign of life, not an event"),
    "missing_source_id": Term("缺少来源编号", "no id given by the source"),
    "missing_time": Term("缺少时间", "no time of receipt"),
    "bad_time": Term("时间无法识别", "time in no known format"),
    "from_the_future": Term("时间在未来", "received after it was landed"),
    "too_old": Term("时间过早", "before 2000"),
    "missing_text": Term("缺少内容", "nothing said and no category"),
    "unknown_kind": Term("未知类型", "a kind the feed's contract does not name"),
    "kind_not_admitted": Term("类型不予受理", "the feed may not send this kind"),
    "bad_coordinates": Term("坐标错误", "coordinates that are no numbers, half a pair, or no degrees on the globe"),
    "bad_revision": Term("版本号错误", "revision is no whole number of 0 or more"),
    "forbidden_field": Term("含禁止字段", "faces, identities, plates or lists of persons"),
}

FEED_STATES: Final[Vocabulary] = {
    "ok": Term("正常", "sends as its contract expects"),
    "silent": Term("中断", "sends nothing for longer than chance explains"),
    "landing_stands_still": Term("接入停滞", "sends, but its messages wait in Kafka: the fault is ours"),
    "low_volume": Term("来量偏低", "sends much less in a day than its contract expects"),
    "high_volume": Term("来量偏高", "sends much more in a day than its contract expects"),
    "never_seen": Term("尚未接入", "has never sent a message"),
}
FEED_ALARMS: Final = ("silent", "landing_stands_still", "low_volume")  # of FEED_STATES: somebody has to act

CHECK_SCOPES: Final[Vocabulary] = {
    "new": Term("增量检查", "rows written since the last check that succeeded"),
    "full": Term("全量检查", "every row of the table"),
}

HISTORIES: Final[Vocabulary] = {
    "order_events": Term("工单事件", "steps in the lives of orders"),
    "ratings": Term("回访", "call-backs"),
}

MODELS: Final[Vocabulary] = {
    "classifier": Term("分类器", "what a report is about"),
    "router": Term("派单历史", "which unit takes a matter, from who took such before"),
}
TRIALS: Final[Vocabulary] = {
    "challenger": Term("挑战模型", "trained anew on labels known before the held-out weeks"),
    "recalibration": Term("重新校准", "the model in use, with temperature and threshold fitted anew"),
}

NOT_JUDGED_REASONS: Final[Vocabulary] = {
    "judged": Term("已判定", "judged"),
    "short_history": Term("历史不足", "too few past periods"),
    "gap": Term("数据缺口", "the period itself has no data"),
    "no_fit": Term("无法拟合", "the model could not be fitted"),
}
