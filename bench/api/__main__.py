"""`python -m bench.api [--sizes 0 100000 1000000] [--clients N] [--workers N] [--seconds N]`: orders, lives a second.

The real API in uvicorn processes before a PostgreSQL of its own that grows from size to size; locust plays the
departments. Printed and, with --write, put into bench/RESULTS.md: lives a second, p50, p95 and p99 of each call,
memory and CPU time.
"""

import argparse
import sys

from bench.api.filling import fill
from bench.api.load import Plan, made_plan, played
from bench.api.serving import served
from bench.api.store import own_store
from bench.api.telling import Round, section, table
from bench.intake.measuring import cpu_of, memory_of
from bench.results import put
from jobs.settings import Settings

WARM_UP_SECONDS = 10


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--sizes", type=int, nargs="+", default=[0, 100_000, 1_000_000], help="orders, rising")
    asked.add_argument("--clients", type=int, default=8)
    asked.add_argument("--workers", type=int, default=2, help="processes of uvicorn")
    asked.add_argument("--load", type=int, default=1, help="processes of locust")
    asked.add_argument("--seconds", type=int, default=60, help="for each size, after the warm-up")
    asked.add_argument("--write", action="store_true", help="into bench/RESULTS.md")
    told = asked.parse_args()
    with own_store() as (settings, store):
        plan = made_plan(settings)
        rounds = []
        for before, size in zip([0, *told.sizes], told.sizes, strict=False):
            if size > before:
                fill(settings, before + 1, size)
            rounds.append(_measured(settings, store, plan, size, told))
            print(table(rounds[-1:]), flush=True)
    print(table(rounds))
    if told.write:
        put(section(rounds, told))
    return 0


def _measured(settings: Settings, store: int, plan: Plan, size: int, told: argparse.Namespace) -> Round:
    """One round: warm up, measure. CPU and memory are of the measured part."""
    with served(settings, told.workers) as api:
        played(settings, plan, told, WARM_UP_SECONDS)
        before = {name: cpu_of([pid]) for name, pid in (("api", api), ("store", store))}
        found = played(settings, plan, told, told.seconds)
        spent = {
            name: sum(cpu_of([pid]).values()) - sum(before[name].values())
            for name, pid in (("api", api), ("store", store))
        }
        memory = {"api": memory_of([api]) / 1e6, "store": memory_of([store]) / 1e6}
    return Round(size, found, spent | {"load": found.cpu_seconds}, memory)


if __name__ == "__main__":
    sys.exit(main())
