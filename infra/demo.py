"""`ninelines demo`: one simulated day, from the callers to the departments and back, on the local stack.

Every step may be repeated after any crash: what was sent is not sent again, what was decided stays, and what a
department did is asked for under the same idempotency key.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console

from infra.accounts import Account, account, orders, show
from infra.airflow_client import AirflowClient
from infra.departments import play
from infra.keys import demo_keys
from infra.stack import lifecycle
from jobs.io.lake import read_table
from jobs.io.model_files import classifier_folder, has_live, load, train_and_save
from jobs.models.classifier import predict
from jobs.run import context_of, run_job
from jobs.settings import Settings
from jobs.simulate.corpus import corpus
from jobs.simulate.day import simulated
from jobs.simulate.history import past_counts
from jobs.simulate.sending import send
from schemas.areas import load_county
from schemas.feeds import FEEDS
from schemas.vocabulary import ROLES

LOCAL = ZoneInfo("Asia/Shanghai")
SEED = 9
EVENTS = 6_000
PAST_WEEKS = 8
TRAINING_TEXTS = 8_000

ASKS = {
    "engineer": "/v1/feeds",
    "dispatcher": "/v1/orders?overdue=true&limit=3",
    "department": "/v1/orders?state=dispatched&limit=3",
    "analyst": "/v1/warnings?limit=3",
    "leader": "/v1/metrics?scope=county",
    "auditor": "/v1/incidents?limit=3",
}

Say = Callable[[str], None]


class DemoError(Exception):
    """A step of the demo failed; says which and what to do."""


@dataclass(frozen=True)
class Day:
    """The day the demo plays: fixed at the first run, so that a second run plays the same one."""

    date: date

    @property
    def window(self) -> dict[str, str]:
        start = datetime(self.date.year, self.date.month, self.date.day, tzinfo=LOCAL)
        return {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}


def run(settings: Settings, console: Console, events: int = EVENTS) -> Account:
    """The whole demo; returns what came of it. Raises DemoError or StackError with what to do."""
    step = _Steps(console)
    day = _chosen_day(settings)
    with step("start Kafka, PostgreSQL, Spark, API and Airflow"):
        lifecycle.up(settings, say=console.print)
    airflow = AirflowClient(settings)
    with step("prepare: the archive of past counts, a classifier") as say:
        _prepare(settings, day, events, say)
    with step(f"send {day.date:%Y-%m-%d} of eleven feeds into Kafka") as say:
        say(_send(settings, day, events))
    _catch_up_and_decide(airflow, settings, step)
    with step("Airflow warn_hourly and warn_daily") as say:
        airflow.run("warn_hourly", day.window, progress=say)
        airflow.run("warn_daily", day.window, progress=say)
    with step("departments sign for, handle, close; callers are called back (over HTTP)") as say:
        say(f"{play(settings, SEED, say)} orders played")
    with step("Airflow metrics_daily: figures and 《每日工作情况》") as say:
        airflow.run("metrics_daily", day.window, progress=say)
    with step("Airflow quality: Great Expectations on every table") as say:
        airflow.run("quality", progress=say)
    found = account(settings)
    show(found, console)
    return found


def _chosen_day(settings: Settings) -> Day:
    """Yesterday at the first run; afterwards the day that was chosen then."""
    chosen = settings.state_dir / "demo.json"
    if not chosen.exists():
        yesterday = datetime.now(LOCAL).date() - timedelta(days=1)
        chosen.parent.mkdir(parents=True, exist_ok=True)
        fresh = chosen.with_suffix(".new")
        fresh.write_text(json.dumps({"day": yesterday.isoformat(), "seed": SEED}))
        fresh.replace(chosen)
    return Day(date.fromisoformat(json.loads(chosen.read_text())["day"]))


def _prepare(settings: Settings, day: Day, events: int, say: Say) -> None:
    county = load_county(settings.rules_dir)
    if read_table(settings.lake_uri, "gold.past_counts", ["count"]).is_empty():
        archive = settings.state_dir / "demo" / "past_counts.parquet"
        archive.parent.mkdir(parents=True, exist_ok=True)
        past_counts(day.date, SEED, events, county, FEEDS, PAST_WEEKS).write_parquet(archive)
        run_job("import_history", context_of(options=[f"file={archive}"]))
        say(f"{PAST_WEEKS} weeks of past counts imported")
    folder = classifier_folder(settings.state_dir)
    if not has_live(folder):
        texts = corpus(SEED, TRAINING_TEXTS, county, side="train")
        note = "the simulator's texts: says nothing about real ones"
        model = load(train_and_save(texts["text"], texts["label"], folder, note).place)
        unseen = corpus(SEED, TRAINING_TEXTS // 4, county, side="test")
        right = int((predict(model, unseen["text"])["label"] == unseen["label"]).sum())
        told = f"right on {right / unseen.height:.0%} of texts from templates it has not seen"
        say(f"classifier trained on {TRAINING_TEXTS:,} simulated texts; {told}")


def _send(settings: Settings, day: Day, events: int) -> str:
    messages = simulated(day.date, SEED, events, load_county(settings.rules_dir)).messages
    sent = send(messages, settings.kafka)
    return f"{sent:,} messages sent, {len(messages) - sent:,} were there"


def _catch_up_and_decide(airflow: AirflowClient, settings: Settings, step: "_Steps") -> None:
    with step("Airflow catch_up: land, clean, link") as say:
        streams = airflow.trigger("catch_up")
        airflow.wait("catch_up", streams, progress=say)
    with step("Airflow decide: classify, assign, publish") as say:
        if started := airflow.started_by(streams, "catch_up", of="decide", asset="gold.incidents"):
            airflow.wait("decide", started, progress=say)
        elif _undecided(settings):  # an earlier demo was cut off between the two
            airflow.run("decide", progress=say)
        if missing := _undecided(settings):
            raise DemoError(f"{missing} incidents have no order after `decide`; see its log in the Airflow console")


def _undecided(settings: Settings) -> int:
    """Incidents that have no order in the store yet."""
    incidents = read_table(settings.lake_uri, "gold.incidents", ["incident_id"])
    return incidents.height - orders(settings.store_url).height


class _Steps:
    """Tells what is being done, what comes of it, and how long it took."""

    def __init__(self, console: Console) -> None:
        self._console, self._number = console, 0

    @contextmanager
    def __call__(self, what: str) -> Iterator[Say]:
        self._number += 1
        begun = time.monotonic()
        self._console.print(f"[bold]{self._number}. {what}[/bold]")
        yield lambda line: self._console.print(f"   {line}", highlight=False, markup=False)
        self._console.print(f"   done in {time.monotonic() - begun:.0f} s", highlight=False)


def tell_how_to_ask(settings: Settings, console: Console) -> None:
    """The API's address and one request that works for each role."""
    unit = _a_busy_unit(settings)
    keys = demo_keys(settings, [unit])
    console.print(f"\nAPI {settings.api_url} (contract: /openapi.json)", highlight=False)
    console.print(f"Airflow {settings.airflow_url}\n", highlight=False)
    for role, path in ASKS.items():
        key = keys[unit] if role == "department" else keys[role]
        line = f"# {role} {ROLES[role].zh}\ncurl -s -H 'Authorization: Bearer {key}' '{settings.api_url}{path}'"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _a_busy_unit(settings: Settings) -> str:
    units = read_table(settings.lake_uri, "gold.assignments", ["unit_code"])["unit_code"]
    return str(units.value_counts(sort=True)["unit_code"][0])
