"""The whole lake on a real S3 server: the same rows as in a folder, whatever happens on the way."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

import polars as pl
import pytest

from infra.setup.objects import PROGRAM
from infra.stack import lifecycle
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.kafka import Outgoing
from jobs.io.kafka import send as send_once
from jobs.io.lake import Lake, open_table, read_table
from jobs.io.lake_owner import NoObjectsError, claim
from jobs.io.objects import open_objects, put_if_absent, text_of
from jobs.run import run_job
from jobs.settings import Settings, path_of
from jobs.simulate.day import simulated
from jobs.simulate.load import Load
from jobs.simulate.sending import send
from schemas.areas import load_county
from schemas.forms import plain

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not PROGRAM.exists(), reason="no S3 server: `make objects` builds it"),
]
PORT_BASE = 29_300
SERVERS = ("objects", "kafka", "spark")
BUCKET = "ninelines-lake"
STREAMS = ("land", "clean", "link")
TABLES = ("bronze.raw", "silver.reports", "silver.redeliveries", "silver.quarantine", "gold.links", "gold.incidents")
MOMENTS = ("linked_at",)  # when we did it, not what was said
ACCOUNT = ("rows_in", "rows_clean", "rows_redelivered", "rows_quarantined")


@pytest.fixture(scope="module")
def on_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A stack of its own, whose Spark and lake use its S3 server."""
    folder = tmp_path_factory.mktemp("s3")
    settings = Settings(state_dir=folder, port_base=PORT_BASE, lake=f"s3a://{BUCKET}/county/lake", s3_endpoint="")
    try:
        lifecycle.up(settings, SERVERS, lambda _: None)
        yield settings
    finally:
        lifecycle.down(settings, SERVERS, lambda _: None)


@pytest.fixture(scope="module")
def in_folder(on_s3: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same servers, but a lake on the local disk."""
    return Settings(
        state_dir=tmp_path_factory.mktemp("folder"),
        kafka_bootstrap=on_s3.kafka,
        spark_remote=on_s3.spark,
        caller_key=(on_s3.state_dir / "caller_key").read_text(),
        lake="",
    )


@pytest.fixture(scope="module")
def load(on_s3: Settings) -> Load:
    """A small simulated day, landed, cleaned and linked on S3."""
    found = simulated(date(2026, 11, 10), seed=11, events=150, county=load_county())
    send(found.messages, on_s3.kafka)
    for job in STREAMS:
        run(on_s3, job)
    return found


def run(settings: Settings, job: str) -> Result:
    return run_job(job, Context(settings, datetime.now(UTC)))


def digests(settings: Settings) -> dict[str, str]:
    """One hash a table over all its rows and columns, but for the moments at which we wrote them; and the account."""
    booked = read_table(settings.lake_uri, "ops.batches").group_by("feed").agg(pl.col(ACCOUNT).sum()).sort("feed")
    found = {name: digest(read_table(settings.lake_uri, name)) for name in TABLES}
    return found | {"account": digest(booked)}


def digest(rows: pl.DataFrame) -> str:
    said = plain(rows).select(pl.all().exclude(MOMENTS))
    lines = sorted(repr(row) for row in said.iter_rows())
    return f"{len(lines)} rows {hashlib.sha256(chr(10).join(lines).encode()).hexdigest()}"


def forget_last_batch(settings: Settings, job: str) -> None:
    """As after kill -9 between the writes of a batch and Spark's note that it is done."""
    objects, prefix = open_objects(settings.s3), f"county/lake/_checkpoints/{job}/commits/"
    names = [str(found.object_name) for found in objects.list_objects(BUCKET, prefix, recursive=True)]
    batches = [name for name in names if name.removeprefix(prefix).isdigit()]
    objects.remove_object(BUCKET, max(batches, key=lambda name: int(name.removeprefix(prefix))))


def test_a_lake_on_s3_has_the_rows_of_one_in_a_folder(on_s3: Settings, in_folder: Settings, load: Load):
    for job in STREAMS:
        run(in_folder, job)
    assert digests(on_s3) == digests(in_folder)
    assert read_table(on_s3.lake_uri, "bronze.raw").height == len(load.messages)


def test_all_of_it_lies_in_the_bucket_checkpoints_too(on_s3: Settings, load: Load):
    found = open_objects(on_s3.s3).list_objects(BUCKET, "county/lake/", recursive=True)
    names = {str(one.object_name).removeprefix("county/lake/") for one in found}
    assert "_checkpoints/land/metadata" in names
    assert "silver/reports/_delta_log/00000000000000000000.json" in names
    assert not (on_s3.state_dir / "lake").exists()


@pytest.mark.parametrize("job", STREAMS)
def test_without_anything_new_there_is_nothing_to_do(on_s3: Settings, load: Load, job: str):
    with pytest.raises(NothingToDoError):
        run(on_s3, job)


@pytest.mark.parametrize("job", STREAMS)
def test_a_batch_that_is_done_again_changes_nothing(on_s3: Settings, load: Load, job: str):
    before = digests(on_s3)
    forget_last_batch(on_s3, job)
    run(on_s3, job)
    assert digests(on_s3) == before


def test_maintenance_changes_no_row(on_s3: Settings, load: Load):
    before, begun = digests(on_s3), monotonic()
    assert run(on_s3, "maintain")["busy"] == []
    assert digests(on_s3) == before
    assert monotonic() - begun < 120  # Spark's own way of listing folders takes minutes a table


def test_a_server_that_is_down_loses_nothing(on_s3: Settings, load: Load):
    before = digests(on_s3)
    again = [Outgoing(message.topic, b"{", key=str(number)) for number, message in enumerate(load.messages[:40])]
    send_once(on_s3.kafka, again)
    lifecycle.down(on_s3, ["objects"], lambda _: None)
    with pytest.raises((OSError, NoObjectsError), match=r"cannot be reached|error sending request|Generic S3 error"):
        run(on_s3, "land")
    lifecycle.up(on_s3, ["objects"], lambda _: None)
    for job in ("land", "clean"):
        run(on_s3, job)
    after = digests(on_s3)
    assert after["silver.reports"] == before["silver.reports"]
    landed = read_table(on_s3.lake_uri, "bronze.raw")["raw_id"]
    assert (landed.len(), landed.is_unique().all()) == (len(load.messages) + 40, True)


def test_of_many_that_make_a_table_one_does_and_no_row_is_lost(on_s3: Settings, load: Load):
    lake = Lake(on_s3)
    name = "gold.past_counts"
    assert open_table(on_s3.lake_uri, name) is None
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Lake(on_s3).ensure(name), range(8)))
    table = open_table(on_s3.lake_uri, name)
    assert table is not None
    assert table.version() == 0
    hour = datetime(2026, 11, 10, 8, tzinfo=UTC)
    counts = pl.DataFrame({"category": ["fire"], "township_code": ["990101001"], "hour_at": [hour], "count": [3]})
    assert lake.append_new(name, counts) == 1
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Lake(on_s3).ensure(name), range(8)))
    lake.close()
    assert read_table(on_s3.lake_uri, name)["count"].to_list() == [3]


