"""Exactly once, shown: what is killed, doubled, late and out of order leaves the lake that an undisturbed run makes.

Each round sends a part of a shuffled load, lets `land`, `clean` and `link` run as services, and kills one of the
driver (the Spark server), a Python worker and the broker with -9 at a random moment, then everything that still runs.
At the end a second lake is made from the same broker in one go. NINELINES_CHAOS_ROUNDS and NINELINES_CHAOS_SEED set
more rounds and other moments.

Tables up to silver hold the moments of the broker, none of processing, so they must be the same in every column. What
`link` makes of a report depends on what came before it, until the night's `relink`: after that, links and incidents
must be the same too, but for the moment of linking.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl
import psutil
import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from infra.stack import kafka as broker
from infra.stack import lifecycle, spark
from infra.stack.ports import is_free
from infra.stack.process import running_pid, wait_until
from jobs.catalog import FEED_TOPIC_PREFIX
from jobs.context import Context, NothingToDoError
from jobs.io.kafka import create_topics, end_offsets, topics
from jobs.io.lake import read_table
from jobs.run import run_job
from jobs.settings import ROOT, Settings
from jobs.simulate.day import simulated
from jobs.simulate.load import Message
from jobs.simulate.sending import headers
from schemas.areas import load_county
from schemas.lake import TABLES
from schemas.vocabulary import FOR_OPERATIONS

pytestmark = pytest.mark.stack

PORT_BASE = 27_500
SERVERS = ("kafka", "spark")
STREAMS = ("land", "clean", "link")
VICTIMS = ("driver", "worker", "broker")
ROUNDS = int(os.environ.get("NINELINES_CHAOS_ROUNDS", "3"))
SEED = int(os.environ.get("NINELINES_CHAOS_SEED", "7"))
EVENTS = 150
SENT_AGAIN = 0.2  # of all messages, beside the redeliveries of the load
LATEST_DAYS = 30.0  # from the first part to the last
BEGUN = datetime.now(UTC) - timedelta(days=LATEST_DAYS)
LONGEST_SECONDS = 12.0  # a round, from the services' start to the kill
EXACT = ("bronze.raw", "silver.reports", "silver.redeliveries", "silver.quarantine")
COUNTS = ("rows_in", "rows_clean", "rows_redelivered", "rows_quarantined")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A broker and a driver of this module's own, up; the lake that is disturbed."""
    with lifecycle.of_its_own(tmp_path_factory.mktemp("chaos"), PORT_BASE, SERVERS) as found:
        yield found


@pytest.fixture(scope="module")
def lakes(settings: Settings) -> tuple[Settings, Settings]:
    """The disturbed lake and the undisturbed one, both read to the end."""
    rng = Random(SEED)
    parts = _parts(rng)
    _keep_all(settings, {message.topic for part in parts for message in part})
    for number, part in enumerate(parts):
        if number == 1:
            _spread(settings, rng)
        _send(settings, part, sent_at=BEGUN + timedelta(days=number * LATEST_DAYS / max(len(parts) - 1, 1)))
        with _services(settings):
            time.sleep(rng.uniform(0, LONGEST_SECONDS))
            _kill(settings, VICTIMS[number % len(VICTIMS)], rng)
        lifecycle.up(settings, SERVERS, lambda _: None)
    calm = settings.model_copy(update={"lake": str(settings.state_dir / "calm")})
    for lake in (settings, calm):
        _to_the_end(lake)
        run_job("relink", Context(lake, _now(), options=("everything=yes",)))
    return settings, calm


def test_the_lake_is_row_for_row_that_of_an_undisturbed_run(lakes: tuple[Settings, Settings]):
    for name in EXACT:
        disturbed, calm = (_rows(lake, name) for lake in lakes)
        assert disturbed.height == calm.height, name
        assert disturbed.equals(calm), f"{name}: {disturbed.join(calm, on=disturbed.columns, how='anti')}"


def test_nothing_that_the_broker_holds_is_missing_or_doubled(lakes: tuple[Settings, Settings]):
    bootstrap = lakes[0].kafka
    held = sum(
        sum(end_offsets(bootstrap, name).values()) for name in topics(bootstrap) if name.startswith(FEED_TOPIC_PREFIX)
    )
    assert _rows(lakes[0], "bronze.raw")["raw_id"].n_unique() == held


def test_each_batch_adds_up_for_each_feed_and_all_of_them_for_the_lake(lakes: tuple[Settings, Settings]):
    disturbed, calm = (_rows(lake, "ops.batches") for lake in lakes)
    assert (disturbed["rows_in"] == disturbed.select(pl.sum_horizontal(COUNTS[1:])).to_series()).all()
    by_feed = [booked.group_by("feed").agg(pl.col(COUNTS).sum()).sort("feed") for booked in (disturbed, calm)]
    assert by_feed[0].equals(by_feed[1])
    placed = sum(_rows(lakes[0], name).height for name in EXACT[1:])
    assert disturbed["rows_in"].sum() == placed


