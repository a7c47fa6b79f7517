"""`python -m bench.api.plans [--orders 1000000] [--write]`: how PostgreSQL answers the hottest queries; docs/plans.md.

The statements are those that the API sends, caught on the way, for a store filled as the benchmark fills it.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.app import create_app
from bench.api.filling import fill
from bench.api.load import made_plan
from bench.api.store import own_store
from jobs.settings import ROOT, Settings

PAGE = ROOT / "docs" / "plans.md"
OF_ORDERS = re.compile(r"\b(FROM|UPDATE) (orders|order_events)\b")
Call = tuple[str, str, str, dict[str, Any]]  # what it is, role, path, query


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--orders", type=int, default=1_000_000)
    asked.add_argument("--write", action="store_true", help="into docs/plans.md")
    told = asked.parse_args()
    with own_store() as (settings, _):
        plan = made_plan(settings)
        fill(settings, 1, told.orders)
        found = "\n".join(_explained(settings, plan))
    page = f"# Plans of the hottest queries\n\n{_head(told.orders)}\n{found}"
    print(page)
    if told.write:
        PAGE.write_text(page, encoding="utf-8")
    return int("Seq Scan" in found)


def _head(orders: int) -> str:
    return (
        f"Made by `python -m bench.api.plans --orders {orders} --write`; do not edit. {orders:,} orders with their "
        "histories; the statements are those the API sends. A sequential scan among them makes the command fail.\n"
    )


def _calls(unit: str, order: str) -> list[Call]:
    return [
        ("What is new for a unit", "department", "/v1/orders", {"state": "dispatched", "unit": unit, "limit": 20}),
        ("Words in a unit's orders", "department", "/v1/orders", {"q": "路灯", "limit": 20}),
        ("Words in all orders", "dispatcher", "/v1/orders", {"q": "污水外溢", "limit": 20}),
        ("The centre's pool", "dispatcher", "/v1/orders", {"state": ["to_dispatch", "returned"], "limit": 50}),
        ("One order", "department", f"/v1/orders/{order}", {}),
        ("Its steps", "department", f"/v1/orders/{order}/events", {}),
        ("What is overdue", "dispatcher", "/v1/orders", {"overdue": True, "limit": 50}),
    ]


def _explained(settings: Settings, plan: dict[str, Any]) -> Iterator[str]:
    app = create_app(settings, is_relaying=False)
    engine: sa.Engine = app.state.store
    with engine.connect() as store:
        row = store.execute(sa.text("SELECT unit_code, order_id FROM orders WHERE state = 'dispatched' LIMIT 1")).one()
    keys = {"dispatcher": plan["dispatcher"], "department": plan["keys"][row.unit_code]}
    for name, role, path, query in _calls(row.unit_code, row.order_id):
        client = TestClient(app, headers={"Authorization": f"Bearer {keys[role]}"})
        with _caught(engine) as statements:
            answer = client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        statement, parameters = statements[-1]
        with engine.connect() as store:
            lines = store.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {statement}", parameters)
            yield (
                f"## {name}\n\n`GET {path}` {query or ''}\n\n```text\n"
                + "\n".join(line for (line,) in lines)
                + "\n```\n"
            )


@contextmanager
def _caught(engine: sa.Engine) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of orders and their events meanwhile."""
    found: list[tuple[str, Any]] = []

    def catch(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if OF_ORDERS.search(statement.replace("\n", "")):
            found.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", catch)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", catch)


if __name__ == "__main__":
    sys.exit(main())
