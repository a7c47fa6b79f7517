# ruff: noqa: E501 - tables and texts read best in rows
"""The intake with a broker: what was accepted is in Kafka, whatever is stopped or killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from kafka import KafkaConsumer, TopicPartition

from api.keys.making import random_key, register
from infra.stack import kafka
from infra.stack.process import Process, running_pid, spawn, stop, wait_until
from jobs.settings import PORT_OFFSETS, ROOT, Settings
from jobs.transforms.sorting import ITEM_COLUMNS, POINTER, REPORT_KEY, sort_out
from schemas.feeds import FEEDS
from tests.api.conftest import County
from tests.api.pushes import ALARM, BINARY, CLOUD, STRUCTURED
from tests.api.store import free_port
from tests.transforms.messages import KEY, LANDED, clean, load_county


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A broker of its own, which tests may stop."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("broker"), port_base=free_port() - PORT_OFFSETS["kafka"])
    kafka.prepare(settings)
    started(settings)
    kafka.finish(settings)
    yield settings
    stop(process_of(settings))


def process_of(settings: Settings) -> Process:
    return kafka.processes(settings)[0]


def started(settings: Settings) -> None:
    process = process_of(settings)
    spawn(process)
    assert wait_until(process.is_ready, 90)


@contextmanager
def api(county: County, broker: Settings, log: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """The API as it runs in earnest, and its address."""
    port = free_port()
    told = county.settings.as_environment() | {"NINELINES_KAFKA_BOOTSTRAP": broker.kafka}
    told |= {"NINELINES_DATABASE_URL": county.settings.store_url}
    argv = [
        sys.executable,
        "-m",
        "uvicorn",
        "api.app:create_app",
        "--factory",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with (
        log.open("ab") as errors,
        subprocess.Popen(argv, cwd=ROOT, env=os.environ | told, stdout=errors, stderr=errors) as server,
    ):
        try:
            assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), 90), log.read_text()
            yield server, f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def source_key(county: County, feed: str = "video") -> dict[str, str]:
    key = random_key()
    with county.store.begin() as store:
        register(store, key, "source", feed=feed, source=f"/sources/{feed}")
    return {"Authorization": f"Bearer {key}"}


def landed(settings: Settings, topic: str) -> list[Any]:
    """Everything the topic holds."""
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka, group_id=None, auto_offset_reset="earliest")
    try:
        parts = [TopicPartition(topic, part) for part in consumer.partitions_for_topic(topic)]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        ends, found = consumer.end_offsets(parts), []
        while any(consumer.position(part) < end for part, end in ends.items()):
            found += [message for batch in consumer.poll(1000).values() for message in batch]
        return found
    finally:
        consumer.close()


def as_raw(messages: list[Any]) -> pl.DataFrame:
    rows = [("video", m.topic, f"{m.topic}/{m.partition}/{m.offset}", LANDED, m.value) for m in messages]
    schema = {
        "feed": pl.String,
        "topic": pl.String,
        "raw_id": pl.String,
        "landed_at": pl.Datetime("us", "UTC"),
        "payload": pl.Binary,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.mark.stack
def test_an_accepted_push_is_in_kafka_byte_for_byte_and_a_repeated_one_is_a_redelivery(county, broker, tmp_path):
    with api(county, broker, tmp_path / "log") as (_, address), httpx.Client(headers=source_key(county)) as http:
        sent = [http.post(f"{address}/intake/video", content=ALARM, headers=BINARY) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [202, 202]
    places = [answer.json()["accepted"][0]["raw_id"] for answer in sent]
    found = {f"{m.topic}/{m.partition}/{m.offset}": m for m in landed(broker, FEEDS["video"].topic)}
    first, second = (found[place] for place in places)
    assert first.value == second.value == ALARM
    assert dict(first.headers) == dict(second.headers) == {
        "ce_specversion": b"1.0", "ce_id": b"7", "ce_source": b"/cams", "ce_type": b"alarm", "content-type": b"application/xml",
    }  # fmt: skip
    assert (first.partition, first.key) == (second.partition, second.key)
    records = clean(as_raw([first, second]), KEY, load_county()).select(ITEM_COLUMNS)
    nothing = records.clear()
    sorted_out = sort_out(records, nothing.select(POINTER), nothing.select(*REPORT_KEY, "raw_id"))
    assert sorted_out.clean["raw_id"].to_list() == places[:1]
    assert sorted_out.redelivered["raw_id"].to_list() == places[1:]


@pytest.mark.stack
def test_a_stopped_broker_refuses_and_a_started_one_takes_again(county, broker, tmp_path):
    with (
        api(county, broker, tmp_path / "log") as (_, address),
        httpx.Client(headers=source_key(county), timeout=30) as http,
    ):
        assert http.post(f"{address}/intake/video", content=ALARM).status_code == 202
        os.kill(running_pid(process_of(broker)) or 0, signal.SIGKILL)
        try:
            with ThreadPoolExecutor(40) as pool:
                refused = list(pool.map(lambda _: timed(http, f"{address}/intake/video"), range(40)))
                quick = [timed_health(address) for _ in range(5)]
        finally:
            started(broker)
        assert {status for status, _, _ in refused} == {429}
        assert all(retry for _, retry, _ in refused)
        assert max(seconds for *_, seconds in refused) < 12, "5 s, and room for a busy machine"
        assert max(quick) < 3, "the event loop is not blocked"
        assert wait_until(lambda: http.post(f"{address}/intake/video", content=ALARM).status_code == 202, 30)


def timed(http: httpx.Client, address: str) -> tuple[int, str | None, float]:
    begun = time.monotonic()
    answer = http.post(address, content=ALARM)
    return answer.status_code, answer.headers.get("Retry-After"), time.monotonic() - begun


def timed_health(address: str) -> float:
    begun = time.monotonic()
    httpx.get(f"{address.partition('/intake')[0]}/health", timeout=20)
    return time.monotonic() - begun


@pytest.mark.stack
def test_killing_the_api_loses_nothing_that_was_accepted(county, broker, tmp_path):
    accepted, http, log = set(), httpx.Client(headers=source_key(county), timeout=10), tmp_path / "log"

    def push(number: int, server: subprocess.Popen, address: str) -> None:
        try:
            answer = http.post(f"{address}/intake/video", content=ALARM, headers=BINARY | {"ce-id": f"kill-{number}"})
        except httpx.HTTPError:
            return
        if answer.status_code == 202:
            accepted.add(answer.json()["accepted"][0]["ce_id"])
        if len(accepted) >= 40:
            os.kill(server.pid, signal.SIGKILL)  # while others wait for their answers

    with api(county, broker, log) as (server, address), http, ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda number: push(number, server, address), range(120)))
        assert server.wait(10) == -signal.SIGKILL
    there = {dict(message.headers)["ce_id"].decode() for message in landed(broker, FEEDS["video"].topic)}
    assert 40 <= len(accepted) < 120, log.read_text()
    assert accepted <= there


@pytest.mark.stack
def test_a_missing_topic_is_told_at_once(county, broker, tmp_path):
    from kafka.admin import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=broker.kafka)
    admin.delete_topics([FEEDS["119"].topic])
    admin.close()
    with api(county, broker, tmp_path / "log") as (_, address):
        begun = time.monotonic()
        answer = httpx.post(f"{address}/intake/119", content=b"<a/>", headers=source_key(county, "119"), timeout=20)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:ninelines:problem:no-topic")
    assert answer.headers["Retry-After"]
    assert time.monotonic() - begun < 10


@pytest.mark.stack
def test_the_log_says_nothing_that_was_sent(county, broker, tmp_path):
    said = ["欧阳测试", "13900000001", "SECRET-WORD"]
    words = " ".join(said)
    finding = json.dumps([{"rec_id": 1, "event_desc": words, "reporter_phone": said[1]}]).encode()
    log, headers = tmp_path / "log", source_key(county, "grid")
    named = {f"ce-{name}": words.encode().hex() if name == "id" else "x" for name in ("id", "source", "type")}
    with api(county, broker, log) as (_, address), httpx.Client(headers=headers) as http:
        for path in ("grid", "video", said[2], f"grid?name={words}"):
            http.post(f"{address}/intake/{path}", content=finding)
        http.post(f"{address}/intake/grid", content=finding, headers=named)
        http.post(f"{address}/intake/grid", content=words.encode(), headers=CLOUD)
        http.post(
            f"{address}/intake/grid",
            content=json.dumps(STRUCTURED | {"data": words, "id": words}).encode(),
            headers=CLOUD,
        )
        http.get(f"{address}/v1/orders/{words}", headers={"Authorization": f"Bearer {words.encode().hex()}"})
    written = log.read_text()
    assert "push_accepted" in written
    assert not [word for word in (*said, words.encode().hex(), "%E6%AC%A7") if word in written]
