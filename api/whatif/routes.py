"""Try rules before they count (规则试算): what they would have decided in a past period. Nothing is written."""

import os
import re
import shutil
import subprocess
import sys
import threading
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Body

from api.examples import both
from api.keys.access import Actor, who_may
from api.problems import ProblemError, problems
from api.store import AppSettings
from api.whatif.models import FILES, Difference, Trial
from jobs.settings import ROOT, Settings

router = APIRouter(prefix="/v1/whatif", tags=["rules 规则"])

LONGEST_SECONDS, LARGEST, DATA_WRONG = 120, 1_000_000, 2
PERIOD = {"start": "2026-11-01T00:00:00+08:00", "end": "2026-11-08T00:00:00+08:00"}
EXAMPLES = both(
    PERIOD | {"files": {"deadlines.toml": "# 改过的整个文件 …"}},
    PERIOD | {"files": {"deadlines.toml": "# the whole file, changed …"}},
)
_ONE_AT_A_TIME = threading.Semaphore(1)  # it takes a core, and memory for a period


@router.post("", response_model=Difference, responses=problems(400, 429, 503))
def try_rules(
    trial: Annotated[Trial, Body(openapi_examples=EXAMPLES)],
    settings: AppSettings,
    _: Annotated[Actor, who_may("rules.try")],
) -> Any:
    """Decide a past period again with changed rule files: who gains and loses what, moved due times, examples.

    Rules that cannot be used are told with file and entry.
    """
    _require_files(trial)
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        detail = "Somebody else tries rules now; it takes seconds. Send it again."
        raise ProblemError(429, "busy", "Another trial is at work", detail, headers={"Retry-After": "10"})
    try:
        with TemporaryDirectory(prefix="whatif-") as folder:
            return _tried(settings, trial, Path(folder))
    finally:
        _ONE_AT_A_TIME.release()


def _require_files(trial: Trial) -> None:
    strange = [name for name in trial.files if not re.fullmatch(FILES, name)]
    if strange or trial.start >= trial.end or sum(map(len, trial.files.values())) > LARGEST:
        told = f"no rule file is called {', '.join(strange)[:200]}" if strange else "start must be before end"
        raise ProblemError(400, "bad-request", "This cannot be tried", f"{told}; at most a megabyte of rules.")


def _tried(settings: Settings, trial: Trial, folder: Path) -> dict[str, Any]:
    """In a process of its own, as every job: what it needs it gives back."""
    rules, answer = folder / "rules", folder / "answer.json"
    shutil.copytree(settings.rules_dir, rules, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in trial.files.items():
        (rules / name).write_text(text, encoding="utf-8")
    window = ["--start", trial.start.isoformat(), "--end", trial.end.isoformat()]
    words = [f"rules={rules}", f"examples={trial.examples}"]
    environment = os.environ | settings.as_environment() | {"JOB_RESULT": str(answer)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "jobs", "whatif", *words, *window], check=False, cwd=ROOT, env=environment,
            capture_output=True, text=True, timeout=LONGEST_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        detail = f"It took longer than {LONGEST_SECONDS} s: try a shorter period."
        raise ProblemError(503, "too-long", "The trial took too long", detail) from None
    if done.returncode == 0:
        found: dict[str, Any] = loads(answer.read_text(encoding="utf-8"))
        return found
    told = done.stderr.rpartition("job whatif: ")[2].replace(str(rules), "the trial")
    if done.returncode == DATA_WRONG:
        raise ProblemError(400, "bad-rules", "These rules cannot be used", told.strip()[:4000])
    raise ProblemError(503, "trial-failed", "The trial failed", f"It can be sent again. {told.strip()[:300]}")
