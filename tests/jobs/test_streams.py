"""The streams on a real broker, a real Spark and a real Delta lake: everything once, whatever happens on the way."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from jobs.batch.replay import replay
from jobs.catalog import ORDER_EVENTS_TOPIC
from jobs.context import Context, NothingToDoError, Result
from jobs.io.kafka import Outgoing, create_topics, send
from jobs.io.lake import read_table
from jobs.io.locks import LockedError, Owner, held
from jobs.run import run_job, writing
from jobs.settings import ROOT, Settings, path_of
from jobs.simulate.day import simulated
from jobs.simulate.load import Load
from jobs.simulate.sending import send as send_load
from jobs.streaming.clean import WRITES
from jobs.transforms.quarantine import Chosen
from schemas.areas import load_county
from schemas.feeds import FEEDS
from tests.conftest import PORT_BASE, servers

pytestmark = pytest.mark.stack
ACCOUNT = ("rows_in", "rows_clean", "rows_redelivered", "rows_quarantined")

SIGNED = {
    "event_id": "e1", "order_id": "o1", "version": 2, "event": "sign", "from_state": "dispatched",
    "to_state": "signed", "unit_code": "u1", "role": "department", "reason": None, "outcome": None,
    "finish_due_at": "2026-11-12T10:00:00+00:00", "occurred_at": "2026-11-10T10:00:00+00:00",
}  # fmt: skip
RATED = {
    "order_id": "o1", "attempt": 1, "unit_code": "u1", "was_reached": True, "was_contacted": True, "was_solved": False,
    "satisfaction": "mostly_satisfied", "accepted_at": "2026-11-10T09:00:00+00:00",
    "called_back_at": "2026-11-13T09:00:00+00:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Servers of this module's own: it counts what the whole lake holds."""
    with servers(tmp_path_factory.mktemp("streams"), PORT_BASE - 500) as settings:
        yield settings


@pytest.fixture(scope="module")
def load(stack: Settings) -> Load:
    """A small simulated day, landed, cleaned and linked."""
    found = simulated(date(2026, 11, 10), seed=11, events=150, county=load_county())
    send_load(found.messages, stack.kafka)
    for job in ("land", "clean", "link"):
        run(stack, job)
    return found


def run(settings: Settings, job: str) -> Result:
    return run_job(job, Context(settings, datetime.now(UTC)))


def rows(settings: Settings, table: str) -> pl.DataFrame:
    return read_table(settings.lake_uri, table)


def booked(settings: Settings) -> dict[str, int]:
    found = rows(settings, "ops.batches")
    return {name: int(found[name].sum()) for name in ACCOUNT}


def state(settings: Settings) -> dict[str, object]:
    """Everything the streams wrote, but for the moments at which they did."""
    pointer = ["raw_id", "item_no"]
    keys = {"silver.reports": pointer, "silver.redeliveries": pointer, "silver.quarantine": pointer}
    keys |= {"gold.links": ["report_id", "incident_id"], "gold.incidents": ["incident_id", "report_count"]}
    found: dict[str, object] = {name: sorted(rows(settings, name).select(key).rows()) for name, key in keys.items()}
    return found | {"account": booked(settings)}


def forget_last_batch(settings: Settings, job: str) -> None:
    """As after kill -9 between the writes of a batch and Spark's note that it is done."""
    commits = sorted(Path(settings.checkpoints, job, "commits").glob("[0-9]*"), key=lambda path: int(path.name))
    commits[-1].unlink()
    (commits[-1].parent / f".{commits[-1].name}.crc").unlink(missing_ok=True)


def test_every_item_ends_where_the_truth_says_and_the_account_adds_up(stack: Settings, load: Load):
    truth = sum(load.truth.counts.values(), Counter())
    assert booked(stack) == {
        "rows_in": sum(truth.values()),
        "rows_clean": truth["clean"],
        "rows_redelivered": truth["redelivered"],
        "rows_quarantined": truth["quarantined"],
    }
    assert rows(stack, "bronze.raw").height == len(load.messages)
    assert rows(stack, "silver.reports").height == truth["clean"]
    assert rows(stack, "silver.redeliveries").height == truth["redelivered"]
    assert rows(stack, "silver.quarantine").height == truth["quarantined"]


def test_every_report_has_one_link_and_every_incident_its_reports(stack: Settings, load: Load):
    links, incidents = rows(stack, "gold.links"), rows(stack, "gold.incidents")
    assert sorted(links["report_id"]) == sorted(rows(stack, "silver.reports")["report_id"].unique())
    counts = links.group_by("incident_id").len().sort("incident_id")
    assert counts["incident_id"].to_list() == incidents.sort("incident_id")["incident_id"].to_list()
    assert counts["len"].to_list() == incidents.sort("incident_id")["report_count"].to_list()


@pytest.mark.parametrize("job", ["land", "clean", "link"])
def test_without_anything_new_there_is_nothing_to_do(stack: Settings, load: Load, job: str):
    with pytest.raises(NothingToDoError):
        run(stack, job)


@pytest.mark.parametrize("job", ["land", "clean", "link"])
def test_a_batch_that_is_done_again_changes_nothing(stack: Settings, load: Load, job: str):
    before = state(stack)
    forget_last_batch(stack, job)
    run(stack, job)
    assert state(stack) == before
    assert rows(stack, "bronze.raw").height == len(load.messages)


