"""The life of an order, written down by hand: every state with every step."""

import pytest

from api.orders import models
from api.orders.life import state_after
from api.problems import ProblemError
from schemas.order_life import LIFE, STATES, steps_from
from schemas.vocabulary import ESCALATIONS, ORDER_EVENTS, ORDER_STATES

WITH_THE_UNIT = ("dispatched", "signed", "handling", "extension_asked", "paused")
WAYS = {
    ("to_dispatch", "dispatch"): "dispatched",
    ("dispatched", "sign"): "signed",
    ("dispatched", "send_back"): "returned",
    ("signed", "handle"): "handling",
    ("signed", "extend"): "signed",
    ("signed", "send_back"): "returned",
    ("signed", "ask_extension"): "extension_asked",
    ("signed", "delegate"): "signed",
    ("handling", "handle"): "handling",
    ("handling", "extend"): "handling",
    ("handling", "ask_extension"): "extension_asked",
    ("handling", "delegate"): "handling",
    ("handling", "close"): "closed",
    ("handling", "pause"): "paused",
    ("extension_asked", "grant_extension"): "where it was",
    ("extension_asked", "refuse_extension"): "where it was",
    ("paused", "extend"): "paused",
    ("paused", "resume"): "handling",
    ("returned", "dispatch"): "dispatched",
    ("closed", "call_back"): "called_back",
    ("closed", "archive"): "archived",
    ("called_back", "archive"): "archived",
    **{(state, "reopen"): "handling" for state in ("closed", "called_back", "archived")},
    **{(state, "transfer"): "transferred" for state in ("to_dispatch", "dispatched", "returned")},
    ("transferred", "take_back"): "returned",
    **{(state, "merge"): "merged" for state in ("to_dispatch", "returned", *WITH_THE_UNIT)},
    **{(state, mark): state for state in WITH_THE_UNIT for mark in ESCALATIONS},
    **{(state, "correct"): state for state in ORDER_STATES if state != "merged"},
}
BODIES = {
    "sign": models.Note, "handle": models.Note, "extend": models.Extend, "send_back": models.SendBack,
    "close": models.Close, "call_back": models.CallBack, "reopen": models.Reopen, "dispatch": models.Dispatch,
    "correct": models.Correct, "pause": models.Pause, "resume": models.Note, "ask_extension": models.Extend,
    "grant_extension": models.Grant, "refuse_extension": models.Because, "delegate": models.Delegate,
    "archive": models.Note, "transfer": models.Transfer, "take_back": models.Because, "merge": models.Merge,
    **dict.fromkeys(ESCALATIONS, models.Because),
}  # fmt: skip


@pytest.mark.parametrize("state", ORDER_STATES)
@pytest.mark.parametrize("event", LIFE)
def test_each_step_is_allowed_where_the_table_says_and_nowhere_else(state: str, event: str):
    if (state, event) in WAYS:
        assert state_after(state, event, "dispatcher", "where it was") == WAYS[state, event]
        return
    with pytest.raises(ProblemError) as refused:
        state_after(state, event, "dispatcher")
    assert refused.value.status == 409


def test_people_take_every_step_but_those_of_the_pipeline():
    assert set(LIFE) == set(ORDER_EVENTS) - {"register", "revise", "urge"}
    assert set(STATES) == set(ORDER_STATES)


@pytest.mark.parametrize(
    ("state", "role", "steps"),
    [
        ("to_dispatch", "dispatcher", ["dispatch", "transfer", "merge", "correct"]),
        ("dispatched", "department", ["sign", "send_back"]),
        ("dispatched", "dispatcher", ["transfer", "merge", "correct", "remind", "supervise", "report"]),
        ("handling", "department", ["handle", "ask_extension", "pause", "delegate", "close"]),
        ("extension_asked", "department", []),
        ("paused", "department", ["resume"]),
        ("returned", "dispatcher", ["dispatch", "transfer", "merge", "correct"]),
        ("closed", "dispatcher", ["call_back", "reopen", "archive", "correct"]),
        ("called_back", "dispatcher", ["reopen", "archive", "correct"]),
        ("archived", "dispatcher", ["reopen", "correct"]),
        ("merged", "dispatcher", []),
        ("handling", "leader", ["remind", "supervise", "report"]),
        ("closed", "leader", []),
    ],
)
def test_a_role_is_told_its_own_next_steps(state: str, role: str, steps: list[str]):
    assert steps_from(state, role) == steps


@pytest.mark.parametrize("event", LIFE)
def test_what_a_step_requires_its_body_requires(event: str):
    required = {name for name, field in BODIES[event].model_fields.items() if field.is_required()}
    assert required == set(LIFE[event].requires)
