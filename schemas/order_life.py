"""The life of an order (工单), declared once: its states, the steps between them, who may take them, which clock runs.

Rights (`api.keys.rights`), refusals (`api.orders.life`), the jobs' idea of what is open or ended and the picture in
`docs/orders.md` are all read from here. Outcome (what came of it) is apart from state (where it is).
"""

from dataclasses import dataclass
from typing import Final, Literal

Clock = Literal["none", "sign", "finish", "stopped"]
BACK: Final = "back"  # to_state of a step that leads to where the order was before it came into its present state


@dataclass(frozen=True)
class State:
    """clock: which due time can pass here; `sign` means both. is_ended: the lead unit has nothing left to do."""

    clock: Clock
    is_ended: bool = False


@dataclass(frozen=True)
class Step:
    """What an event does. to_state None: the order stays where it is. requires: fields that the request must give."""

    event: str
    from_states: tuple[str, ...]
    to_state: str | None
    roles: tuple[str, ...]
    requires: tuple[str, ...] = ()


STATES: Final[dict[str, State]] = {
    "to_dispatch": State("none"),
    "dispatched": State("sign"),
    "signed": State("finish"),
    "handling": State("finish"),
    "extension_asked": State("finish"),
    "paused": State("stopped"),
    "returned": State("none"),
    "closed": State("none", is_ended=True),
    "called_back": State("none", is_ended=True),
    "archived": State("none", is_ended=True),
    "transferred": State("none", is_ended=True),
    "merged": State("none", is_ended=True),
}
ENDED: Final = tuple(state for state, told in STATES.items() if told.is_ended)
OPEN: Final = tuple(state for state, told in STATES.items() if not told.is_ended)
NOBODY_IS_LATE: Final = tuple(state for state, told in STATES.items() if told.clock in {"none", "stopped"})
DONE: Final = ("closed", "called_back", "archived")  # by the unit, and not elsewhere
AWAY: Final = ("transferred", "merged")
AT_THE_CENTRE: Final = ("to_dispatch", "returned")
WITH_THE_UNIT: Final = ("dispatched", "signed", "handling", "extension_asked", "paused")

CENTRE: Final = ("dispatcher",)
UNIT: Final = ("department",)
WATCHING: Final = ("dispatcher", "leader")

# In the order of a life. `revise` and `urge` are the pipeline's; the ladder is climbed by it and by people.
LIFE: Final = {
    step.event: step
    for step in (
        Step("sign", ("dispatched",), "signed", UNIT),
        Step("handle", ("signed", "handling"), "handling", UNIT),
        Step("ask_extension", ("signed", "handling"), "extension_asked", UNIT, ("finish_due_at", "reason")),
        Step("grant_extension", ("extension_asked",), BACK, CENTRE),
        Step("refuse_extension", ("extension_asked",), BACK, CENTRE, ("reason",)),
        Step("extend", ("signed", "handling", "paused"), None, CENTRE, ("finish_due_at", "reason")),
        Step("pause", ("handling",), "paused", (*UNIT, *CENTRE), ("cause", "reason")),
        Step("resume", ("paused",), "handling", (*UNIT, *CENTRE)),
        Step("send_back", ("dispatched", "signed"), "returned", UNIT, ("reason",)),
        Step("dispatch", ("to_dispatch", "returned"), "dispatched", CENTRE, ("unit_code", "reason")),
        Step("delegate", ("signed", "handling"), None, (*UNIT, *CENTRE), ("unit_code", "reason")),
        Step("close", ("handling",), "closed", UNIT, ("outcome",)),
        Step("call_back", ("closed",), "called_back", CENTRE, ("reached",)),
        Step("reopen", ("closed", "called_back", "archived"), "handling", CENTRE, ("reason",)),
        Step("archive", ("closed", "called_back"), "archived", CENTRE),
        Step("transfer", ("to_dispatch", "dispatched", "returned"), "transferred", CENTRE, ("line", "reason")),
        Step("take_back", ("transferred",), "returned", CENTRE, ("reason",)),
        Step("merge", ("to_dispatch", *WITH_THE_UNIT, "returned"), "merged", CENTRE, ("into", "reason")),
        Step("correct", tuple(state for state in STATES if state != "merged"), None, CENTRE, ("category", "reason")),
        Step("remind", WITH_THE_UNIT, None, WATCHING, ("reason",)),
        Step("supervise", WITH_THE_UNIT, None, WATCHING, ("reason",)),
        Step("report", WITH_THE_UNIT, None, WATCHING, ("reason",)),
    )
}


def steps_from(state: str, role: str) -> list[str]:
    """The steps this role may take in this state, in the order of a life."""
    return [step.event for step in LIFE.values() if state in step.from_states and role in step.roles]
