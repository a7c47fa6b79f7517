"""The page of an order's life: a picture of its states and steps, and tables of both."""

from collections.abc import Iterable, Sequence

from schemas.order_life import BACK, LIFE, STATES, Step
from schemas.vocabulary import ORDER_EVENTS, ORDER_STATES, ROLES

MADE = "<!-- Made by `python -m schemas.publishing` from schemas/order_life.py; changes belong there. -->\n"
CLOCKS = {
    "none": "none", "sign": "sign for 签收, finish 办结", "finish": "finish 办结", "stopped": "stands 停",
}  # fmt: skip


def life_page() -> str:
    """The whole page, Markdown with a Mermaid state diagram."""
    states = [
        (
            f"`{code}`",
            ORDER_STATES[code].zh,
            ORDER_STATES[code].en,
            CLOCKS[state.clock],
            "yes" if state.is_ended else "",
        )
        for code, state in STATES.items()
    ]
    steps = [
        (f"`{step.event}`", ORDER_EVENTS[step.event].zh, ORDER_EVENTS[step.event].en, _states(step), _to(step),
         ", ".join(ROLES[role].zh for role in step.roles), ", ".join(f"`{name}`" for name in step.requires))
        for step in LIFE.values()
    ]  # fmt: skip
    return "\n".join([
        MADE, "# The life of an order 工单的一生\n", "```mermaid", *_picture(), "```\n",
        "Steps that leave an order where it is are in the table only. Outcome (what came of it) is apart from state. "
        "A step that comes out of turn is refused with the steps that are possible; nothing moves an order backwards "
        "but `send_back`, `reopen` and `take_back`, each with its reason.\n",
        "## States 状态\n", _table(("State", "中文", "English", "Clock", "Ended"), states),
        "## Steps 步骤\n",
        "Each is `POST /v1/orders/{id}/<step>`, with `-` for `_` (`delegate`: `/sub-orders`).\n",
        _table(("Step", "中文", "English", "From", "To", "Who", "Requires"), steps),
        "By the pipeline: `revise` (a decision that changed), `urge` (another report of the same incident), and the "
        "ladder `remind`, `supervise`, `report` on its own when an order is late. `register` begins an order that the "
        "command centre notes by hand.\n",
    ])  # fmt: skip


def _picture() -> Iterable[str]:
    yield "stateDiagram-v2"
    for code, term in ORDER_STATES.items():
        yield f"    {code}: {term.zh} {code}"
    yield "    [*] --> dispatched: 派发"
    yield "    [*] --> to_dispatch: 登记"
    for step in LIFE.values():
        if step.to_state is not None:
            yield from (f"    {way}: {ORDER_EVENTS[step.event].zh}" for way in _ways(step))
    yield from (f"    {code} --> [*]" for code in ("archived", "transferred", "merged"))


def _ways(step: Step) -> Iterable[str]:
    if step.to_state == BACK:
        into = [one for one in LIFE.values() if one.to_state in step.from_states]
        yield from (f"{here} --> {before}" for here in step.from_states for one in into for before in one.from_states)
    else:
        yield from (f"{state} --> {step.to_state}" for state in step.from_states)


def _states(step: Step) -> str:
    return "any but `merged`" if len(step.from_states) == len(STATES) - 1 else ", ".join(map(_code, step.from_states))


def _to(step: Step) -> str:
    return "where it was before" if step.to_state == BACK else _code(step.to_state) if step.to_state else "stays"


def _code(state: str) -> str:
    return f"`{state}`"


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"
