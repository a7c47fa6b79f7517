"""Two versions of one feed's contract, from Kafka to silver: each message is read by the version it was sent under."""

from contextlib import closing
from datetime import UTC, datetime

import polars as pl
import pytest

from jobs.context import Context
from jobs.io.kafka import Outgoing, create_topics, send
from jobs.io.lake import Lake, read_table
from jobs.run import run_job
from jobs.settings import Settings
from schemas.feeds import FEEDS, LATER_VERSIONS
from schemas.feeds.contract import topic_of

pytestmark = pytest.mark.stack

FIRST, SECOND, UNKNOWN = topic_of("12345", 1), topic_of("12345", 2), topic_of("12345", 9)


@pytest.fixture(scope="module")
def cleaned(stack: Settings) -> Settings:
    """The same contact under both versions, and once under a version that nobody registered."""
    first, second = FEEDS["12345"].samples[0].payload, LATER_VERSIONS[SECOND].samples[0].payload
    create_topics(stack.kafka, [FIRST, SECOND, UNKNOWN])
    send(
        stack.kafka,
        [Outgoing(FIRST, first, key="a"), Outgoing(SECOND, second, key="a"), Outgoing(UNKNOWN, second, key="a")],
    )
    for job in ("land", "clean"):
        run_job(job, Context(stack, datetime.now(UTC)))
    return stack


def test_both_versions_become_revisions_of_one_report(cleaned: Settings):
    contact = pl.col("source_id") == "YC12345-20250304-0417"
    reports = read_table(cleaned.lake_uri, "silver.reports", where=contact).sort("revision")
    assert reports["report_id"].n_unique() == 1
    assert reports.select("feed", "revision", "contract_version").unique().sort("revision").rows() == [
        ("12345", 1, "1.0"), ("12345", 2, "2.0"),
    ]  # fmt: skip
    first, second = reports.unique("revision", maintain_order=True).select("lat", "lon").rows()
    assert first == pytest.approx(second, abs=0.0005)  # BD-09 in one, WGS84 in the other: one building site
    with closing(Lake(cleaned)) as lake:
        assert lake.current_reports(contact)["contract_version"].to_list() == ["2.0"]


def test_an_unregistered_version_waits_in_quarantine_under_its_feed(cleaned: Settings):
    aside = read_table(cleaned.lake_uri, "silver.quarantine", where=pl.col("raw_id").str.starts_with(UNKNOWN))
    assert aside.select("feed", "reasons", "detail").rows() == [
        ("12345", ["unknown_version"], f"no contract for topic {UNKNOWN}")
    ]