def test_each_report_has_one_link_and_each_incident_is_what_its_links_say(lakes: tuple[Settings, Settings]):
    disturbed = lakes[0]
    reports = _rows(disturbed, "silver.reports").filter(~pl.col("kind").cast(pl.String).is_in(FOR_OPERATIONS))
    links, incidents = _linked(disturbed)
    assert sorted(links["report_id"]) == sorted(reports["report_id"].unique())
    told = links.group_by("incident_id").len().sort("incident_id")
    assert told["incident_id"].to_list() == incidents["incident_id"].to_list()
    assert told["len"].to_list() == incidents["report_count"].to_list()


def test_links_and_incidents_are_row_for_row_those_of_an_undisturbed_run(lakes: tuple[Settings, Settings]):
    for disturbed, calm in zip(*map(_linked, lakes), strict=True):
        assert disturbed.equals(calm)


def _linked(settings: Settings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Links without the moment of linking, and the incidents that have reports."""
    links, incidents = _rows(settings, "gold.links"), _rows(settings, "gold.incidents")
    return links.drop("linked_at"), incidents.filter(pl.col("merged_into").is_null())


def _parts(rng: Random) -> list[list[Message]]:
    """A load with redeliveries, out of order, in as many parts as there are rounds; what is sent again comes later."""
    messages = list(simulated((BEGUN - timedelta(days=2)).date(), SEED, EVENTS, load_county()).messages)
    rng.shuffle(messages)
    parts: list[list[Message]] = [messages[number::ROUNDS] for number in range(ROUNDS)]
    for number, part in enumerate(parts[:-1]):
        again = rng.sample(part, int(len(part) * SENT_AGAIN))
        for message in again:
            parts[rng.randrange(number + 1, ROUNDS)].append(message)
    return parts


def _send(settings: Settings, messages: list[Message], sent_at: datetime) -> None:
    """Send them as of that moment: the broker's time of a message is when it lands."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka, acks="all", max_request_size=8 << 20)
    at = int(sent_at.timestamp() * 1000)
    sent = [
        producer.send(message.topic, message.payload, message.key.encode(), headers(message), timestamp_ms=at)
        for message in messages
    ]
    producer.flush()
    for future in sent:
        future.get(timeout=30)
    producer.close()


def _keep_all(settings: Settings, names: set[str]) -> None:
    """Topics that keep what is a month old: by default the broker would drop it within minutes."""
    create_topics(settings.kafka, names)
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": "-1"}) for name in names])
    admin.close()


def _spread(settings: Settings, rng: Random) -> None:
    """More partitions for some topics while nothing stands still for it."""
    names = [name for name in topics(settings.kafka) if name.startswith(FEED_TOPIC_PREFIX)]
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka)
    admin.create_partitions({name: 4 for name in rng.sample(names, 4)})
    admin.close()


@contextmanager
def _services(settings: Settings) -> Iterator[None]:
    """The three streams as services, once they are at work; killed at the end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NINELINES_")}
    environment, running = clean | settings.as_environment(), []
    try:
        for name in STREAMS:
            with Path(settings.state_dir, f"{name}.log").open("ab") as log:
                command = [sys.executable, "-m", "jobs", name, "--continuous"]
                running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        _wait_for_a_query(settings)
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def _wait_for_a_query(settings: Settings) -> None:
    """Until the last of the services has begun its work."""
    log, deadline = Path(settings.state_dir, "link.log"), time.monotonic() + 300
    begun = log.read_text().count("query_started")
    while log.read_text().count("query_started") == begun:
        assert time.monotonic() < deadline, log.read_text()[-2000:]
        time.sleep(0.2)


def _kill(settings: Settings, victim: str, rng: Random) -> None:
    process = broker.processes(settings)[0] if victim == "broker" else spark.processes(settings)[0]
    pid = running_pid(process)
    assert pid is not None, f"{process.name} was down before it was killed"
    if victim == "worker":
        assert wait_until(lambda: _kill_a_worker(pid, rng), 60), "no worker at work"
        return
    os.kill(pid, signal.SIGKILL)
    # a killed JVM holds its port until its last thread is gone
    assert wait_until(lambda: all(is_free(port) for port in process.ports), 60)


def _kill_a_worker(driver: int, rng: Random) -> bool:
    """Whether one of the driver's Python workers was killed; between two batches there may be none, or one ended."""
    workers = []
    for process in psutil.Process(driver).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "pyspark" in " ".join(process.cmdline()):
                workers.append(process)
    with suppress(psutil.NoSuchProcess):
        if workers:
            rng.choice(workers).kill()
            return True
    return False


def _to_the_end(settings: Settings) -> None:
    """Each stream until it finds nothing new."""
    for name in STREAMS:
        for _ in range(4):
            try:
                run_job(name, Context(settings, _now()))
            except NothingToDoError:
                break


def _rows(settings: Settings, name: str) -> pl.DataFrame:
    """All rows of a table, in the order of their keys."""
    return read_table(settings.lake_uri, name).sort(TABLES[name].key)


def _now() -> datetime:
    return datetime.now(UTC)
