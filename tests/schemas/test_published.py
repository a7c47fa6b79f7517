"""What is published is what the contracts say, and the ecosystem's own schemas accept it."""

import json
from importlib.resources import files
from pathlib import Path

import dataframely as dy
import pytest
import yaml
from jsonschema import Draft7Validator, Draft201909Validator, Draft202012Validator

from jobs.catalog import ORDER_EVENTS_TOPIC
from jobs.transforms.decoding import decode
from schemas import records
from schemas.documents import asyncapi
from schemas.documents.contracts import MEANINGS, is_adapted
from schemas.documents.payloads import item_schema, payload_schema
from schemas.feeds import contracts
from schemas.feeds.contract import CANONICAL_FIELDS
from schemas.forms import arrow_schema, from_arrow, model, to_arrow
from schemas.lake import TABLES
from schemas.personal import personal_columns
from schemas.publishing import BrokenPromiseError, broken_promises, documents, publish, published

RECORDS = [getattr(records, name) for name in records.__all__]
WANTED = documents()
OFFICIAL = Path(__file__).parent / "official"
ASYNCAPI = Draft7Validator(json.loads((OFFICIAL / "asyncapi-3.0.0.json").read_text(encoding="utf-8")))
ODCS = Draft201909Validator(json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text()))
PLAIN = [feed for feed in contracts() if not is_adapted(feed)]  # of the others the page speaks, not a schema


def of_kind(folder: str) -> list[str]:
    return [name for name in WANTED if name.startswith(f"schemas/published/{folder}")]


def test_the_published_files_are_up_to_date():
    assert published() == WANTED, "run `.venv/bin/python -m schemas.publishing`"


def test_the_asyncapi_document_is_valid():
    assert list(ASYNCAPI.iter_errors(yaml.safe_load(WANTED["schemas/published/asyncapi.yaml"]))) == []


@pytest.mark.parametrize(
    "place", [("info",), ("channels", "feed_110_v1"), ("operations", "receive_feed_110_v1"), ("servers", "county")]
)
def test_the_official_schema_would_refuse_a_misspelt_asyncapi_document(place):
    document = found = yaml.safe_load(WANTED["schemas/published/asyncapi.yaml"])
    for name in place:
        found = found[name]
    found["misspelt"] = 1
    assert not ASYNCAPI.is_valid(document)


def test_every_topic_is_a_channel_with_its_message_and_headers():
    document = yaml.safe_load(WANTED["schemas/published/asyncapi.yaml"])
    channels = {channel["address"]: channel for channel in document["channels"].values()}
    assert set(channels) == {ORDER_EVENTS_TOPIC, *(feed.topic for feed in contracts())}
    assert {channel["bindings"]["kafka"]["topic"] for channel in channels.values()} == set(channels)
    headers = Draft7Validator(document["components"]["schemas"]["CloudEventsHeaders"])
    for feed in contracts():
        message = document["components"]["messages"][asyncapi.channel_name(feed)]
        assert message["contentType"] == feed.content_type
        assert headers.is_valid(message["examples"][0]["headers"])


@pytest.mark.parametrize("name", of_kind("odcs/"))
def test_the_contract_of_a_table_is_valid(name):
    document = yaml.safe_load(WANTED[name])
    assert list(ODCS.iter_errors(document)) == []
    assert not ODCS.is_valid(document | {"misspelt": 1})


def test_the_contract_of_a_table_says_columns_key_rules_and_promises():
    document = yaml.safe_load(WANTED["schemas/published/odcs/silver.reports.yaml"])
    (table,) = document["schema"]
    assert [column["name"] for column in table["properties"]] == records.Report.column_names()
    assert [rule["name"] for rule in table["quality"]] == ["key_is_unique", "place_is_whole"]
    assert {promise["property"]: promise["value"] for promise in document["slaProperties"]} == {
        "retention": "unlimited", "latency": 20,
    }  # fmt: skip
    bronze = yaml.safe_load(WANTED["schemas/published/odcs/bronze.raw.yaml"])
    assert bronze["slaProperties"][0] | {"description": ""} == {
        "property": "retention", "value": 30, "unit": "d", "description": "",
    }  # fmt: skip


@pytest.mark.parametrize("name", [*of_kind("json_schema/"), *of_kind("payloads/")])
def test_a_json_schema_keeps_to_its_own_dialect(name):
    Draft202012Validator.check_schema(json.loads(WANTED[name]))


@pytest.mark.parametrize("feed", PLAIN, ids=lambda feed: feed.topic)
def test_sound_samples_fit_the_published_schema(feed):
    item, payload = Draft202012Validator(item_schema(feed)), Draft202012Validator(payload_schema(feed))
    for sample in feed.samples:
        if not sample.reasons:
            assert [error for one in decode(sample.payload, feed) for error in item.iter_errors(one.item)] == []
            if feed.format == "json":
                assert payload.is_valid(json.loads(sample.payload.decode(_codec(sample.payload, feed))))