def test_a_second_state_folder_may_read_but_not_write(on_s3: Settings, load: Load, tmp_path: Path):
    secret = (on_s3.state_dir / "s3_secret_key").read_text()
    other = on_s3.model_copy(update={"state_dir": tmp_path, "s3_secret_key": secret})
    assert digests(other) == digests(on_s3)
    with pytest.raises(DataError, match=f"is written from .*{on_s3.state_dir}"):
        run(other, "land")


def test_of_many_that_claim_a_lake_one_gets_it(on_s3: Settings, tmp_path: Path):
    secret = (on_s3.state_dir / "s3_secret_key").read_text()
    changes = [
        {"state_dir": tmp_path / str(n), "s3_secret_key": secret, "lake": f"s3a://{BUCKET}/new"} for n in range(6)
    ]

    def gets(change: dict[str, object]) -> bool:
        try:
            claim(on_s3.model_copy(update=change))
        except DataError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(gets, changes)) == 1


def test_of_many_writers_of_one_object_one_wins(on_s3: Settings):
    objects = open_objects(on_s3.s3)
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: put_if_absent(objects, BUCKET, "race", str(n)), range(8)))
    assert sum(won) == 1
    assert text_of(objects, BUCKET, "race") == str(won.index(True))


def test_the_secret_is_in_no_file_that_others_can_read_and_in_no_log(on_s3: Settings, load: Load):
    secret = (on_s3.state_dir / "s3_secret_key").read_text().encode()
    private = {on_s3.state_dir / "s3_secret_key"}
    files = [path for path in on_s3.state_dir.rglob("*") if path.is_file() and path not in private]
    assert [path for path in files if secret in path.read_bytes()] == []
    assert (on_s3.state_dir / "s3_secret_key").stat().st_mode & 0o077 == 0
    assert secret.decode() not in repr(on_s3) + repr(on_s3.s3)


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path):
    settings = Settings(state_dir=tmp_path, lake=f"s3a://{BUCKET}/x")
    (tmp_path / "s3_secret_key").write_text("secret")
    (tmp_path / "s3_secret_key").chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        _ = settings.lake_uri


def test_without_its_server_a_lake_is_told_to_be_out_of_reach(tmp_path: Path):
    nowhere = Settings(
        state_dir=tmp_path, lake=f"s3a://{BUCKET}/x", s3_endpoint="http://127.0.0.1:9", s3_secret_key="k"
    )
    with pytest.raises(NoObjectsError, match=r"s3a://.* at http://127\.0\.0\.1:9 cannot be reached"):
        claim(nowhere)


def test_a_table_on_s3_has_the_layout_that_other_engines_read(on_s3: Settings, load: Load):
    assert path_of(on_s3.lake_uri, "silver.reports") == f"s3a://{BUCKET}/county/lake/silver/reports"
    key = "county/lake/silver/reports/_delta_log/00000000000000000000.json"
    first = text_of(open_objects(on_s3.s3), BUCKET, key)
    assert first is not None
    actions = [json.loads(line) for line in first.splitlines()]
    assert next(one["metaData"] for one in actions if "metaData" in one)["partitionColumns"] == ["day"]
