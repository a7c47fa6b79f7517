"""One round of one contestant: `python -m bench.intake.contestants NAME …` prints its cost as JSON.

A process each, so that the memory of one is not counted for another. Each does a small part before, unmeasured.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.intake.measuring import Cost, cost_of
from jobs.context import Context
from jobs.io.lake import read_table
from jobs.settings import Settings

KEY = b"a key for the measurement"
WARM_UP = 2_000  # events
Round = Callable[[Path], int]  # gives the reports it wrote
Before = Callable[[Path], object]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("name", choices=("ours", "plain", "polars", "duckdb"))
    asked.add_argument("--events", type=Path, required=True, help="the file of events")
    asked.add_argument("--count", type=int, required=True, help="how many it holds")
    asked.add_argument("--kafka", default="")
    asked.add_argument("--spark", default="")
    asked.add_argument("--server", type=int, help="pid of the Spark server")
    asked.add_argument("--filled", type=Path, help="state folder whose lake ours begins with")
    asked.add_argument("--folder", type=Path, required=True, help="for what is written")
    told = asked.parse_args()
    sys.stdout.write(json.dumps(asdict(_round(told))) + "\n")
    return 0


def _round(told: argparse.Namespace) -> Cost:
    with TemporaryDirectory(prefix=f"{told.name}-", dir=told.folder) as folder:
        work, warm_up = _works(told)
        warm_up(Path(folder, "warm-up"))
        return cost_of(lambda: work(Path(folder, "lake")), told.count, told.server if told.name == "ours" else None)


def _works(told: argparse.Namespace) -> tuple[Round, Before]:
    """The work, and what is done before."""
    if told.name == "ours":
        return lambda folder: ours(_settings(told, folder)), lambda folder: _begin(told.filled, folder)
    if told.name == "plain":
        from bench.intake.plain import consume

        return partial(consume, told.kafka, told.count, KEY), partial(consume, told.kafka, WARM_UP, KEY)
    from bench.intake import ceiling

    read = ceiling.with_polars if told.name == "polars" else ceiling.with_duckdb
    return partial(read, told.events), lambda folder: read(_small(told.events, folder), folder)


def _begin(filled: Path | None, folder: Path) -> None:
    """With that lake, by links: its files are never written again. Modules are imported, as the others' are by their
    small part; the server was warmed up at first."""
    import jobs.streaming.clean
    import jobs.streaming.land  # noqa: F401 - for its effect

    if filled:
        shutil.copytree(filled, folder.with_name("lake"), copy_function=os.link)


def _small(events: Path, folder: Path) -> Path:
    import polars as pl

    path = folder.with_suffix(".parquet")
    pl.scan_parquet(events).head(WARM_UP).collect().write_parquet(path)
    return path


def _settings(told: argparse.Namespace, folder: Path) -> Settings:
    return Settings(state_dir=folder, lake="", kafka_bootstrap=told.kafka, spark_remote=told.spark,
                    caller_key=KEY.decode())  # fmt: skip


def ours(settings: Settings) -> int:
    """land, then clean, as the two jobs that they are; gives the reports there are."""
    from jobs.run import log_to_stderr, run_job

    log_to_stderr()
    for job in ("land", "clean"):
        run_job(job, Context(settings, datetime.now(UTC)))
    return read_table(settings.lake_uri, "silver.reports", ["item_no"]).height


if __name__ == "__main__":
    sys.exit(main())
