"""The life of an order: one table of steps. Who may take a step stands in `api.keys.rights` as `orders.<event>`.

dispatched ─sign─► signed ─handle─► handling ─close─► closed ─call_back─► called_back
    ▲    └─send_back─┬──┘  └extend┘    └extend┘          └ not reached: stays   │
    └───dispatch── returned             ▲ ▲──────────────reopen─────────────────┘
                                        └─pause─► paused (extend, resume back to handling): the clock stands
In every state a dispatcher may correct the category (更正): the order stays where it is.
"""

from dataclasses import dataclass
from typing import Final

from api.keys.rights import may
from api.problems import ProblemError
from schemas.vocabulary import ORDER_EVENTS, ORDER_STATES


@dataclass(frozen=True)
class Step:
    """What an event does. to_state None: the order stays where it is. requires: fields the request must give."""

    event: str
    from_states: tuple[str, ...]
    to_state: str | None
    requires: tuple[str, ...] = ()


# `revise`, `urge` (`jobs.transforms.revising`) and the ladder of escalation are the pipeline's and no steps of people.
LIFE: Final = {
    step.event: step
    for step in (
        Step("sign", ("dispatched",), "signed"),
        Step("handle", ("signed", "handling"), "handling"),
        Step("extend", ("signed", "handling", "paused"), None, ("finish_due_at", "reason")),
        Step("pause", ("handling",), "paused", ("cause", "reason")),
        Step("resume", ("paused",), "handling"),
        Step("send_back", ("dispatched", "signed"), "returned", ("reason",)),
        Step("dispatch", ("returned",), "dispatched", ("unit_code", "reason")),
        Step("close", ("handling",), "closed", ("outcome",)),
        Step("call_back", ("closed",), "called_back", ("reached",)),
        Step("reopen", ("called_back",), "handling", ("reason",)),
        Step("correct", tuple(ORDER_STATES), None, ("category", "reason")),
    )
}


def state_after(state: str, event: str, role: str) -> str:
    """Where the step leads. ProblemError 409 where the state does not allow it, with the steps it allows this role."""
    step = LIFE[event]
    if state in step.from_states:
        return step.to_state or state
    allowed = allowed_next(state, role)
    detail = f"The order is {state} ({ORDER_STATES[state].zh}): {_told(event)} is not possible now. {_advice(allowed)}"
    raise ProblemError(409, "step-not-allowed", "Step not allowed", detail, allowed_next=allowed)


def allowed_next(state: str, role: str) -> list[str]:
    """The steps this role may take in this state, in the order of a life."""
    return [step.event for step in LIFE.values() if state in step.from_states and may(role, f"orders.{step.event}")]


def _told(event: str) -> str:
    return f"{event} ({ORDER_EVENTS[event].zh})"


def _advice(allowed: list[str]) -> str:
    if not allowed:
        return "There is no step for your role now; another role acts next."
    return f"You may now: {', '.join(map(_told, allowed))}."
