"""Payloads to reports: the samples of the contracts, the traps of real sources, and what must hold for any bytes."""

import json
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.transforms.cleaning import clean, split
from schemas.feeds import FEEDS, contracts
from schemas.feeds.contract import TOPIC_PREFIX
from schemas.forms import from_arrow, to_arrow
from schemas.records import Quarantined, Report
from tests.transforms.messages import COUNTY, KEY, cleaned, raw

SAMPLES = [(feed.topic.removeprefix(TOPIC_PREFIX), sample) for feed in contracts() for sample in feed.samples]


def test_sound_records_are_reports_and_the_others_quarantined():
    sound, broken = split(clean(raw(*((feed, sample.payload) for feed, sample in SAMPLES)), KEY, COUNTY))
    reports = from_arrow(to_arrow(sound, Report), Report)
    assert Report.is_valid(reports.unique(Report.primary_key(), keep="first"))
    assert Quarantined.is_valid(Quarantined.cast(broken))


def call(**changed):
    item = {
        "JJDBH": "A1", "BJSJ": "2025-03-04 21:40:12", "BJLX": "报警", "BJNR": "有人打架", "JD": 118.05, "WD": 33.45,
    }  # fmt: skip
    return json.dumps(item | changed, ensure_ascii=False).encode()


def one(feed="110", **changed):
    (record,) = cleaned(feed, call(**changed))
    return record


def test_a_call_becomes_a_report():
    report = one(
        SFDZ="东湖街道人民路88号3栋2单元1201室", BJLB="纠纷", GXBB=2, BJDH="139 0000 0001", GXSJ="2025-03-05 00:10:00"
    )
    assert report["reasons"] == []
    assert report["received_at"] == datetime(2025, 3, 4, 13, 40, 12, tzinfo=UTC)
    assert report["updated_at"] == datetime(2025, 3, 4, 16, 10, tzinfo=UTC)
    assert report["day"] == date(2025, 3, 4)
    assert (report["kind"], report["category"], report["source_category"]) == ("emergency", "dispute", "纠纷")
    assert report["revision"] == 2
    assert report["place"] == "东湖街道人民路"
    assert (report["county_code"], report["township_code"]) == ("990101", "990101001")
    assert report["report_id"] == one(GXBB=3)["report_id"] != one(JJDBH="A2")["report_id"]
    assert report["content_hash"] != one(GXBB=3)["content_hash"]


@pytest.mark.parametrize("phone", ["13900000001", "139 0000 0001", "+86-139-0000-0001"])
@pytest.mark.parametrize("written", ["13900000001", "HJ-13900000001-2", "139-0000-0001", "8613900000001"])
def test_an_id_that_is_the_callers_number_is_set_aside(written, phone):
    record = one(JJDBH=written, BJDH=phone)
    assert record["reasons"] == ["forbidden_field"]
    assert "1390000" not in record["detail"]
    assert one(JJDBH=written, BJDH="13900000002")["reasons"] == []


def test_an_id_that_only_has_the_digits_of_a_number_inside_stays():
    assert one(JJDBH="20251390000000199", BJDH="13900000001")["reasons"] == []
    assert one(JJDBH="JJ-110-7", BJDH="110")["reasons"] == []


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2019-02-28 11:25:05", datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC)),
        ("2019/2/28 11:25:05", datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC)),
        ("2019-02-28T11:25:05", datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC)),
        ("2019-02-28T11:25:05+08:00", datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC)),
        ("2019-02-28T03:25:05Z", datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC)),
        ("2019-02-28T03:25:05.250Z", datetime(2019, 2, 28, 3, 25, 5, 250_000, tzinfo=UTC)),
        ("2019-02-28 11:25", datetime(2019, 2, 28, 3, 25, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_the_formats_of_real_sources(written, moment):
    assert one(BJSJ=written)["received_at"] == moment


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"BJSJ": None}, ["missing_time"]),
        ({"BJSJ": "2025-02-29 10:00:00"}, ["bad_time"]),
        ({"BJSJ": "昨天"}, ["bad_time"]),
        ({"GXSJ": "later"}, ["bad_time"]),
        ({"BJSJ": "2025-06-01 08:10:01"}, ["from_the_future"]),  # landed 08:00 local, ten minutes are let pass
        ({"BJSJ": "2025-06-01 08:10:00"}, []),
        ({"BJSJ": "1999-12-31 23:59:59"}, ["too_old"]),
        ({"BJSJ": "2000-01-01 00:00:00"}, []),
        ({"JJDBH": " "}, ["missing_source_id"]),
        ({"JJDBH": "\u200b"}, ["missing_source_id"]),
        ({"JJDBH": ["A1"]}, ["missing_source_id"]),
        ({"BJNR": " \t\n"}, ["missing_text"]),
        ({"BJNR": "", "BJLB": "别的"}, []),
        ({"BJLX": None}, ["unknown_kind"]),
        ({"BJLX": "报 警"}, ["unknown_kind"]),
        ({"BJLX": "報警"}, []),
        ({"BJLX": "建议"}, ["kind_not_admitted"]),
        ({"GXBB": 1.0}, []),
        ({"GXBB": 1.5}, ["bad_revision"]),
        ({"GXBB": True}, ["bad_revision"]),
        ({"GXBB": -1}, ["bad_revision"]),
        ({"JD": None}, ["bad_coordinates"]),
        ({"JD": "东"}, ["bad_coordinates"]),
        ({"JD": "nan"}, ["bad_coordinates"]),
        ({"WD": 91}, ["bad_coordinates"]),
        ({"JD": 0, "WD": 0}, []),
        ({"JD": "0.0", "WD": ""}, []),
        ({"JD": -75.58, "WD": 40.29}, []),
        ({"BJNR": "火\ufffd\ufffd"}, ["lost_bytes"]),
        ({"BJNR": "锟斤拷锟斤拷"}, ["lost_bytes"]),
        ({"face": "x", "WD": 91, "BJSJ": ""}, ["bad_coordinates", "forbidden_field", "missing_time"]),
    ],
)
def test_every_reason_that_applies_is_given(changed, reasons):
    assert one(**changed)["reasons"] == reasons


