"""Whether a step is possible now, by the declaration in `schemas.order_life`; if not, what to do instead."""

from api.problems import ProblemError
from schemas.order_life import BACK, LIFE, steps_from
from schemas.vocabulary import ORDER_EVENTS, ORDER_STATES


def state_after(state: str, event: str, role: str, came_from: str | None = None) -> str:
    """Where the step leads. came_from: the state before the present one, of steps that lead back to it.

    ProblemError 409 where the state does not allow it, with the steps it allows this role.
    """
    step = LIFE[event]
    if state in step.from_states:
        to_state = came_from if step.to_state == BACK else step.to_state
        return to_state or state
    raise not_now(state, role, f"The order is {state} ({ORDER_STATES[state].zh}): {_told(event)} is not possible now.")


def not_now(state: str, role: str, why: str) -> ProblemError:
    """409: why a step is not possible, and which are."""
    allowed = steps_from(state, role)
    return ProblemError(409, "step-not-allowed", "Step not allowed", f"{why} {_advice(allowed)}", allowed_next=allowed)


def _told(event: str) -> str:
    return f"{event} ({ORDER_EVENTS[event].zh})"


def _advice(allowed: list[str]) -> str:
    if not allowed:
        return "There is no step for your role now; another role acts next."
    return f"You may now: {', '.join(map(_told, allowed))}."
