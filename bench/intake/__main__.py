"""`python -m bench.intake [--events N] [--rounds N] [--filled ROWS]`: events to reports, ours beside three others.

All read the same events on this machine in one run, taking turns; each round of each is a process of its own. Printed
and, with --write, put into bench/RESULTS.md: the medians.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.intake.events import made
from bench.intake.filled import fill as fill_lake
from bench.intake.measuring import Cost
from bench.intake.stack import fill, spark_pid
from bench.intake.telling import results, table
from bench.results import put
from infra.stack import lifecycle
from jobs.settings import ROOT, Settings

SERVERS = ("kafka", "spark")
PORT_BASE = 25_000
CACHE = ROOT / ".cache" / "bench"
NAMES = ("ours", "plain", "polars", "duckdb")
WARM_UP = 20_000  # events that Spark sees twice before anything is measured: its JVM compiles what is used often


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--events", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    asked.add_argument("--filled", type=int, default=0, help="rows in the lake before another round of ours")
    asked.add_argument("--write", action="store_true", help="into bench/RESULTS.md")
    told = asked.parse_args()
    events = made(CACHE, told.events)
    with (
        tempfile.TemporaryDirectory(prefix="intake-") as folder,
        lifecycle.of_its_own(Path(folder, "stack"), PORT_BASE, SERVERS) as settings,
    ):
        costs = _measured(settings, events, told, Path(folder))
    _say(table(costs))
    if told.write:
        put(results(costs, told.events, told.rounds, told.filled))
    return 0


def _measured(settings: Settings, events: Path, told: argparse.Namespace, folder: Path) -> dict[str, list[Cost]]:
    """The costs of each contestant's rounds, in the order in which they were run."""
    warm_up = min(WARM_UP, told.events)
    fill(settings, events, 0, warm_up)
    for _ in range(2 if "ours" in told.only else 0):
        _round("ours", settings, events, warm_up, folder)
    if told.events > warm_up:
        fill(settings, events, warm_up, told.events)
    costs: dict[str, list[Cost]] = {name: [] for name in told.only}
    for number in range(told.rounds):
        for name in told.only:
            costs[name].append(_round(name, settings, events, told.events, folder))
            _say(f"round {number + 1}, {name}: {costs[name][-1]}")
    if told.filled:
        old = folder / "filled"
        fill_lake(old, told.filled)
        costs["ours, filled"] = [
            _round("ours", settings, events, told.events, folder, filled=old) for _ in range(told.rounds)
        ]
        shutil.rmtree(old)
    return costs


def _round(
    name: str, settings: Settings, events: Path, count: int, folder: Path, *, filled: Path | None = None
) -> Cost:
    """One round in a process of its own. Raises SystemExit with what it said where it fails."""
    command = [
        sys.executable, "-m", "bench.intake.contestants", name, "--events", str(events), "--count", str(count),
        "--kafka", settings.kafka, "--spark", settings.spark, "--server", str(spark_pid(settings)),
        "--folder", str(folder), *(["--filled", str(filled)] if filled else []),
    ]  # fmt: skip
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
