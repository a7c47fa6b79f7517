"""Quarantine on real servers: judged again it gives what the stream would have given, and expired bytes say so."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from deltalake import write_deltalake
from typer.testing import CliRunner

from infra.cli import app
from jobs.batch.replay import replay
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.lake import read_table
from jobs.run import run_job, writing
from jobs.settings import Settings, path_of
from jobs.simulate.day import simulated
from jobs.simulate.sending import send
from jobs.streaming.clean import WRITES
from jobs.transforms.quarantine import Chosen, counts
from schemas.areas import load_county
from schemas.feeds import FEEDS
from schemas.forms import plain, to_arrow
from schemas.lake import TABLES
from schemas.records import Quarantined
from schemas.vocabulary import FEED_STATES

SILVER = ("silver.reports", "silver.redeliveries", "silver.quarantine")
LANDED = datetime(2026, 3, 2, 4, tzinfo=UTC)
run_cli = CliRunner().invoke


def run(settings: Settings, job: str, **options: object) -> Result:
    return run_job(job, Context(settings, options.pop("now", datetime.now(UTC)), **options))  # type: ignore[arg-type]  # start, end and words


def silver(settings: Settings) -> dict[str, list]:
    """Every column of every row that the streams decide."""
    return {name: plain(read_table(settings.lake_uri, name)).sort("raw_id", "item_no").rows() for name in SILVER}


@pytest.fixture(scope="module")
def streamed(stack: Settings) -> Settings:
    """A small simulated day, landed and cleaned as it came."""
    send(simulated(date(2026, 11, 12), seed=12, events=150, county=load_county()).messages, stack.kafka)
    for job in ("land", "clean"):
        run(stack, job)
    return stack


@pytest.fixture
def emptied(streamed: Settings, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Another lake with the same bronze and nothing else: no silver, no checkpoint."""
    monkeypatch.setenv("NINELINES_LAKE", str(tmp_path / "lake"))
    settings = Settings()
    bronze = to_arrow(read_table(streamed.lake_uri, "bronze.raw"), TABLES["bronze.raw"].record)
    write_deltalake(path_of(settings.lake_uri, "bronze.raw"), bronze, partition_by="landed_day")
    yield settings


@pytest.mark.stack
def test_the_whole_bronze_judged_again_gives_the_same_silver(streamed: Settings, emptied: Settings):
    run(emptied, "clean")
    assert silver(emptied) == silver(streamed)


@pytest.mark.stack
def test_a_replay_after_a_correction_gives_what_the_stream_would_have_given(
    streamed: Settings, emptied: Settings, monkeypatch: pytest.MonkeyPatch
):
    wrong = replace(FEEDS["12345"], default_kind=None, mapping={**FEEDS["12345"].mapping, "source_id": ("wrong",)})
    context = Context(emptied, datetime.now(UTC))
    with monkeypatch.context() as patch:  # the stream runs in workers of its own: the wrong contract is played here
        patch.setitem(FEEDS, "12345", wrong)
        set_all_aside(emptied)
    with writing(context, "replay", WRITES):
        dry = replay(context, Chosen(), is_dry=True)
        done = replay(context, Chosen())
    assert dry | {"is_dry": False} == done
    assert keys(emptied) == keys(streamed)
    assert read_table(emptied.lake_uri, "ops.batches")["rows_in"].sum() == 0  # moved, not come in


def keys(settings: Settings) -> dict[str, object]:
    """What silver holds, whichever of several copies came first."""
    reports = read_table(settings.lake_uri, "silver.reports").select("report_id", "revision", "content_hash", "text")
    aside = read_table(settings.lake_uri, "silver.quarantine").select("raw_id", "item_no", "reasons", "detail")
    again = read_table(settings.lake_uri, "silver.redeliveries").select("report_id", "content_hash")
    return {"reports": sorted(reports.rows()), "aside": sorted(aside.rows()), "again": sorted(again.rows())}


def set_all_aside(settings: Settings) -> None:
    """Everything in quarantine, for a reason that no longer applies."""
    from jobs.transforms.cleaning import clean

    raw = read_table(settings.lake_uri, "bronze.raw")
    judged = clean(raw, b"any key", load_county())
    rows = judged.with_columns(reasons=pl.lit(["unknown_kind"]), detail=pl.lit("played")).select(
        Quarantined.column_names()
    )
    aside(settings, Quarantined.validate(rows, cast=True))


