"""The costs as a table that people read, and as a section of bench/RESULTS.md."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil

from bench.intake.measuring import Cost

TITLES = {
    "ours": "land + clean (ours)",
    "plain": "plain Python consumer",
    "polars": "Polars, file to Delta (ceiling)",
    "duckdb": "DuckDB, file to Delta (ceiling)",
    "ours, filled": "land + clean into a filled lake",
}
PACKAGES = ("pyspark", "delta-spark", "deltalake", "polars", "duckdb", "kafka-python", "orjson")
NOTES = Path(__file__).with_name("notes.md")


def table(costs: Mapping[str, Sequence[Cost]]) -> str:
    """Markdown, one row a contestant: medians of its rounds."""
    lines = [
        "| | events/s | events/CPU-s | peak memory, MB | reports | rounds, events/CPU-s |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for name, rounds in costs.items():
        by_second, by_cpu, peak = (
            median(getattr(cost, what) for cost in rounds) for what in ("by_second", "by_cpu_second", "peak_mb")
        )
        each = ", ".join(f"{cost.by_cpu_second:,.0f}" for cost in rounds)
        lines.append(
            f"| {TITLES[name]} | {by_second:,.0f} | {by_cpu:,.0f} | {peak:,.0f} | {rounds[0].reports:,} | {each} |"
        )
    return "\n".join(lines)


def results(costs: Mapping[str, Sequence[Cost]], events: int, rounds: int, filled: int) -> str:
    """Its section of bench/RESULTS.md; bench/intake/notes.md holds what was learnt."""
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    found = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    memory = psutil.virtual_memory().total / 2**30
    made = f"{events:,} events, {rounds} rounds" + (f", then a lake of {filled:,} reports" if filled else "")
    return (
        f"# Intake, measured\n\nMade by `make bench`; do not edit. {made}; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.\n\n"
        f"Machine: {os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB; load at the end {load}. "
        f"Python {platform.python_version()}, {found}.\n\n{table(costs)}\n\n{NOTES.read_text(encoding='utf-8')}"
    )