def test_a_batch_cut_short_between_two_tables_completes_itself(stack: Settings, load: Load):
    before = state(stack)
    DeltaTable(path_of(stack.lake_uri, "silver.quarantine")).delete()
    DeltaTable(path_of(stack.lake_uri, "silver.redeliveries")).delete("item_no = 0")
    forget_last_batch(stack, "clean")
    run(stack, "clean")
    assert state(stack) == before


def test_a_lost_checkpoint_doubles_nothing(stack: Settings, load: Load):
    before = state(stack)
    for job in ("clean", "link"):
        shutil.rmtree(Path(stack.checkpoints, job))
        run(stack, job)
    assert state(stack) == before


def test_a_second_driver_is_refused_and_told_who_writes(stack: Settings, load: Load):
    owner = Owner("link", "no session", is_continuous=False, since="2026-11-10T08:00:00+08:00")
    with held(stack.state_dir / "locks", ["gold.links"], owner), pytest.raises(LockedError) as refused:
        run(stack, "link")
    assert f"gold.links is being written by job link, pid {os.getpid()}" in str(refused.value)


def test_a_service_killed_by_force_is_taken_over(stack: Settings, load: Load):
    service = start_service(stack, "land")
    with pytest.raises(NothingToDoError, match=r"the service has the work: bronze\.raw is being written by job land"):
        run(stack, "land")
    service.kill()
    service.wait()
    landed = rows(stack, "bronze.raw").height
    send(stack.kafka, [Outgoing(FEEDS["110"].topic, b"{", key="k")])
    with suppress(NothingToDoError):  # the query that the dead service left behind may have been quicker
        run(stack, "land")
    assert rows(stack, "bronze.raw").height == landed + 1
    assert rows(stack, "bronze.raw")["raw_id"].is_unique().all()
    run(stack, "clean")


def test_a_service_ends_in_order_within_ten_seconds(stack: Settings, load: Load):
    service = start_service(stack, "land")
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=10) == 0
    with pytest.raises(NothingToDoError, match="nothing new"):
        run(stack, "land")


def test_what_departments_did_is_collected_once_and_a_broken_message_stops_nothing(stack: Settings, load: Load):
    said = [
        {"type": "order_event", "data": SIGNED},
        {"type": "order_event", "data": SIGNED},
        {"type": "rating", "data": RATED},
        {"type": "order_event", "data": SIGNED | {"event_id": "e2", "to_state": "lost"}},
        {"type": "greeting"},
    ]
    create_topics(stack.kafka, [ORDER_EVENTS_TOPIC])
    payloads = [*(json.dumps(message).encode() for message in said), b"\xff"]
    send(stack.kafka, [Outgoing(ORDER_EVENTS_TOPIC, payload, key="o1") for payload in payloads])
    run(stack, "collect_order_events")
    forget_last_batch(stack, "collect_order_events")
    run(stack, "collect_order_events")
    assert rows(stack, "gold.order_events")["event_id"].to_list() == ["e1"]
    assert rows(stack, "gold.ratings").select("order_id", "satisfaction").rows() == [("o1", "mostly_satisfied")]
    aside = rows(stack, "silver.quarantine").filter(pl.col("feed") == "order_events")
    assert aside["reasons"].to_list() == [["malformed_payload"]] * 3


def test_quarantined_records_are_judged_again_after_a_contract_was_corrected(
    stack: Settings, load: Load, monkeypatch: pytest.MonkeyPatch
):
    feed = FEEDS["12345"]
    payload = feed.samples[0].payload.replace("投诉".encode(), "回访".encode())
    create_topics(stack.kafka, [feed.topic])
    send(stack.kafka, [Outgoing(feed.topic, payload, key="a"), Outgoing(feed.topic, payload, key="a")])
    run(stack, "land")
    run(stack, "clean")
    aside = rows(stack, "silver.quarantine").filter(
        pl.col("reasons").list.eval(pl.element() == "unknown_kind").list.any()
    )
    before, reports = booked(stack), rows(stack, "silver.reports").height
    monkeypatch.setitem(FEEDS, "12345", replace(feed, kinds={**feed.kinds, "回访": "complaint"}))
    context = Context(stack, datetime.now(UTC))
    with writing(context, "replay", WRITES):
        result = replay(context, Chosen(feed="12345", reason="unknown_kind"))
    assert (result["rows_clean"], result["rows_redelivered"]) == (1, 1)
    after = booked(stack)
    assert after["rows_in"] == before["rows_in"]
    assert after["rows_quarantined"] == before["rows_quarantined"] - 2
    assert rows(stack, "silver.reports").height == reports + 1
    assert rows(stack, "silver.quarantine").join(aside, on=["raw_id", "item_no"], how="semi").height == aside.height - 2


def test_maintenance_changes_no_row(stack: Settings, load: Load):
    before = state(stack)
    assert run(stack, "maintain")["busy"] == []
    assert state(stack) == before


def start_service(settings: Settings, job: str) -> "subprocess.Popen[bytes]":
    """The job as a service in a process of its own, once it holds its lock and its query runs."""
    process = subprocess.Popen([sys.executable, "-m", "jobs", job, "--continuous"], cwd=ROOT, stderr=subprocess.PIPE)
    assert process.stderr is not None
    deadline = time.monotonic() + 120
    for line in process.stderr:
        if b"query_started" in line:
            return process
        assert time.monotonic() < deadline, line
    raise AssertionError(f"{job} ended with exit code {process.wait()}")