def aside(settings: Settings, rows: pl.DataFrame) -> None:
    write_deltalake(path_of(settings.lake_uri, "silver.quarantine"), to_arrow(rows, Quarantined), mode="append")


@pytest.mark.stack
def test_bytes_expire_by_the_feeds_retention_and_every_pointer_stays(streamed: Settings, emptied: Settings):
    for name in SILVER:
        rows = to_arrow(read_table(streamed.lake_uri, name), TABLES[name].record)
        write_deltalake(path_of(emptied.lake_uri, name), rows, partition_by=TABLES[name].partition)
    before = silver(emptied)
    longest = max(feed.retention_days for feed in FEEDS.values())
    run(emptied, "maintain", now=datetime.now(UTC) + timedelta(days=longest + 2))
    assert read_table(emptied.lake_uri, "bronze.raw").is_empty()
    assert silver(emptied) == before
    context = Context(emptied, datetime.now(UTC))
    found = replay(context, Chosen(), is_dry=True)
    assert found["bytes_expired"] == found["still_quarantined"] == len(before["silver.quarantine"])
    assert found["judged"] == found["rows_clean"] == 0
    raw_id = before["silver.quarantine"][0][0]
    shown = json.loads(run_cli(app, ["quarantine", "show", raw_id]).stdout)
    assert (shown["raw"]["is_there"], shown["items"][0]["place"]) == (False, "quarantined")
    assert run_cli(app, ["quarantine", "show", raw_id, "--raw"]).exit_code == 1


@pytest.mark.stack
def test_a_feed_that_stopped_and_a_landing_that_stands_still_are_two_alarms(streamed: Settings):
    feed = FEEDS["110"]
    with pytest.raises(DataError, match=r"feed 110: silent, no message since .*: call police") as raised:
        run(streamed, "watch_feeds", now=datetime.now(UTC) + timedelta(hours=6))
    assert "landing_stands_still" not in str(raised.value)
    send([m for m in simulated(date(2026, 11, 13), 13, 100, load_county()).messages if m.feed == "110"], streamed.kafka)
    with pytest.raises(DataError, match=r"feed 110: landing_stands_still, \d+ messages wait in Kafka"):
        run(streamed, "watch_feeds", now=datetime.now(UTC) + timedelta(hours=7))
    rows = read_table(streamed.lake_uri, "ops.feed_health").filter(pl.col("feed") == feed.code).sort("checked_at")
    assert rows["state"].to_list()[-2:] == ["silent", "landing_stands_still"]
    assert set(rows["state"]) <= set(FEED_STATES)
    for job in ("land", "clean"):
        run(streamed, job)


@pytest.mark.stack
def test_a_broken_row_blocks_its_table_until_it_is_mended(emptied: Settings):
    """The whole way with its writes through Spark."""
    links = TABLES["gold.links"]
    good = links.record.sample(num_rows=3)
    bad = plain(good).with_columns(score=pl.Series([0.5, 0.5, 7.0]))
    write_deltalake(path_of(emptied.lake_uri, links.name), bad.to_arrow())
    with pytest.raises(DataError, match=r"gold.links: expect_column_values_to_be_between\(score\): 1 of 3 rows"):
        run(emptied, "quality")
    assert read_table(emptied.lake_uri, "ops.quality").filter("is_blocked")["table"].to_list() == ["gold.links"]
    write_deltalake(path_of(emptied.lake_uri, links.name), to_arrow(good, links.record), mode="overwrite")
    run(emptied, "quality", now=datetime.now(UTC) + timedelta(minutes=1))
    newest = read_table(emptied.lake_uri, "ops.quality").filter(pl.col("table") == "gold.links").sort("checked_at")
    assert newest["is_blocked"].to_list() == [True, False]


def broken(number: int, *reasons: str, feed: str = "12345", hours: int = 0) -> dict:
    return {
        "raw_id": f"ninelines.feed.{feed}/0/{number}", "item_no": 0, "feed": feed, "reasons": list(reasons),
        "detail": f"{reasons[0]}: a.b", "contract_version": "1.0", "landed_at": LANDED + timedelta(hours=hours),
    }  # fmt: skip


