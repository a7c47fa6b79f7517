"""Examples of the order routes for OpenAPI, in Chinese and English."""

from typing import Any

from api.examples import answer, both

NOTE = both({"reason": "已派员前往"}, {"reason": "a team is on its way"})
EXTEND = both(
    {"finish_due_at": "2026-03-12T10:00:00Z", "reason": "配件到货需三天"},
    {"finish_due_at": "2026-03-12T10:00:00Z", "reason": "the spare part takes three days"},
)
SEND_BACK = both(
    {"reason": "不属本单位职责,应由住建局办理", "better_unit_code": "housing", "better_category": "housing"},
    {"reason": "not our duty; housing handles this", "better_unit_code": "housing", "better_category": "housing"},
)
CORRECT = both(
    {"category": "noise", "reason": "经核实是施工噪声"},
    {"category": "noise", "reason": "it is noise from a building site"},
)
PAUSE = both(
    {"cause": "waiting_for_caller", "reason": "来电人外出,约定三日后入户查看"},
    {"cause": "waiting_for_caller", "reason": "the caller is away; a visit is agreed for three days later"},
)
CLOSE = both(
    {"outcome": "solved", "reason": "已清掏窨井并恢复路面"},
    {"outcome": "solved", "reason": "drain cleared and road surface restored"},
)
CALL_BACK = both(
    {"reached": True, "was_contacted": True, "was_solved": True, "satisfaction": "satisfied"}, {"reached": False}
)
REOPEN = both({"reason": "来电人反映噪声依旧"}, {"reason": "the caller says the noise goes on"})
DISPATCH = both(
    {"unit_code": "police", "reason": "经核实属公安职责"},
    {"unit_code": "police", "reason": "found to be a police matter"},
)
REGISTER = both(
    {"text": "东湖街道菜市场门口污水外溢", "kind": "complaint", "category": "municipal_works",
     "place": "东湖街道菜市场", "township_code": "990101001"},
    {"text": "sewage runs over at the gate of the Donghu market", "kind": "complaint", "category": "municipal_works",
     "place": "Donghu market", "lat": 33.452, "lon": 118.051, "unit_code": "housing"},
)  # fmt: skip
BECAUSE = both({"reason": "群众再次来电,请尽快处理"}, {"reason": "the caller rang again; please be quick"})
GRANT = both({"reason": "同意"}, {"finish_due_at": "2026-03-11T10:00:00Z", "reason": "one day less than asked"})
DELEGATE = both(
    {"unit_code": "housing", "reason": "请配合关闭该路段供水阀门"},
    {"unit_code": "housing", "reason": "please close the valve of this road"},
)
TRANSFER = both(
    {"line": "110", "reason": "现场有人持械,属公安职责"},
    {"line": "110", "reason": "somebody there has a weapon: a police matter"},
)
MERGE = both(
    {"into": "9f2c41d07a6be3", "reason": "同一工地同一晚的重复来电"},
    {"into": "9f2c41d07a6be3", "reason": "the same site, the same night"},
)
BULK = both(
    {"step": "sign", "orders": [{"order_id": "9f2c41d07a6be3", "version": 1}, {"order_id": "0b7e5d92cc1a48"}]},
    {"step": "remind", "mode": "each", "orders": [{"order_id": "9f2c41d07a6be3"}],
     "body": {"reason": "three days are over; how far is it?"}},
)  # fmt: skip


def _order(text: str, place: str) -> dict[str, Any]:
    return {
        "order_id": "9f2c41d07a6be3", "incident_id": "5b1e77aa90c4d2", "state": "dispatched", "outcome": None,
        "kind": "complaint", "category": "noise", "is_urgent": False, "event_grade": "4", "handling_level": "village",
        "unit_code": "ecology", "unit_duty_tier": "tier_2", "co_unit_codes": [], "text": text, "place": place,
        "township_code": "990101001", "grid_code": None, "lat": 33.45, "lon": 118.05,
        "reasons": ["unit_code: noise@2026-01-01: category noise"], "urged_count": 0,
        "accepted_at": "2026-03-02T04:00:00Z", "sign_due_at": "2026-03-02T08:00:00Z",
        "finish_due_at": "2026-03-05T15:59:59Z", "sign_rule": "deadlines/ordinary@2000-01-01",
        "finish_rule": "deadlines/three_days@2000-01-01", "paused_at": None,
        "dispatched_at": "2026-03-02T04:05:00Z", "signed_at": None, "closed_at": None,
        "parent_id": None, "merged_into": None, "transferred_to": None, "refused_by": [],
        "updated_at": "2026-03-02T04:05:00Z", "version": 1,
    }  # fmt: skip


ORDER = answer(_order("工地夜间施工噪声大", "东湖街道"), _order("noise from a building site at night", "Donghu street"))