def test_a_quarantined_record_tells_the_field_and_no_words_of_it():
    record = one(BJSJ="王伟", GXBB="13900000001")
    assert record["detail"] == "bad_revision: GXBB; bad_time: BJSJ, GXSJ"


def test_zeros_are_no_place():
    report = one(JD=0, WD="0.000")
    assert (report["lat"], report["lon"]) == (None, None)


def test_tabs_and_line_ends_become_spaces_and_the_wording_stays():
    assert one(BJNR=" 漏電\t嚴重，\r\n\r\n請“儘快”處理！\u200b ")["text"] == "漏電 嚴重， 請“儘快”處理！"


def test_a_title_that_the_text_repeats_is_not_said_twice():
    order = {"code": "1", "createTime": "2025-03-04 10:00:00", "title": "路灯不亮", "content": "路灯不亮三天了"}
    assert cleaned("12345", json.dumps({"order": order}).encode())[0]["text"] == "路灯不亮三天了"
    order["content"] = "三天了"
    assert cleaned("12345", json.dumps({"order": order}).encode())[0]["text"] == "路灯不亮。三天了"


def test_the_number_of_a_caller_is_a_token_however_it_is_written():
    tokens = {
        one(BJDH=number)["caller_token"]
        for number in ("13900000001", "+86 139-0000-0001", "１３９００００００01", 13900000001)
    }
    assert len(tokens) == 1
    assert tokens.pop().startswith("c-")
    assert one(BJDH="匿名")["caller_token"] is None
    other = clean(raw(("110", call(BJDH="13900000001"))), b"another key", COUNTY)["caller_token"].item()
    assert other not in tokens


def test_sound_items_of_a_batch_pass_beside_broken_ones():
    items = [
        {"wtbh": f"H{n}", "jbsj": time, "jbnr": "臭"}
        for n, time in enumerate(("2025-03-04 10:00:00", "", "2025-03-04 11:00:00"))
    ]
    records = cleaned("12369", json.dumps({"data": {"list": items}}).encode())
    assert [(record["item_no"], record["reasons"]) for record in records] == [(0, []), (1, ["missing_time"]), (2, [])]


def test_a_payload_may_be_as_large_as_the_limit_and_no_larger():
    filler = 1024 * 1024 - len(call(BJNR="")) - 4
    assert cleaned("110", call(BJNR="x" * filler))[0]["reasons"] == []
    assert cleaned("110", call(BJNR="x" * (filler + 5)))[0]["reasons"] == ["too_large"]


def test_an_unregistered_feed_is_kept_under_its_name():
    (record,) = cleaned("12333", b"{}")
    assert (record["feed"], record["reasons"]) == ("12333", ["unknown_feed"])


PAYLOADS = st.one_of(
    st.binary(max_size=400),
    st.sampled_from([sample.payload for _, sample in SAMPLES]).flatmap(
        lambda payload: st.tuples(
            st.integers(0, len(payload)), st.integers(0, len(payload)), st.binary(max_size=4)
        ).map(lambda cut: payload[: cut[0]] + cut[2] + payload[cut[1] :])
    ),
)
MESSAGES = st.lists(
    st.tuples(st.sampled_from([*FEEDS, "12345.v2", "110.v9", "12333"]), PAYLOADS), min_size=1, max_size=8
)


@given(MESSAGES)
@settings(max_examples=150, deadline=None)
def test_every_record_ends_as_a_report_or_in_quarantine(messages):
    table = raw(*messages)
    records = clean(table, KEY, COUNTY)
    sound, broken = split(records)
    assert sound.height + broken.height == records.height
    assert set(records["raw_id"]) == set(table["raw_id"])
    reports = from_arrow(to_arrow(sound, Report), Report)
    assert Report.is_valid(reports.unique(Report.primary_key(), keep="first"))
    assert Quarantined.is_valid(Quarantined.cast(broken))


@given(MESSAGES, st.integers(0, 8))
@settings(max_examples=40, deadline=None)
def test_borders_of_batches_change_nothing(messages, border):
    table = raw(*messages)
    parts = [clean(part, KEY, COUNTY) for part in (table[:border], table[border:])]
    assert pl.concat(parts).equals(clean(table, KEY, COUNTY))


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_words_in_time_and_coordinates_are_judged(time, degrees):
    record = one(BJSJ=time, JD=degrees)
    assert record["reasons"] == [] or set(record["reasons"]) <= {
        "missing_time", "bad_time", "from_the_future", "too_old", "bad_coordinates",
        "lost_bytes",
    }  # fmt: skip