def _codec(payload: bytes, feed) -> str:
    return next(
        codec for codec in ("utf-8", feed.encoding) if payload.decode(codec, errors="ignore").encode(codec) == payload
    )


@pytest.mark.parametrize("feed", PLAIN, ids=lambda feed: feed.topic)
def test_the_published_schema_refuses_what_has_no_id_and_no_time(feed):
    errors = Draft202012Validator(item_schema(feed)).iter_errors({})
    assert any(error.validator == "required" for error in errors)


def test_every_canonical_field_has_a_meaning():
    assert set(MEANINGS) == set(CANONICAL_FIELDS)


@pytest.mark.parametrize("feed", contracts(), ids=lambda feed: feed.topic)
def test_a_page_shows_every_sample_and_reason(feed):
    page = WANTED[f"docs/feeds/{feed.code}.v{feed.major}.md"]
    assert all(f"### {sample.name}\n" in page for sample in feed.samples)
    assert all(f"`{reason}`" in page for sample in feed.samples for reason in sample.reasons)
    assert all(f"`{path}`" in page for paths in feed.mapping.values() for path in paths)


CONTRACT, TABLE = "schemas/published/contracts/110.v1.json", "schemas/published/odcs/silver.reports.yaml"


@pytest.mark.parametrize(
    ("name", "now", "then", "broken"),
    [
        (CONTRACT, '"JJDBH"', '"OTHER"', "source_id is no longer read from OTHER"),
        (CONTRACT, '"报警": "emergency"', '"报警": "help"', "kind 报警 was help"),
        (
            CONTRACT,
            '"emergency",\n    "help"',
            '"device_alarm",\n    "emergency",\n    "help"',
            "admits no longer has device_alarm",
        ),
        (CONTRACT, '"time_zone": "Asia/Shanghai"', '"time_zone": "UTC"', "time_zone was UTC"),
        (TABLE, "name: source_id", "name: source_number", "source_number is gone"),
        (TABLE, "physicalType: double", "physicalType: float", "lat was float"),
    ],
)
def test_a_promise_that_would_break_is_named(name, now, then, broken):
    before = {name: WANTED[name].replace(now, then)}
    assert before != {name: WANTED[name]}
    assert f"{name}: {broken}" in list(broken_promises(before, WANTED))


@pytest.mark.parametrize(
    ("name", "now", "then"),
    [(CONTRACT, '    "举报": "complaint",\n', ""), (CONTRACT, '"expected_a_day": 1580', '"expected_a_day": 9'),
     (TABLE, "  - name: device_id\n    logicalType: string\n    physicalType: string\n    required: false\n", "")],
)  # fmt: skip
def test_what_only_adds_breaks_no_promise(name, now, then):
    before = {name: WANTED[name].replace(now, then)}
    assert before != {name: WANTED[name]}
    assert [what for what in broken_promises(before, WANTED) if "device_id" not in what or "nullable" in what] == []


def test_a_new_version_of_a_table_may_change_it():
    before = {
        TABLE: WANTED[TABLE]
        .replace("name: source_id", "name: source_number")
        .replace("version: 1.0.0", "version: 0.9.0")
    }
    assert list(broken_promises(before, WANTED)) == []


def test_nothing_is_published_that_breaks_a_promise(tmp_path: Path):
    publish(tmp_path)
    assert published(tmp_path) == WANTED
    old = WANTED[CONTRACT].replace('"JJDBH"', '"OTHER"')
    (tmp_path / CONTRACT).write_text(old, encoding="utf-8")
    with pytest.raises(BrokenPromiseError, match="source_id is no longer read from OTHER"):
        publish(tmp_path)
    assert published(tmp_path)[CONTRACT] == old


# Random values never keep rules over several columns.
SOUND = {
    records.Batch: {"rows_in": 5, "rows_clean": 3, "rows_redelivered": 1, "rows_quarantined": 1},
    records.TableCheck: {"failed": 1, "failures": ["expectation"]},
}


def sample(record: type[dy.Schema]) -> dy.DataFrame:
    return record.sample(overrides=[SOUND[record]] * 5) if record in SOUND else record.sample(5)


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_rows_survive_the_way_through_arrow(record: type[dy.Schema]):
    rows = sample(record)
    assert from_arrow(to_arrow(rows, record), record).equals(rows)
    assert record.is_valid(from_arrow(to_arrow(rows, record), record))


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_every_form_has_the_same_columns(record: type[dy.Schema]):
    assert list(model(record).model_fields) == arrow_schema(record).names == record.column_names()


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_no_column_describes_a_person(record: type[dy.Schema]):
    assert personal_columns(record) == []


def test_every_table_of_the_lake_has_a_key():
    assert all(table.key for table in TABLES.values())
