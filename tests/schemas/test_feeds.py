# ruff: noqa: E501 - tables and texts read best in rows
"""The feeds' contracts hold together, show what they mean, and cannot ask for persons."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from jobs import catalog
from jobs.simulate.day import EVENTS, simulated
from schemas.areas import load_county
from schemas.feeds import FEEDS, LATER_VERSIONS, contract_of_topic, contracts, feed_of_topic
from schemas.feeds.contract import TOPIC_PREFIX, ContractError, Feed, Sample, topic_of
from schemas.feeds.forbidden import forbidden_field
from schemas.feeds.strays import STRAYS
from schemas.regulation.loading import load_regulation
from schemas.regulation.rows import Unit
from schemas.vocabulary import FEED_CODES, QUARANTINE_REASONS
from tests.transforms.messages import cleaned

ALL = pytest.mark.parametrize("feed", contracts(), ids=lambda feed: feed.topic)
POLICE = FEEDS["110"]


def test_every_code_has_a_feed():
    assert tuple(FEEDS) == FEED_CODES


def test_the_catalogue_knows_the_same_topics():
    assert catalog.FEED_TOPIC_PREFIX == TOPIC_PREFIX


@ALL
def test_a_topic_belongs_to_its_feed_and_version(feed):
    assert feed_of_topic(feed.topic) == feed.code
    assert contract_of_topic(feed.topic) is feed


@pytest.mark.parametrize(
    ("topic", "feed"),
    [
        ("12333", "12333"),
        ("12333.v2", "12333"),
        ("110.v9", "110"),
        ("110.v2x", "110.v2x"),
        ("110.v", "110.v"),
        ("v2", "v2"),
    ],
)
def test_a_topic_of_nobody_is_called_by_what_it_says(topic, feed):
    assert feed_of_topic(TOPIC_PREFIX + topic) == feed
    assert contract_of_topic(TOPIC_PREFIX + topic) is None


def test_a_later_version_has_the_feeds_code_and_a_topic_of_its_own():
    assert LATER_VERSIONS
    for topic, later in LATER_VERSIONS.items():
        assert topic == later.topic == f"{FEEDS[later.code].topic}.v{later.major}"
        assert later.major > FEEDS[later.code].major == 1


@ALL
def test_a_feed_shows_what_is_sound_and_what_is_not(feed):
    good = [sample for sample in feed.samples if not sample.reasons]
    bad = [sample for sample in feed.samples if sample.reasons]
    assert len(good) >= 2 and len(bad) >= 6
    assert len({sample.name for sample in feed.samples}) == len(feed.samples)


@pytest.mark.parametrize(
    ("feed", "sample"),
    [(feed, sample) for feed in contracts() for sample in feed.samples],
    ids=lambda value: getattr(value, "topic", getattr(value, "name", "")),
)
def test_a_sample_ends_as_its_contract_says(feed, sample):
    records = cleaned(feed.topic.removeprefix(TOPIC_PREFIX), sample.payload)
    for record in records:
        assert record["reasons"] == sorted(sample.reasons)
        assert (record["feed"], record["contract_version"]) == (feed.code, feed.contract_version)


@pytest.mark.parametrize("stray", STRAYS, ids=lambda stray: stray.topic)
def test_a_message_of_no_contract_is_kept_under_its_feed(stray):
    (record,) = cleaned(stray.topic.removeprefix(TOPIC_PREFIX), stray.sample.payload)
    assert (record["feed"], record["reasons"]) == (stray.feed, list(stray.sample.reasons))


def test_every_reason_has_a_sample():
    samples = [*(sample for feed in contracts() for sample in feed.samples), *(stray.sample for stray in STRAYS)]
    assert {reason for sample in samples for reason in sample.reasons} == set(QUARANTINE_REASONS)


def test_a_reason_is_from_the_vocabulary():
    with pytest.raises(ContractError, match="sample x: not in QUARANTINE_REASONS: bad_mood"):
        Sample("x", b"", ("bad_mood",))


@ALL
def test_every_kind_that_is_admitted_can_be_said(feed):
    assert set(feed.admits) <= {*feed.kinds.values(), feed.default_kind}


@ALL
def test_samples_hold_invented_numbers_only(feed):
    for sample in feed.samples:
        for phone in re.findall(rb"1[3-9]\d{9}(?!\d)", sample.payload):
            assert phone[3:7] == b"0000" or phone.startswith(b"174"), sample.name  # 174…: milliseconds


def test_an_ordinary_day_of_the_county_brings_what_the_contracts_expect():
    sent = Counter(message.feed for message in simulated(date(2025, 3, 4), 7, EVENTS, load_county()).messages)
    for feed in FEEDS.values():
        assert sent[feed.code] == pytest.approx(feed.expected_a_day, rel=0.15, abs=15), feed.code


@ALL
def test_the_owner_is_a_unit_of_the_county(feed):
    assert feed.owner_unit in {unit.code for unit in load_regulation().rows[Unit]}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"topic": topic_of("110", 2)}, "topic is ninelines.feed.110.v2, but this version travels on ninelines.feed.110$"),
        ({"contract_version": "2.0"}, "but this version travels on ninelines.feed.110.v2"),
        ({"mapping": {"source_id": ("a",)}}, "not mapped: received_at"),
        ({"mapping": {**POLICE.mapping, "mood": ("a",)}}, "no canonical fields: mood"),
        ({"kinds": {"报警": "alarm"}}, "not in KINDS: alarm"),
        ({"admits": ("help", "party")}, "not in KINDS: party"),
        ({"categories": {"火": "flames"}}, "not in CATEGORIES: flames"),
        ({"default_kind": "suggestion"}, "default kind suggestion is not admitted"),
        ({"rhythm": (1.0,)}, "the rhythm is not 24 shares"),
        ({"expected_a_day": 0}, "no message is expected"),
    ],
)  # fmt: skip
def test_a_contract_that_contradicts_itself_is_refused_when_it_is_defined(changed, fault):
    with pytest.raises(ContractError, match=f"^feed 110 .*{fault}"):
        replace(POLICE, **changed)


@pytest.mark.parametrize(
    "path",
    [
        "faceUrl", "caller.face_id", "FaceImage", "人脸", "idCardNo", "caller.id_card", "SFZH", "身份证号", "identity_no", "plateNo",
        "car.licensePlate", "hphm", "车牌号", "keyPersonList", "special_population", "重点人员", "creditScore", "person_score", "imsi",
        "fingerprint", "electronicFence", "personId",
    ],
)  # fmt: skip
def test_a_contract_cannot_ask_for_faces_identities_plates_lists_or_scores(path):
    with pytest.raises(ContractError, match=r"field .* is about persons and is never taken in"):
        replace(POLICE, mapping={**POLICE.mapping, "text": ("BJNR", path)})
    with pytest.raises(ContractError, match=r"field .* is about persons and is never taken in"):
        replace(POLICE, items_path=path)


@pytest.mark.parametrize("name", ["face_id", "plate", "id_card_no", "person_score", "身份证"])
def test_nor_can_it_fill_a_field_of_ours_about_persons(name):
    with pytest.raises(ContractError, match=f"field {name} is about persons"):
        replace(POLICE, mapping={**POLICE.mapping, name: ("X",)})


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(ContractError, match=r"not mapped: received_at; .*KINDS: party; .*field plateNo"):
        replace(POLICE, mapping={"source_id": ("plateNo",)}, admits=("party",), default_kind=None)


@pytest.mark.parametrize(
    "item",
    [
        {"a": [{"b": {"faceUrl": "x"}}]}, {"id_card_no": "x"}, {"plateNo": "x"}, {"licensePlate": "x"}, {"车牌号": "x"},
        {"身份证号": "x"}, {"imsi": "x"}, {"SFZH": "x"}, {"specialPopulation": ["x"]}, {"creditScore": 3}, {"face": {"id": 1}},
        {"a": {"b": [{"c": [{"Id_Card-No": 0}]}]}}, {"riskScore": 0.1}, {"key_persons": ["x"]}, {"重点人员": "x"}, {"irisId": "x"},
        {"personId": "x"}, {"electronic.fence": "x"}, {"vehiclePlate": "x"}, {"faceSnap": "x"}, {"IMEI": "x"},
    ],
)  # fmt: skip
def test_fields_of_persons_are_forbidden(item):
    assert forbidden_field(item) is not None


@pytest.mark.parametrize(
    "feed", [feed for feed in contracts() if feed.format == "json" and feed.adapt is None], ids=lambda feed: feed.topic
)
@pytest.mark.parametrize("name", ["faceUrl", "idCardNo", "plateNo", "keyPersons", "creditScore"])
def test_a_payload_with_such_a_field_is_refused_whatever_the_feed(feed: Feed, name: str):
    payload = feed.samples[0].payload.decode(feed.encoding).replace("{", f'{{"{name}": "x", ')
    for record in cleaned(feed.topic.removeprefix(TOPIC_PREFIX), payload.encode()):
        assert "forbidden_field" in record["reasons"]


@pytest.mark.parametrize(
    "item",
    [
        {"dispatch_human_id": 1, "intime_human_archive_num": 1}, {"plateNo": "", "face": None}, {"surface": "x", "interface": "x"},
        {"macAddress": "x"}, {"detectionTarget": "human"}, {"template": "x", "facet": "x"}, {"main_type_name": "x"},
    ],
)  # fmt: skip
def test_other_fields_are_not(item):
    assert forbidden_field(item) is None
