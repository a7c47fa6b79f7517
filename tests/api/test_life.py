"""The life of an order, written down by hand: every state with every step."""

import pytest

from api.orders import models
from api.orders.life import LIFE, allowed_next, state_after
from api.problems import ProblemError
from schemas.vocabulary import ESCALATIONS, ORDER_EVENTS, ORDER_STATES

WAYS = {
    ("dispatched", "sign"): "signed",
    ("dispatched", "send_back"): "returned",
    ("signed", "handle"): "handling",
    ("signed", "extend"): "signed",
    ("signed", "send_back"): "returned",
    ("handling", "handle"): "handling",
    ("handling", "extend"): "handling",
    ("handling", "close"): "closed",
    ("handling", "pause"): "paused",
    ("paused", "extend"): "paused",
    ("paused", "resume"): "handling",
    ("returned", "dispatch"): "dispatched",
    ("closed", "call_back"): "called_back",
    ("called_back", "reopen"): "handling",
    **{(state, "correct"): state for state in ORDER_STATES},
}
BODIES = {
    "sign": models.Note, "handle": models.Note, "extend": models.Extend, "send_back": models.SendBack,
    "close": models.Close, "call_back": models.CallBack, "reopen": models.Reopen, "dispatch": models.Dispatch,
    "correct": models.Correct, "pause": models.Pause, "resume": models.Note,
}  # fmt: skip


@pytest.mark.parametrize("state", ORDER_STATES)
@pytest.mark.parametrize("event", LIFE)
def test_each_step_is_allowed_where_the_table_says_and_nowhere_else(state: str, event: str):
    if (state, event) in WAYS:
        assert state_after(state, event, "dispatcher") == WAYS[state, event]
        return
    with pytest.raises(ProblemError) as refused:
        state_after(state, event, "dispatcher")
    assert refused.value.status == 409


def test_people_take_every_step_but_those_of_the_pipeline():
    assert set(LIFE) == set(ORDER_EVENTS) - {"revise", "urge", *ESCALATIONS}


@pytest.mark.parametrize(
    ("state", "role", "steps"),
    [
        ("dispatched", "department", ["sign", "send_back"]),
        ("dispatched", "dispatcher", ["correct"]),
        ("handling", "department", ["handle", "extend", "pause", "close"]),
        ("handling", "dispatcher", ["extend", "pause", "correct"]),
        ("paused", "department", ["extend", "resume"]),
        ("returned", "dispatcher", ["dispatch", "correct"]),
        ("closed", "dispatcher", ["call_back", "correct"]),
        ("called_back", "dispatcher", ["reopen", "correct"]),
        ("handling", "leader", []),
    ],
)
def test_a_role_is_told_its_own_next_steps(state: str, role: str, steps: list[str]):
    assert allowed_next(state, role) == steps


@pytest.mark.parametrize("event", LIFE)
def test_what_a_step_requires_its_body_requires(event: str):
    required = {name for name, field in BODIES[event].model_fields.items() if field.is_required()}
    assert required == set(LIFE[event].requires)
