"""The escalation ladder (催办 → 督办 → 通报): which steps an order that is late has come to, by dated rules."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import polars as pl

from schemas.messages import EVENT_ID
from schemas.order_life import NOBODY_IS_LATE
from schemas.records import OrderEvent
from schemas.regulation import Escalation

UNSIGNED = "dispatched"
TAKEN = ["order_id", "event", "finish_due_at", "rule"]


def steps_due(
    orders: pl.DataFrame, taken: pl.DataFrame, rules_of: Callable[[datetime], Sequence[Escalation]], now: datetime
) -> pl.DataFrame:
    """Events that are to be booked now, in the order of the ladder: OrderEvent, with versions that follow the order's.

    orders: rows of Order. taken: events of ESCALATIONS that were booked; each rule speaks once for one due time, so an
    extension begins the ladder anew. rules_of: the rules that hold for what was accepted at an instant. An order that
    waits to be dispatched, is paused, or has ended, is nobody's delay.
    """
    known = set(taken.with_columns(rule=pl.col("reason").str.split(":").list.first()).select(TAKEN).rows())
    found = [
        step
        for order in orders.sort("order_id").iter_rows(named=True)
        if order["state"] not in NOBODY_IS_LATE
        for step in _of_order(order, rules_of(order["accepted_at"]), known, now)
    ]
    return OrderEvent.validate(pl.DataFrame(found, schema=OrderEvent.create_empty().schema), cast=True)


def _of_order(
    order: dict[str, object], rules: Sequence[Escalation], known: set[tuple[object, ...]], now: datetime
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for rule in rules:
        due, name = order[rule.after], f"{rule.name}@{rule.valid_from}"
        assert isinstance(due, datetime)
        late = now - due
        is_waiting = rule.after == "finish_due_at" or order["state"] == UNSIGNED
        if not is_waiting or late < timedelta(minutes=rule.minutes):
            continue
        if (order["order_id"], rule.step, order["finish_due_at"], name) in known:
            continue
        version = int(str(order["version"])) + len(found) + 1
        found.append(
            {
                "event_id": EVENT_ID.format(order["order_id"], version),
                "order_id": order["order_id"],
                "version": version,
                "event": rule.step,
                "from_state": order["state"],
                "to_state": order["state"],
                "unit_code": order["unit_code"],
                "role": "system",
                "reason": f"{name}: {rule.after} passed {_told(late)} ago",
                "outcome": None,
                "finish_due_at": order["finish_due_at"],
                "finish_rule": order["finish_rule"],
                "occurred_at": now,
                "category": order["category"],
            }
        )
    return found


def _told(late: timedelta) -> str:
    hours = late.total_seconds() / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
