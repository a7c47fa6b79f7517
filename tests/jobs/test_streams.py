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
from tests.conftest import servers

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
def streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Servers of this module's own: it counts what the whole lake holds."""
    with servers(tmp_path_factory.mktemp("streams"), 28_500) as settings:
        yield settings


@pytest.fixture(scope="module")
def load(streams: Settings) -> Load:
    """A small simulated day, landed, cleaned and linked."""
    found = simulated(date(2026, 11, 10), seed=11, events=150, county=load_county())
    send_load(found.messages, streams.kafka)
    for job in ("land", "clean", "link"):
        run(streams, job)
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


def test_every_item_ends_where_the_truth_says_and_the_account_adds_up(streams: Settings, load: Load):
    truth = sum(load.truth.counts.values(), Counter())
    assert booked(streams) == {
        "rows_in": sum(truth.values()),
        "rows_clean": truth["clean"],
        "rows_redelivered": truth["redelivered"],
        "rows_quarantined": truth["quarantined"],
    }
    assert rows(streams, "bronze.raw").height == len(load.messages)
    assert rows(streams, "silver.reports").height == truth["clean"]
    assert rows(streams, "silver.redeliveries").height == truth["redelivered"]
    assert rows(streams, "silver.quarantine").height == truth["quarantined"]


def test_every_report_has_one_link_and_every_incident_its_reports(streams: Settings, load: Load):
    links, incidents = rows(streams, "gold.links"), rows(streams, "gold.incidents")
    assert sorted(links["report_id"]) == sorted(rows(streams, "silver.reports")["report_id"].unique())
    counts = links.group_by("incident_id").len().sort("incident_id")
    assert counts["incident_id"].to_list() == incidents.sort("incident_id")["incident_id"].to_list()
    assert counts["len"].to_list() == incidents.sort("incident_id")["report_count"].to_list()


@pytest.mark.parametrize("job", ["land", "clean", "link"])
def test_without_anything_new_there_is_nothing_to_do(streams: Settings, load: Load, job: str):
    with pytest.raises(NothingToDoError):
        run(streams, job)


@pytest.mark.parametrize("job", ["land", "clean", "link"])
def test_a_batch_that_is_done_again_changes_nothing(streams: Settings, load: Load, job: str):
    before = state(streams)
    forget_last_batch(streams, job)
    run(streams, job)
    assert state(streams) == before
    assert rows(streams, "bronze.raw").height == len(load.messages)


def test_a_batch_cut_short_between_two_tables_completes_itself(streams: Settings, load: Load):
    before = state(streams)
    DeltaTable(path_of(streams.lake_uri, "silver.quarantine")).delete()
    DeltaTable(path_of(streams.lake_uri, "silver.redeliveries")).delete("item_no = 0")
    forget_last_batch(streams, "clean")
    run(streams, "clean")
    assert state(streams) == before


def test_a_lost_checkpoint_doubles_nothing(streams: Settings, load: Load):
    before = state(streams)
    for job in ("clean", "link"):
        shutil.rmtree(Path(streams.checkpoints, job))
        run(streams, job)
    assert state(streams) == before


def test_a_second_driver_is_refused_and_told_who_writes(streams: Settings, load: Load):
    owner = Owner("link", "no session", is_continuous=False, since="2026-11-10T08:00:00+08:00")
    with held(streams.state_dir / "locks", ["gold.links"], owner), pytest.raises(LockedError) as refused:
        run(streams, "link")
    assert f"gold.links is being written by job link, pid {os.getpid()}" in str(refused.value)


def test_a_service_killed_by_force_is_taken_over(streams: Settings, load: Load):
    service = start_service(streams, "land")
    with pytest.raises(NothingToDoError, match=r"the service has the work: bronze\.raw is being written by job land"):
        run(streams, "land")
    service.kill()
    service.wait()
    landed = rows(streams, "bronze.raw").height
    send(streams.kafka, [Outgoing(FEEDS["110"].topic, b"{", key="k")])
    with suppress(NothingToDoError):  # the query that the dead service left behind may have been quicker
        run(streams, "land")
    assert rows(streams, "bronze.raw").height == landed + 1
    assert rows(streams, "bronze.raw")["raw_id"].is_unique().all()
    run(streams, "clean")


def test_a_service_ends_in_order_within_ten_seconds(streams: Settings, load: Load):
    service = start_service(streams, "land")
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=10) == 0
    with pytest.raises(NothingToDoError, match="nothing new"):
        run(streams, "land")


def test_what_departments_did_is_collected_once_and_a_broken_message_stops_nothing(streams: Settings, load: Load):
    said = [
        {"type": "order_event", "data": SIGNED},
        {"type": "order_event", "data": SIGNED},
        {"type": "rating", "data": RATED},
        {"type": "order_event", "data": SIGNED | {"event_id": "e2", "to_state": "lost"}},
        {"type": "greeting"},
    ]
    create_topics(streams.kafka, [ORDER_EVENTS_TOPIC])
    payloads = [*(json.dumps(message).encode() for message in said), b"\xff"]
    send(streams.kafka, [Outgoing(ORDER_EVENTS_TOPIC, payload, key="o1") for payload in payloads])
    run(streams, "collect_order_events")
    forget_last_batch(streams, "collect_order_events")
    run(streams, "collect_order_events")
    assert rows(streams, "gold.order_events")["event_id"].to_list() == ["e1"]
    assert rows(streams, "gold.ratings").select("order_id", "satisfaction").rows() == [("o1", "mostly_satisfied")]
    aside = rows(streams, "silver.quarantine").filter(pl.col("feed") == "order_events")
    assert aside["reasons"].to_list() == [["malformed_payload"]] * 3


def test_quarantined_records_are_judged_again_after_a_contract_was_corrected(
    streams: Settings, load: Load, monkeypatch: pytest.MonkeyPatch
):
    feed = FEEDS["12345"]
    payload = feed.samples[0].payload.replace("投诉".encode(), "回访".encode())
    create_topics(streams.kafka, [feed.topic])
    send(streams.kafka, [Outgoing(feed.topic, payload, key="a"), Outgoing(feed.topic, payload, key="a")])
    run(streams, "land")
    run(streams, "clean")
    aside = rows(streams, "silver.quarantine").filter(
        pl.col("reasons").list.eval(pl.element() == "unknown_kind").list.any()
    )
    before, reports = booked(streams), rows(streams, "silver.reports").height
    monkeypatch.setitem(FEEDS, "12345", replace(feed, kinds={**feed.kinds, "回访": "complaint"}))
    context = Context(streams, datetime.now(UTC))
    with writing(context, "replay", WRITES):
        result = replay(context, Chosen(feed="12345", reason="unknown_kind"))
    assert (result["rows_clean"], result["rows_redelivered"]) == (1, 1)
    after = booked(streams)
    assert after["rows_in"] == before["rows_in"]
    assert after["rows_quarantined"] == before["rows_quarantined"] - 2
    assert rows(streams, "silver.reports").height == reports + 1
    assert (
        rows(streams, "silver.quarantine").join(aside, on=["raw_id", "item_no"], how="semi").height == aside.height - 2
    )


def test_maintenance_changes_no_row(streams: Settings, load: Load):
    before = state(streams)
    assert run(streams, "maintain")["busy"] == []
    assert state(streams) == before


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
