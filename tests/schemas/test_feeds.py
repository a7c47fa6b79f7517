# ruff: noqa: E501 - tables and texts read best in rows
"""The feeds' contracts hold together."""

import re

import pytest

from jobs import catalog
from schemas.feeds import FEEDS, feed_of_topic
from schemas.feeds.contract import CANONICAL_FIELDS, TOPIC_PREFIX
from schemas.feeds.forbidden import forbidden_field
from schemas.regulation.loading import load_regulation
from schemas.regulation.rows import Unit
from schemas.vocabulary import CATEGORIES, FEED_CODES, KINDS, QUARANTINE_REASONS

ALL = pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)


def test_every_code_has_a_feed():
    assert set(FEEDS) == set(FEED_CODES)


def test_the_catalogue_knows_the_same_topics():
    assert catalog.FEED_TOPIC_PREFIX == TOPIC_PREFIX


@ALL
def test_a_topic_belongs_to_its_feed(feed):
    assert feed_of_topic(feed.topic) == feed.code


def test_a_topic_of_nobody_is_called_by_its_last_part():
    assert feed_of_topic("ninelines.feed.12333") == "12333"


@ALL
def test_words_of_a_contract_are_in_the_vocabularies(feed):
    assert set(feed.mapping) <= set(CANONICAL_FIELDS)
    assert {"source_id", "received_at"} <= set(feed.mapping)
    assert set(feed.kinds.values()) | set(feed.admits) <= set(KINDS)
    assert set(feed.categories.values()) <= set(CATEGORIES)
    assert feed.default_kind in (None, *feed.admits)


@ALL
def test_the_shares_of_a_day_add_up(feed):
    assert len(feed.rhythm) == 24
    assert sum(feed.rhythm) == pytest.approx(1)


@ALL
def test_a_feed_shows_what_is_sound_and_what_is_not(feed):
    good = [sample for sample in feed.samples if not sample.reasons]
    bad = [sample for sample in feed.samples if sample.reasons]
    assert len(good) >= 2 and len(bad) >= 3
    assert {reason for sample in bad for reason in sample.reasons} <= set(QUARANTINE_REASONS)
    assert len({sample.name for sample in feed.samples}) == len(feed.samples)


@ALL
def test_every_kind_that_is_admitted_can_be_said(feed):
    assert set(feed.admits) <= {*feed.kinds.values(), feed.default_kind}


@ALL
def test_samples_hold_invented_numbers_only(feed):
    for sample in feed.samples:
        for phone in re.findall(rb"1[3-9]\d{9}(?!\d)", sample.payload):
            assert phone[3:7] == b"0000" or phone.startswith(b"174"), sample.name  # 174…: milliseconds


@pytest.mark.parametrize(
    "item",
    [
        {"a": [{"b": {"faceUrl": "x"}}]}, {"id_card_no": "x"}, {"plateNo": "x"}, {"licensePlate": "x"}, {"车牌号": "x"},
        {"身份证号": "x"}, {"imsi": "x"}, {"SFZH": "x"}, {"specialPopulation": ["x"]}, {"creditScore": 3}, {"face": {"id": 1}},
    ],
)  # fmt: skip
def test_fields_of_persons_are_forbidden(item):
    assert forbidden_field(item) is not None


@pytest.mark.parametrize(
    "item",
    [
        {"dispatch_human_id": 1, "intime_human_archive_num": 1}, {"plateNo": "", "face": None}, {"surface": "x", "interface": "x"},
        {"macAddress": "x"}, {"detectionTarget": "human"}, {"template": "x", "facet": "x"}, {"main_type_name": "x"},
    ],
)  # fmt: skip
def test_other_fields_are_not(item):
    assert forbidden_field(item) is None


@ALL
def test_the_owner_is_a_unit_of_the_county(feed):
    assert feed.owner_unit in {unit.code for unit in load_regulation().rows[Unit]}
