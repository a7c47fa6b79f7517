"""The rounds as tables that people read, and as a section of bench/RESULTS.md."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.api.load import LIFE, Seen

NOTES = Path(__file__).with_name("notes.md")
PACKAGES = ("fastapi", "uvicorn", "sqlalchemy", "psycopg", "locust")


@dataclass(frozen=True)
class Round:
    """One size. cpu: seconds of `api`, `store` and `load`; memory: MB of `api` and `store`."""

    orders: int
    seen: Seen
    cpu: dict[str, float]
    memory: dict[str, float]


def table(rounds: Sequence[Round]) -> str:
    """Markdown: a row a size, then a row a call."""
    lines = [
        "| orders | lives/s | calls/s | errors | CPU ms a call: API, PostgreSQL, load | MB: API, PostgreSQL |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for one in rounds:
        count = sum(call.count for call in one.seen.calls if call.name != LIFE)
        cpu = ", ".join(f"{1000 * one.cpu[name] / max(count, 1):.1f}" for name in ("api", "store", "load"))
        memory = ", ".join(f"{one.memory[name]:,.0f}" for name in ("api", "store"))
        errors = sum(call.errors for call in one.seen.calls)
        by_second = one.seen.lives_by_second
        lines.append(
            f"| {one.orders:,} | {by_second:.1f} | {count / one.seen.seconds:.0f} | {errors} | {cpu} | {memory} |"
        )
    return "\n".join([*lines, "", *_of_calls(rounds)])


def _of_calls(rounds: Sequence[Round]) -> list[str]:
    """p50, p95 and p99 of each call, in milliseconds, a column a size."""
    sizes = " | ".join(f"{one.orders:,} orders" for one in rounds)
    lines = [f"| ms: p50 / p95 / p99 | {sizes} |", "|---" + "|--:" * len(rounds) + "|"]
    for number, call in enumerate(rounds[0].seen.calls):
        told = [one.seen.calls[number] for one in rounds]
        cells = " | ".join(" / ".join(str(each.quantile(share)) for share in (0.5, 0.95, 0.99)) for each in told)
        lines.append(f"| {call.name} | {cells} |")
    return lines


def section(rounds: Sequence[Round], told: argparse.Namespace) -> str:
    """Its section of bench/RESULTS.md; bench/api/notes.md holds what was learnt."""
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    found = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    how = f"{told.seconds} s a size, {told.clients} clients, {told.workers} processes of uvicorn, {told.load} of locust"
    return (
        f"# The API, measured\n\nMade by `make bench-api`; do not edit. {how}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC.\n\n"
        f"Machine: {os.cpu_count()} cores for the API, PostgreSQL and locust together; load at the end {load}. {found}."
        "\n\n"
        f"{table(rounds)}\n\n{NOTES.read_text(encoding='utf-8')}"
    )
