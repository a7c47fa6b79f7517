# ruff: noqa: E501 - tables and texts read best in rows
"""Pushes from cameras and platforms: who may push, and what is taken for an event."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from api.intake.events import PushError, Sender, events_of, largest
from api.intake.room import NoRoomError, Room
from schemas.feeds.limits import LARGEST_TEXT
from tests.api.conftest import County
from tests.api.pushes import ALARM, BINARY, CLOUD, STRUCTURED

SENDER = Sender("video", "/sources/x")
BATCH = {"content-type": "application/cloudevents-batch+json"}


def body(**event: Any) -> bytes:
    return json.dumps(STRUCTURED | event).encode()


# What a request is, without a broker


def test_a_plain_body_is_an_event_named_by_its_bytes():
    (event,), (again,), (other,) = (events_of({}, words, SENDER) for words in (b"<a/>", b"<a/>", b"<b/>"))
    assert event == again
    assert event.attributes["id"] != other.attributes["id"]
    assert event.attributes["source"] == "/sources/x"


def test_headers_make_an_event():
    (event,) = events_of(
        BINARY | {"ce-subject": "张三", "ce-time": "2026-03-02T14:05:11Z", "ce-id": "%E4%B8%83"}, ALARM, SENDER
    )
    assert event.payload == ALARM
    assert event.headers == {
        "ce_specversion": "1.0", "ce_id": "七", "ce_source": "/cams", "ce_type": "alarm", "ce_time": "2026-03-02T14:05:11Z",
        "content-type": "application/xml",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "payload", "content_type"),
    [
        ({"data": [{"rec_id": 1}]}, b'[{"rec_id":1}]', "application/json"),
        ({"data": "<a/>", "datacontenttype": "application/xml"}, b"<a/>", "application/xml"),
        ({"data": {"a": 1}, "datacontenttype": "application/vnd.x+json"}, b'{"a":1}', "application/vnd.x+json"),
        (
            {"data_base64": base64.b64encode(ALARM).decode(), "datacontenttype": "application/xml"},
            ALARM,
            "application/xml",
        ),
    ],
)
def test_a_structured_event_carries_its_payload(event, payload, content_type):
    (found,) = events_of(CLOUD, body(**event), SENDER)
    assert (found.payload, found.content_type, found.attributes["id"]) == (payload, content_type, "7")


def test_a_batch_is_several_events():
    batch = [STRUCTURED | {"id": name, "data": {"a": name}} for name in "abc"]
    assert [event.attributes["id"] for event in events_of(BATCH, json.dumps(batch).encode(), SENDER)] == ["a", "b", "c"]
    assert events_of(BATCH, b"[]", SENDER) == []


@pytest.mark.parametrize(
    ("headers", "payload", "status"),
    [
        ({}, b"", 400),
        ({}, b" \r\n", 400),
        ({"ce-id": "7"}, b"<a/>", 400),
        (BINARY | {"ce-specversion": "0.3"}, b"<a/>", 400),
        (BINARY | {"ce-source": " "}, b"<a/>", 400),
        (BINARY | {"ce-id": "x" * 301}, b"<a/>", 400),
        (BINARY | {"ce-id": "a%0Ab"}, b"<a/>", 400),
        (CLOUD, b"{", 400),
        (CLOUD, b"[]", 400),
        (CLOUD, body(), 400),
        (CLOUD, body(data_base64="?"), 400),
        (CLOUD, body(data_base64=7), 400),
        (CLOUD, body(data={}, datacontenttype=7), 400),
        (CLOUD, json.dumps({"data": {}}).encode(), 400),
        (CLOUD, body(data="x" * (LARGEST_TEXT + 1), datacontenttype="text/csv"), 413),
        (BATCH, b"{}", 400),
        (BATCH, b"[1]", 400),
        (BATCH, json.dumps([STRUCTURED] * 501).encode(), 413),
        ({"content-type": "application/cloudevents+avro"}, b"x", 415),
    ],
)
def test_what_is_no_event_is_told(headers, payload, status):
    with pytest.raises(PushError) as found:
        events_of(headers, payload, SENDER)
    assert found.value.status == status


def test_pictures_may_be_larger_than_words():
    assert largest("multipart/form-data; boundary=x") > largest("application/xml") == largest(None) == LARGEST_TEXT


def test_there_is_room_for_so_much_and_no_more():
    room = Room(pushes=2, size=100)
    with room.taken(60):
        with pytest.raises(NoRoomError), room.taken(60):
            pass
        with room.taken(40), pytest.raises(NoRoomError), room.taken(0):
            pass
    with room.taken(100):
        pass


# Over HTTP, no broker


def test_a_key_is_for_one_feed(county: County):
    source = county.client("source", feed="grid")
    answers = {
        feed: source.post(f"/intake/{feed}", content=ALARM)
        for feed in ("video", "nope", "ninelines.feed.grid", "grid.v9")
    }
    assert {feed: answer.status_code for feed, answer in answers.items()} == {
        "video": 403,
        "nope": 404,
        "ninelines.feed.grid": 404,
        "grid.v9": 404,
    }
    assert answers["video"].json()["type"] == "urn:ninelines:problem:not-your-feed"


def test_only_sources_may_push(county: County):
    assert county.client("engineer").post("/intake/video", content=ALARM).status_code == 403
    assert county.stranger.post("/intake/video", content=ALARM).status_code == 401


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({}, b"x" * (LARGEST_TEXT + 1), 413),
        ({"content-type": "multipart/form-data; boundary=b"}, b"x" * (4 * LARGEST_TEXT + 1), 413),
        ({"content-encoding": "gzip"}, b"x", 415),
        (CLOUD, b"{", 400),
    ],
)
def test_a_body_that_cannot_be_taken(county: County, headers, content, status):
    answer = county.client("source").post("/intake/video", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_body_of_unknown_length_is_bounded(county: County):
    read = []

    def endless() -> Iterator[bytes]:
        for _ in range(400):
            read.append(1)
            yield b"x" * 64 * 1024

    assert county.client("source").post("/intake/video", content=endless()).status_code == 413


def test_without_kafka_a_push_is_refused_soon(county: County):
    source, begun = county.client("source"), time.monotonic()
    first, second = (source.post("/intake/video", content=ALARM) for _ in range(2))
    assert (first.status_code, first.headers["Retry-After"], second.status_code) == (429, "5", 429)
    assert time.monotonic() - begun < 8
