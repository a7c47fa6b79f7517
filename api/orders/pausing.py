"""The time limit of an order that goes on after a pause."""

from datetime import datetime

from api.orders.queries import Row
from schemas.regulation import Regulation
from schemas.regulation.clock import Pause, after_pauses, counting_of, last_set, named_after_pauses, pauses_of, rule_of


def due_after_pauses(order: Row, events: list[Row], now: datetime, rules: Regulation) -> Row:
    """finish_due_at and finish_rule of a paused order that goes on now. events: its steps, the first first.

    Counted anew from the limit that was last set, by the pauses since; the present one may be set during the pause.
    """
    base = last_set(events)
    pauses = [*pauses_of(events), Pause(order["paused_at"], now)]
    since = [pause for pause in pauses if pause.resumed_at > base["occurred_at"]]
    counting = counting_of(rules, order["reasons"], order["accepted_at"])
    due_at, given = after_pauses(base["finish_due_at"], since, counting)
    rule = base["finish_rule"] or rule_of(order["reasons"], "finish_due_at")
    return {"finish_due_at": due_at, "finish_rule": named_after_pauses(rule, given)}
