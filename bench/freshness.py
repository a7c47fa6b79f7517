"""`python -m bench.freshness [--seconds 120] [--rate 50]`: from the send of a message to the lake and to the API.

Kafka, PostgreSQL, Spark and the API of a state folder of its own; `land`, `clean`, `link` and `decide` as services.
Simulated reports are sent at a steady rate. A report counts as visible in silver when a reader of the table sees it,
and in the API when `GET /v1/incidents` lists its incident. Both are looked at about once a second.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import polars as pl
from kafka import KafkaProducer

from infra.keys import demo_keys
from infra.stack import lifecycle
from jobs.io.lake import read_table
from jobs.io.model_files import classifier_folder, train_and_save
from jobs.settings import ROOT, Settings
from jobs.simulate.corpus import corpus
from jobs.simulate.day import simulated
from jobs.simulate.load import Message
from jobs.simulate.sending import LARGEST, headers
from schemas.areas import load_county
from schemas.feeds import FEEDS

SERVERS = ("kafka", "postgres", "spark", "api")
SERVICES = ("land", "clean", "link", "decide")
PORT_BASE = 23_500
WARM_UP_SECONDS = 40.0
LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 90.0  # after the last message
Seen = dict[str, float]  # raw_id or incident_id -> seconds on the monotonic clock


def main() -> int:
    told = asked(__doc__, rate=50).parse_args()
    with stack(PORT_BASE) as settings:
        _measure(settings, told.seconds, told.rate)
    return 0


def asked(doc: str, rate: int) -> argparse.ArgumentParser:
    """What every bench with a steady load is asked; doc: of its module."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--rate", type=int, default=rate, help="messages a second")
    return parser


@contextmanager
def stack(port_base: int) -> Iterator[Settings]:
    """The servers, in a folder that is gone at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        lifecycle.of_its_own(Path(folder), port_base, SERVERS, print) as settings,
    ):
        yield settings


def messages_for(settings: Settings, number: int) -> list[Message]:
    """About so many messages of a simulated day, for a stack that has a classifier from then on."""
    county = load_county(settings.rules_dir)
    texts = corpus(9, 4_000, county, side="train")
    train_and_save(texts["text"], texts["label"], classifier_folder(settings.state_dir), "the simulator's texts")
    day = simulated(date(2026, 11, 10), 9, number, county)
    return [message for message in day.messages if message.feed in FEEDS]


def load_now() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _measure(settings: Settings, seconds: int, rate: int) -> None:
    """Warm up, send, wait until everything is seen, print."""
    warm_up = int(rate * WARM_UP_SECONDS)
    messages = messages_for(settings, warm_up + rate * seconds)
    key = demo_keys(settings, [])["dispatcher"]
    with services(settings):
        send_steadily(messages[:warm_up], settings, rate)
        with (
            _watch(lambda _: _in_silver(settings)) as silver,
            _watch(lambda known: _in_api(settings, key, known)) as api,
        ):
            sent = send_steadily(messages[warm_up : warm_up + rate * seconds], settings, rate)
            time.sleep(PATIENCE_SECONDS)
    _tell("silver.reports", _delays(sent, silver))
    _tell("GET /v1/incidents", _delays(_first_told(settings, sent), api))
    print(f"load at the end: {load_now()}")


@contextmanager
def services(settings: Settings, names: Sequence[str] = SERVICES) -> Iterator[None]:
    """These services; ended in order. SystemExit with their last words where one ended by itself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NINELINES_")}
    environment = clean | settings.as_environment()
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name in names:
            with (settings.state_dir / f"{name}.log").open("wb") as log:
                command = [sys.executable, "-m", "jobs", name, "--continuous"]
                running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        yield
        if ended := [name for name, process in zip(names, running, strict=True) if process.poll() is not None]:
            ends = "\n".join((settings.state_dir / f"{name}.log").read_text()[-2000:] for name in ended)
            raise SystemExit(f"services ended by themselves: {', '.join(ended)}\n{ends}")
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(timeout=60)


def send_steadily(messages: Sequence[Message], settings: Settings, rate: int) -> Seen:
    """Send them at this rate: raw_id -> when it was given to the producer."""
    producer = KafkaProducer(
        bootstrap_servers=settings.kafka, acks="all", linger_ms=5, max_request_size=LARGEST, compression_type="gzip"
    )
    futures, begun = [], time.monotonic()
    for number, message in enumerate(messages):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        given = time.monotonic()
        future = producer.send(message.topic, message.payload, message.key.encode(), headers(message))
        futures.append((given, future))
    producer.flush()
    taken = [(given, future.get(timeout=30)) for given, future in futures]
    producer.close()
    return {f"{place.topic}/{place.partition}/{place.offset}": given for given, place in taken}


@contextmanager
def _watch(look: Callable[[Seen], set[str]]) -> Iterator[Seen]:
    """Look again and again in a thread of its own: what was seen, and when first."""
    seen: Seen = {}
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            found, now = look(seen), time.monotonic()
            seen.update((name, now) for name in found - seen.keys())
            is_over.wait(LOOK_SECONDS)
        found, now = look({}), time.monotonic()  # what a hasty look passed over is late rather than unseen
        seen.update((name, now) for name in found - seen.keys())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()


def _in_silver(settings: Settings) -> set[str]:
    return set(read_table(settings.lake_uri, "silver.reports", ["raw_id"])["raw_id"])


def _in_api(settings: Settings, key: str, known: Seen) -> set[str]:
    """Ids of the incidents the API lists, newest first, up to a page that says nothing new."""
    found: set[str] = set()
    query: dict[str, str | int] = {"limit": 200}
    with httpx.Client(base_url=settings.api_url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        while True:
            page = client.get("/v1/incidents", params=query).raise_for_status().json()
            told = {item["incident_id"] for item in page["items"]}
            found |= told
            if page["next_cursor"] is None or told <= known.keys():
                return found
            query["cursor"] = page["next_cursor"]


def _first_told(settings: Settings, sent: Seen) -> Seen:
    """incident_id -> when the message of its first report was sent; incidents begun before are left out."""
    reports = read_table(settings.lake_uri, "silver.reports", ["report_id", "raw_id"])
    links = read_table(settings.lake_uri, "gold.links", ["report_id", "incident_id"])
    told = pl.DataFrame({"raw_id": list(sent), "sent": list(sent.values())})
    both = links.join(reports, on="report_id").join(told, on="raw_id", how="left")
    first = both.group_by("incident_id").agg(pl.col("sent").min(), is_new=pl.col("sent").is_not_null().all())
    return dict(first.filter("is_new").select("incident_id", "sent").rows())


def _delays(sent: Seen, seen: Seen) -> pl.Series:
    """Seconds from send to sight, of what was seen at all."""
    return pl.Series([seen[name] - moment for name, moment in sent.items() if name in seen], dtype=pl.Float64)


def _tell(where: str, delays: pl.Series) -> None:
    half, most, all_ = (delays.quantile(share) or 0.0 for share in (0.5, 0.95, 1.0))
    print(f"{where}: {delays.len():,} seen, median {half:.1f} s, 95 % within {most:.1f} s, slowest {all_:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
