"""What a department does with an order, and what the caller says afterwards; decided by the order's id alone."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Literal

Conduct = Literal["prompt", "late", "sends_back", "extends", "pauses", "still_at_work", "ignores"]

CONDUCTS: dict[Conduct, float] = {
    "prompt": 0.54, "late": 0.14, "extends": 0.08, "pauses": 0.04, "sends_back": 0.06, "still_at_work": 0.10,
    "ignores": 0.04,
}  # fmt: skip
SEND_BACK_REASONS = (
    "不属于本单位职责范围",
    "事发地不在本辖区",
    "来件信息不全，无法联系来电人",
    "已由其他单位受理，属重复派单",
)
EXTENSION_REASONS = ("需多部门会商，申请延期", "待配件到货后施工", "连续降雨无法施工", "需现场鉴定，结果未出")
PAUSES = {
    "waiting_for_caller": "来电人外出，约定三日后入户查看",
    "weather": "连续降雨，路面无法施工",
    "expert_finding": "已送检，等待检测结果",
}  # cause -> reason
CLOSING_NOTES = (
    "已现场处置并告知来电人",
    "已责令整改，责任方已完成整改",
    "已电话答复来电人政策规定",
    "经核实问题属实，已修复",
    "已列入计划，并向来电人说明",
)
OUTCOMES = {"solved": 0.68, "partly_solved": 0.17, "not_solved": 0.11, "no_such_place": 0.04}
REACHED = 0.82
SOLVED_SAYS_CALLER = {"solved": 0.93, "partly_solved": 0.45, "not_solved": 0.08, "no_such_place": 0.05}
SATISFACTION = {True: (0.72, 0.22, 0.06), False: (0.12, 0.28, 0.60)}


@dataclass(frozen=True)
class Step:
    """One step of an order's life. event: a code of ORDER_EVENTS; role: who does it; after: since the step before.

    Only the fields that the event needs are set: reason for send_back, ask_extension and pause, extra_days for
    ask_extension, cause for pause, outcome and note for close, the was_ fields and satisfaction for call_back (None where the caller was not reached).
    """

    event: str
    role: str
    after: timedelta
    reason: str | None = None
    extra_days: int | None = None
    cause: str | None = None
    outcome: str | None = None
    note: str | None = None
    was_reached: bool | None = None
    was_contacted: bool | None = None
    was_solved: bool | None = None
    satisfaction: str | None = None


def plan(order_id: str, seed: int = 0) -> list[Step]:
    """The steps of one order in their order; empty when the unit never signs for it."""
    rng = Random(f"{seed} {order_id}")
    conduct = rng.choices(list(CONDUCTS), list(CONDUCTS.values()))[0]
    if conduct == "ignores":
        return []
    sign = Step("sign", "department", _hours(rng, 4, 30) if conduct == "late" else _hours(rng, 0.05, 1.5))
    if conduct == "sends_back":
        return [sign, Step("send_back", "department", _hours(rng, 0.2, 3), reason=rng.choice(SEND_BACK_REASONS))]
    steps = [sign, Step("handle", "department", _hours(rng, 0.2, 5))]
    if conduct == "still_at_work":
        return steps
    if conduct == "extends":
        why, days = rng.choice(EXTENSION_REASONS), rng.randint(1, 5)
        steps.append(Step("ask_extension", "department", _hours(rng, 2, 40), reason=why, extra_days=days))
        steps.append(Step("grant_extension", "dispatcher", _hours(rng, 0.2, 4)))
    if conduct == "pauses":
        cause = rng.choice(sorted(PAUSES))
        steps.append(Step("pause", "department", _hours(rng, 1, 10), reason=PAUSES[cause], cause=cause))
        steps.append(Step("resume", "department", _hours(rng, 20, 90)))
    outcome = rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
    waited = _hours(rng, 90, 260) if conduct == "late" else _hours(rng, 1, 60)
    steps.append(Step("close", "department", waited, outcome=outcome, note=rng.choice(CLOSING_NOTES)))
    return steps + _call_backs(outcome, rng)


def _call_backs(outcome: str, rng: Random) -> list[Step]:
    """Up to two tries to reach the caller; at times nobody answers."""
    for_one = Step("call_back", "dispatcher", _hours(rng, 12, 48), was_reached=False)
    if rng.random() < REACHED:
        return [_answered(outcome, rng)]
    return [for_one, _answered(outcome, rng)] if rng.random() < 0.5 else [for_one]


def _answered(outcome: str, rng: Random) -> Step:
    is_solved = rng.random() < SOLVED_SAYS_CALLER[outcome]
    return Step(
        "call_back", "dispatcher", _hours(rng, 12, 48), was_reached=True,
        was_contacted=rng.random() < (0.97 if is_solved else 0.80), was_solved=is_solved,
        satisfaction=rng.choices(("satisfied", "mostly_satisfied", "dissatisfied"), SATISFACTION[is_solved])[0],
    )  # fmt: skip


def _hours(rng: Random, least: float, most: float) -> timedelta:
    return timedelta(minutes=round(rng.uniform(least, most) * 60))
