# ruff: noqa: E501 - tables and texts read best in rows
"""What is encoded for a feed comes back from cleaning."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.simulate.encoding import encode, encoded_source_id
from jobs.simulate.encoding_video import encode_video, video_source_id
from schemas.feeds import FEEDS
from tests.transforms.messages import cleaned

SHANGHAI = ZoneInfo("Asia/Shanghai")
FROM, TO = datetime(2020, 1, 1), datetime(2025, 5, 1)  # noqa: DTZ001 - hypothesis wants them plain
PLAIN_WORDS = st.text("一只狗在路口上不走了，请来看看。<>&=+%\"',;\\/ ab", min_size=1, max_size=40).map(
    lambda text: f"事{text}完"
)


def an_item(feed, **changed):
    code = next(iter(feed.categories.values()))
    item = {
        "source_id": "T-20250301-00012", "revision": 3, "received_at": datetime(2025, 3, 1, 23, 4, 5, tzinfo=SHANGHAI),
        "updated_at": datetime(2025, 3, 1, 23, 59, tzinfo=SHANGHAI), "kind": feed.admits[0], "category": code,
        "text": "路面塌了，有人 <受伤> & 求助", "title": None, "place": "青石镇菜市场", "area_code": "990101101", "area_name": "青石镇",
        "grid_code": None, "lat": 33.45, "lon": 118.2, "caller_phone": "13900000001", "device_id": "99010100001320000012",
    }  # fmt: skip
    return item | changed


def differences(feed, item, record):
    """Fields of the item that the feed can say and that did not come back."""
    said = {name for name in feed.mapping if item.get(name) is not None} & set(record) - {
        "source_id",
        "area_code",
        "grid_code",
    }
    same = {
        name
        for name in said
        if record[name] == (pytest.approx(item[name], abs=1e-6) if name in ("lat", "lon") else item[name])
    }
    return said - same


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
@given(
    text=PLAIN_WORDS,
    moment=st.datetimes(FROM, TO),
    lat=st.floats(33.3, 33.5),
    lon=st.floats(118, 118.26),
)
@settings(max_examples=8, deadline=None)
def test_an_item_comes_back_whole(feed, text, moment, lat, lon):
    at = moment.replace(microsecond=0, tzinfo=SHANGHAI)
    item = an_item(feed, text=text, received_at=at, updated_at=at, lat=round(lat, 6), lon=round(lon, 6))
    (record,) = cleaned(feed.code, encode(feed, [item]))
    assert record["reasons"] == []
    assert record["source_id"] == encoded_source_id(feed, item)
    assert differences(feed, item | {"text": " ".join(text.split())}, record) == set()


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_every_kind_that_a_feed_may_send_comes_back(feed):
    for kind in feed.admits:
        assert cleaned(feed.code, encode(feed, [an_item(feed, kind=kind)]))[0]["kind"] == kind


@pytest.mark.parametrize("code", ["110", "119", "122", "12350", "12369", "grid"])
def test_several_items_travel_in_one_payload(code):
    feed = FEEDS[code]
    records = cleaned(code, encode(feed, [an_item(feed, source_id=name) for name in "ABC"]))
    assert [(record["source_id"], record["item_no"]) for record in records] == [("A", 0), ("B", 1), ("C", 2)]


def test_a_form_carries_one_item_only():
    with pytest.raises(ValueError, match="one item"):
        encode(FEEDS["12315"], [{}, {}])


def test_a_source_may_speak_in_its_own_words():
    item = an_item(FEEDS["12345"], kind="求决", category="党建群团")
    (record,) = cleaned("12345", encode(FEEDS["12345"], [item]))
    assert (record["kind"], record["category"], record["source_category"]) == ("help", None, "党建群团")


def test_a_missing_point_and_zeros_stay_no_place():
    for lat, lon in ((None, None), (0, 0)):
        (record,) = cleaned("12345", encode(FEEDS["12345"], [an_item(FEEDS["12345"], lat=lat, lon=lon)]))
        assert (record["reasons"], record["lat"], record["lon"]) == ([], None, None)


@pytest.mark.parametrize("category", [None, "equipment_fault", "public_security", "traffic_order", "fire"])
def test_hikvision_alarms_come_back(category):
    item = an_item(FEEDS["video"], category=category)
    (record,) = cleaned("video", encode_video(item, "hikvision"))
    assert (record["reasons"], record["category"], record["place"]) == ([], category, item["place"])
    assert record["source_id"] == video_source_id(item, "hikvision")
