"""Departments at work, over the real HTTP API: some orders are signed for, handled, closed, called back."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import polars as pl

from infra.keys import demo_keys
from jobs.io.lake import read_table
from jobs.settings import Settings
from jobs.simulate.departments import Step, plan

PLAYED = 400  # orders; enough for rates that mean something, few enough to take seconds
CALLERS = 4  # requests at once
LEADS_TO = {"sign": "signed", "handle": "handling", "send_back": "returned", "close": "closed"}


class PlayError(Exception):
    """The API refused a step that its own state machine should allow; says which and why."""


def play(settings: Settings, seed: int, say: Callable[[str], None]) -> int:
    """Take every planned step of the played orders that was not taken before; returns the number of orders."""
    orders = read_table(settings.lake_uri, "gold.assignments", ["order_id", "unit_code", "finish_due_at"])
    played = orders.sort("order_id").head(PLAYED)
    units = played["unit_code"].unique().to_list()
    keys = demo_keys(settings, units)
    with httpx.Client(base_url=settings.api_url, timeout=60) as http, ThreadPoolExecutor(CALLERS) as pool:
        for number, _ in enumerate(pool.map(lambda order: _play_one(http, keys, order, seed), _rows(played)), start=1):
            if number % 100 == 0:
                say(f"{number} of {played.height} orders")
    return played.height


def _play_one(http: httpx.Client, keys: dict[str, str], order: dict[str, Any], seed: int) -> None:
    steps = plan(order["order_id"], seed)
    if not steps or _state(http, keys["dispatcher"], order["order_id"]) == _end(steps):
        return
    for number, step in enumerate(steps):
        key = keys[order["unit_code"]] if step.role == "department" else keys[step.role]
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"demo-{order['order_id']}-{number}"}
        path = f"/v1/orders/{order['order_id']}/{step.event.replace('_', '-')}"
        answer = _sent(http, "POST", path, headers=headers, json=_body(step, order))
        if answer.is_error:
            raise PlayError(f"POST {path}: {answer.status_code} {answer.text[:400]}")


def _state(http: httpx.Client, key: str, order_id: str) -> str:
    answer = _sent(http, "GET", f"/v1/orders/{order_id}", headers={"Authorization": f"Bearer {key}"})
    if answer.is_error:
        raise PlayError(f"GET order {order_id}: {answer.status_code} {answer.text[:400]}")
    return str(answer.json()["state"])


def _sent(http: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    """The answer; where a key has asked too often for now, after the time that it is told."""
    while (answer := http.request(method, path, **more)).status_code == 429:
        time.sleep(float(answer.headers.get("Retry-After", 1)))
    return answer


def _end(steps: list[Step]) -> str | None:
    """The state the plan leads to; None where the state alone does not tell that all was done."""
    if steps[-1].event == "call_back":
        return "called_back" if steps[-1].was_reached else None
    return LEADS_TO[steps[-1].event]


def _body(step: Step, order: dict[str, Any]) -> dict[str, Any]:
    if step.event == "ask_extension":
        due = order["finish_due_at"] + timedelta(days=step.extra_days or 1)
        return {"finish_due_at": due.isoformat(), "reason": step.reason}
    if step.event == "pause":
        return {"cause": step.cause, "reason": step.reason}
    if step.event == "close":
        return {"outcome": step.outcome, "reason": step.note}
    if step.event == "call_back":
        answers = {
            "was_contacted": step.was_contacted,
            "was_solved": step.was_solved,
            "satisfaction": step.satisfaction,
        }
        return {"reached": step.was_reached, **(answers if step.was_reached else {})}
    return {"reason": step.reason} if step.reason else {}


def _rows(orders: pl.DataFrame) -> list[dict[str, Any]]:
    return list(orders.iter_rows(named=True))