@pytest.fixture
def lake(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Four quarantined records and one message of bronze; no server."""
    monkeypatch.setenv("NINELINES_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("NINELINES_LAKE", raising=False)
    settings = Settings()
    rows = [
        broken(1, "bad_time", "unknown_kind"),
        broken(2, "bad_time", hours=1),
        broken(3, "heartbeat", feed="video", hours=2),
        broken(4, "bad_time", feed="110", hours=3),
    ]
    aside(settings, Quarantined.validate(pl.DataFrame(rows, schema=Quarantined.create_empty().schema)))
    raw = TABLES["bronze.raw"].record
    message = {
        "raw_id": rows[0]["raw_id"], "feed": "12345", "topic": "ninelines.feed.12345", "partition": 0, "offset": 1,
        "landed_at": LANDED, "ce_id": "e", "ce_source": "s", "content_type": "application/json",
        "payload": "电话13900000000".encode(), "landed_day": LANDED.date(),
    }  # fmt: skip
    frame = raw.validate(pl.DataFrame([message], schema=raw.create_empty().schema))
    write_deltalake(path_of(settings.lake_uri, "bronze.raw"), to_arrow(frame, raw), partition_by="landed_day")
    return settings


def test_counts_are_by_feed_and_every_reason(lake: Settings):
    found = counts(read_table(lake.lake_uri, "silver.quarantine"))
    assert found.rows() == [
        ("12345", "bad_time", 2), ("110", "bad_time", 1), ("12345", "unknown_kind", 1), ("video", "heartbeat", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "offsets"),
    [
        ([], [4, 3, 2, 1]),
        (["--feed", "12345"], [2, 1]),
        (["--reason", "bad_time"], [4, 2, 1]),
        (["--since", "2026-03-02T05:00:00Z"], [4, 3, 2]),
        (["--until", "2026-03-02T13:00:00+08:00"], [1]),
        (["--since", "2026-03-02T13:00:00", "--until", "2026-03-02T14:00:00"], [2]),  # bare times are local
        (["--limit", "1"], [4]),
    ],
)
def test_list_shows_what_is_asked_for_the_newest_first(lake: Settings, words: list[str], offsets: list[int]):
    found = json.loads(run_cli(app, ["quarantine", "list", "--json", *words]).stdout)
    assert [int(row["raw_id"].split("/")[-1]) for row in found["rows"]] == offsets


def test_list_tells_people_all_reasons_of_a_record(lake: Settings):
    told = run_cli(app, ["quarantine", "list"]).stdout
    assert told.startswith("4 records in quarantine\n  12345    bad_time                    2\n")
    assert "ninelines.feed.12345/0/1 item 0  bad_time, unknown_kind  bad_time: a.b" in told


def test_show_tells_reasons_and_where_the_bytes_are_but_not_what_they_say(lake: Settings):
    said = run_cli(app, ["quarantine", "show", "ninelines.feed.12345/0/1"]).stdout
    found = json.loads(said)
    assert found["items"] == [
        {"item_no": 0, "place": "quarantined", "reasons": ["bad_time", "unknown_kind"], "detail": "bad_time: a.b"}
    ]
    assert (found["raw"]["is_there"], found["raw"]["bytes"]) == (True, 17)
    assert found["raw"]["kept_until"] == str(LANDED.date() + timedelta(days=FEEDS["12345"].retention_days))
    assert "13900000000" not in said
    assert not (lake.state_dir / "logs").exists()


def test_raw_bytes_are_shown_only_when_asked_for_with_a_warning_and_a_note(lake: Settings):
    shown = run_cli(app, ["quarantine", "show", "ninelines.feed.12345/0/1", "--raw"])
    assert shown.stdout == "电话13900000000"
    assert "personal data" in shown.stderr
    note = json.loads((lake.state_dir / "logs" / "raw_access.jsonl").read_text())
    assert (note["raw_id"], note["event"]) == ("ninelines.feed.12345/0/1", "raw_shown")
    assert "13900000000" not in str(note)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "ninelines.feed.110/0/99"], 1),
        (["list", "--reason", "wrong"], 2),
        (["list", "--since", "yesterday"], 2),
        (["replay", "--feed", "12348", "--dry-run"], 0),  # nothing is meant
    ],
)
def test_what_is_not_there_or_not_understood_is_told(lake: Settings, words: list[str], code: int):
    told = run_cli(app, ["quarantine", *words])
    assert told.exit_code == code
    assert "ninelines: " in told.output


def test_nothing_in_quarantine_is_nothing_to_do(tmp_path):
    with pytest.raises(NothingToDoError):
        replay(Context(Settings(state_dir=tmp_path, lake=""), LANDED), Chosen())
