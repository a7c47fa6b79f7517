"""Departments at work: locust in processes of its own, and what it saw."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from api.keys.making import random_key, register
from bench.api.filling import by_volume
from jobs.settings import ROOT, Settings
from jobs.simulate.corpus import corpus
from schemas.areas import load_county

Plan = dict[str, Any]
WORDS = 400
LIFE = "life-cycle"


@dataclass(frozen=True)
class Call:
    """Of one kind of call: how many, how many went wrong, and how often each number of milliseconds was seen."""

    name: str
    count: int
    errors: int
    milliseconds: dict[int, int]

    def quantile(self, share: float) -> int:
        """Milliseconds within which this share of the answers came."""
        rank, seen = share * sum(self.milliseconds.values()), 0
        for milliseconds, times in sorted(self.milliseconds.items()):
            seen += times
            if seen >= rank:
                return milliseconds
        return 0


@dataclass(frozen=True)
class Seen:
    """What locust saw in so many seconds; cpu_seconds: its own."""

    calls: tuple[Call, ...]
    seconds: float
    cpu_seconds: float

    @property
    def lives_by_second(self) -> float:
        return next((call.count for call in self.calls if call.name == LIFE), 0) / self.seconds


def made_plan(settings: Settings) -> Plan:
    """A key for the dispatcher and one for each unit, and two to four signs in a row of what callers said."""
    units = by_volume(settings)
    keys = {unit: random_key() for unit in units} | {"": random_key()}
    engine = sa.create_engine(settings.store_url, poolclass=sa.NullPool)
    with engine.begin() as store:
        for unit, key in keys.items():
            register(store, key, "department" if unit else "dispatcher", unit or None)
    random, texts = Random(1), corpus(1, WORDS, load_county(settings.rules_dir))["text"]
    begins = [random.randrange(max(1, len(text) - 4)) for text in texts]
    words = [text[begin : begin + random.randint(2, 4)] for text, begin in zip(texts, begins, strict=True)]
    return {"dispatcher": keys.pop(""), "keys": keys, "units": units, "texts": texts.to_list(), "words": words}


def played(settings: Settings, plan: Plan, told: argparse.Namespace, seconds: int) -> Seen:
    """Let the departments work. SystemExit where locust itself fails."""
    with tempfile.TemporaryDirectory(prefix="bench-load-") as folder:
        (path := Path(folder, "plan.json")).write_text(json.dumps(plan), encoding="utf-8")
        command = [
            sys.executable, "-m", "locust", "-f", str(ROOT / "bench" / "api" / "departments.py"), "--headless",
            "--host", settings.api_url, "-u", str(told.clients), "-r", str(told.clients), "-t", f"{seconds}s",
            "--json-file", str(Path(folder, "seen")), "--loglevel", "WARNING", "--only-summary",
            "--exit-code-on-error", "0",
            *(["--processes", str(told.load)] if told.load > 1 else []),
        ]  # fmt: skip
        before = _cpu_of_children()
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env={**os.environ, "NINELINES_BENCH": str(path)},
            capture_output=True,
            text=True,
        )
        spent = _cpu_of_children() - before
        if done.returncode or "Error report" in done.stdout + done.stderr:
            raise SystemExit(f"locust failed, or the API did:\n{(done.stdout + done.stderr)[-3000:]}")
        found = json.loads(Path(folder, "seen.json").read_text(encoding="utf-8"))
    return Seen(tuple(map(_call, found)), float(seconds), spent)


def _call(row: dict[str, Any]) -> Call:
    milliseconds = {int(float(took)): times for took, times in row["response_times"].items()}
    return Call(row["name"], row["num_requests"], row["num_failures"], milliseconds)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
