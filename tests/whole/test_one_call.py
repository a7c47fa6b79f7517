"""The way of a call on real Kafka, Spark, Delta, PostgreSQL and HTTP: from the caller to the department and back."""

from collections import Counter
from datetime import UTC, date, datetime

import httpx
import polars as pl
import pytest

from infra.accounts import account
from infra.departments import play
from infra.keys import demo_keys
from jobs.context import Context, NothingToDoError
from jobs.io.lake import read_table
from jobs.run import run_job
from jobs.settings import Settings
from jobs.simulate.day import simulated
from jobs.simulate.load import Load
from jobs.simulate.sending import send
from schemas.areas import load_county
from schemas.vocabulary import FOR_OPERATIONS

pytestmark = pytest.mark.stack
DAY, SEED, EVENTS = date(2026, 11, 10), 5, 300
PIPELINE = ("land", "clean", "link", "classify", "assign", "publish")


@pytest.fixture(scope="module")
def load(settings: Settings) -> Load:
    found = simulated(DAY, SEED, EVENTS, load_county(settings.rules_dir))
    send(found.messages, settings.kafka)
    for job in PIPELINE:
        run(settings, job)
    return found


def run(settings: Settings, job: str) -> bool:
    """Whether the job found anything to do."""
    try:
        run_job(job, Context(settings, datetime.now(UTC)))
    except NothingToDoError:
        return False
    return True


def test_each_record_ends_where_the_truth_says(settings: Settings, load: Load):
    found = account(settings).intake
    counted = {
        row["feed"]: Counter({name: row[name] for name in ("clean", "redelivered", "quarantined") if row[name]})
        for row in found.iter_rows(named=True)
    }
    assert counted == load.truth.counts
    assert found["adds_up"].all()


def test_every_report_but_of_a_device_fault_belongs_to_one_incident_and_every_incident_has_one_order(
    settings: Settings, load: Load
):
    is_public = ~pl.col("kind").is_in(list(FOR_OPERATIONS))
    reports = read_table(settings.lake_uri, "silver.reports", ["report_id"], is_public)["report_id"].unique()
    links = read_table(settings.lake_uri, "gold.links", ["report_id", "incident_id"])
    orders = read_table(settings.lake_uri, "gold.assignments", ["order_id", "incident_id"])
    assert sorted(links["report_id"]) == sorted(reports)
    assert sorted(orders["incident_id"]) == sorted(links["incident_id"].unique())


def test_the_fire_told_by_seven_callers_is_one_incident_over_three_lines(settings: Settings, load: Load):
    incidents = read_table(settings.lake_uri, "gold.incidents", where=pl.col("category") == "fire")
    widest = incidents.sort("report_count").row(-1, named=True)
    assert widest["report_count"] == 7
    assert set(widest["feeds"]) == {"110", "119", "120"}


def test_a_second_delivery_of_the_whole_day_doubles_nothing(settings: Settings, load: Load):
    before = account(settings)
    assert send(load.messages, settings.kafka) == 0
    assert not any([run(settings, job) for job in PIPELINE])
    after = account(settings)
    assert after.intake.equals(before.intake)
    assert after.orders.height == before.orders.height


def test_a_department_sees_its_own_orders_only(settings: Settings, load: Load):
    units = read_table(settings.lake_uri, "gold.assignments", ["unit_code"])["unit_code"].unique().sort().to_list()
    keys = demo_keys(settings, units)
    with httpx.Client(base_url=settings.api_url) as http:
        for unit in units[:3]:
            page = http.get("/v1/orders?limit=50", headers={"Authorization": f"Bearer {keys[unit]}"}).json()
            assert page["items"]
            assert all(unit in (order["unit_code"], *order["co_unit_codes"]) for order in page["items"])


def test_what_departments_do_comes_back_into_the_lake(settings: Settings, load: Load):
    assert play(settings, SEED, lambda line: None)
    assert run(settings, "collect_order_events")
    events = read_table(settings.lake_uri, "gold.order_events")
    keys = demo_keys(settings, [])
    order = events.filter(pl.col("event") == "call_back").row(0, named=True)["order_id"]
    with httpx.Client(base_url=settings.api_url, headers={"Authorization": f"Bearer {keys['dispatcher']}"}) as http:
        told = http.get(f"/v1/orders/{order}/events").json()
    in_lake = events.filter(pl.col("order_id") == order).sort("version")
    assert [event["event"] for event in told] == in_lake["event"].to_list()
