"""What departments do must be allowed by the life of an order."""

from collections import Counter

import pytest

from jobs.simulate.departments import plan
from schemas.order_life import BACK, LIFE
from schemas.vocabulary import OUTCOMES, SATISFACTIONS

PLANS = [plan(f"order-{number}", seed=9) for number in range(2000)]


def test_an_order_has_the_same_plan_each_time():
    assert plan("order-7", seed=9) == PLANS[7]


def test_steps_follow_the_life_of_an_order():
    for steps in PLANS:
        state, before = "dispatched", "dispatched"
        for step in steps:
            allowed = LIFE[step.event]
            assert state in allowed.from_states
            assert step.role in allowed.roles
            is_unreached = step.event == "call_back" and not step.was_reached
            after = before if allowed.to_state == BACK else None if is_unreached else allowed.to_state
            before, state = state, after or state


@pytest.mark.parametrize("event", ["send_back", "ask_extension", "pause"])
def test_these_steps_give_a_reason(event):
    found = [step for steps in PLANS for step in steps if step.event == event]
    assert found
    assert all(step.reason for step in found)


def test_answers_are_there_exactly_when_the_caller_was_reached():
    for step in (step for steps in PLANS for step in steps if step.event == "call_back"):
        answers = (step.was_contacted, step.was_solved, step.satisfaction)
        assert all((answer is not None) == step.was_reached for answer in answers)
        assert step.satisfaction is None or step.satisfaction in SATISFACTIONS


def test_most_orders_are_closed_and_some_are_not():
    last = Counter(steps[-1].event if steps else "nothing" for steps in PLANS)
    assert last["call_back"] > 1200
    assert all(last[event] > 20 for event in ("nothing", "send_back", "handle"))
    assert {step.outcome for steps in PLANS for step in steps if step.event == "close"} <= set(OUTCOMES)
