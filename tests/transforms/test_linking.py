"""Linking: what joins, what must not, and that no report is ever lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.transforms.linking import incidents_of, link
from schemas.ids import incident_id
from schemas.vocabulary import LINK_REASONS

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
NOTHING = pl.DataFrame()
FAR = {"lat": 33.48, "lon": 118.08}  # three kilometres off


def a_report(report_id: str, minutes: float = 0, **given: Any) -> dict[str, Any]:
    usual = {
        "report_id": report_id, "received_at": NOON + timedelta(minutes=minutes), "lat": 33.4500, "lon": 118.0500,
        "category": "fire", "kind": "emergency", "text": "锦绣花园3号楼冒黑烟，有明火", "place": "锦绣花园",
        "township_code": "990101001", "grid_code": None, "caller_token": f"c-{report_id}", "device_id": None,
    }  # fmt: skip
    return usual | given


def linked(*reports: dict[str, Any], recent: pl.DataFrame = NOTHING) -> dict[str, tuple[str, float, list[str]]]:
    schema = {name: kind for name, kind in zip(reports[0], [None] * len(reports[0]), strict=True)}
    found = link(pl.DataFrame(list(reports), schema=list(schema), infer_schema_length=None), recent)
    return {report: (incident, score, reasons) for report, incident, score, reasons in found.iter_rows()}


@pytest.mark.parametrize(
    ("why", "other"),
    [
        ("seen by another caller next door", {"minutes": 4, "lat": 33.4508, "text": "着火了快来人"}),
        (
            "told to the ambulance line in like words",
            {"minutes": 6, "category": "medical", "text": "锦绣花园冒黑烟，有明火，有人被烧伤"},
        ),
        ("without coordinates, the place in the same words", {"minutes": 3, "lat": None, "lon": None}),
        ("the same caller, urging in other words", {"minutes": 50, "caller_token": "c-a", "text": "人怎么还没到"}),
        ("a detector in the same house", {"minutes": 1, "kind": "device_alarm", "text": "烟雾探测器告警"}),
    ],
)
def test_reports_of_one_fire_are_joined(why: str, other: dict[str, Any]):
    found = linked(a_report("a"), a_report("b", **other))
    assert found["a"] == (incident_id("a"), 1.0, ["first_report"])
    assert found["b"][0] == incident_id("a"), why
    assert 0 < found["b"][1] < 1


@pytest.mark.parametrize(
    ("why", "other"),
    [
        ("three kilometres away", {"minutes": 4, **FAR, "place": "物流园"}),
        ("hours later", {"minutes": 60 * 5}),
        ("another matter at the same door", {"minutes": 4, "category": "fraud", "text": "接到假冒客服的电话被骗了钱"}),
        (
            "a complaint about something else",
            {"minutes": 30, "kind": "complaint", "category": "noise", "text": "楼下广场舞太吵"},
        ),
        (
            "the next village group, without coordinates",
            {"minutes": 4, "lat": None, "lon": None, "place": "和谐小区东门", "text": "垃圾桶着火"},
        ),
    ],
)
def test_other_matters_are_not_joined(why: str, other: dict[str, Any]):
    found = linked(a_report("a"), a_report("b", **other))
    assert found["b"] == (incident_id("b"), 1.0, ["first_report"]), why


def test_a_complaint_joins_another_told_days_later_in_nearly_the_same_words():
    text = "小区楼下烧烤摊每天通宵营业，油烟和噪音让人无法休息，请尽快处理"
    said = {"kind": "complaint", "category": "noise", "text": text}
    context = [
        a_report(
            f"x{n}", minutes=n, **FAR, place=f"别处{n}", kind="complaint", category="noise", text=f"第{n}个不相干的诉求"
        )
        for n in range(5)
    ]
    found = linked(a_report("a", **said), a_report("b", minutes=60 * 40, **said), *context)
    assert found["b"][0] == incident_id("a")
    assert "similar_text" in found["b"][2]


def test_texts_without_any_place_join_only_when_nearly_the_same():
    bare = {
        "lat": None,
        "lon": None,
        "place": None,
        "township_code": None,
        "category": None,
        "kind": None,
        "caller_token": None,
    }
    long_text = "A市A5区魅力之城小区临街门面油烟直排扰民，楼下烧烤摊无证经营，长期油烟熏人"
    found = linked(
        a_report("a", text=long_text, **bare),
        a_report("b", minutes=90, text=long_text + "！", **bare),
        a_report("c", minutes=95, text="地铁3号线什么时候开通，沿线居民都很关心", **bare),
    )
    assert found["b"][0] == incident_id("a")
    assert found["c"][0] == incident_id("c")


def test_one_camera_signalling_again_is_one_incident_for_a_quarter_of_an_hour():
    signal = {
        "kind": "device_alarm",
        "text": "烟火识别",
        "caller_token": None,
        "device_id": "cam-7",
        "category": "fire",
    }
    found = linked(a_report("a", **signal), a_report("b", minutes=5, **signal), a_report("c", minutes=60 * 6, **signal))
    assert found["b"][0] == incident_id("a")
    assert found["c"][0] == incident_id("c")


def test_a_new_report_joins_an_incident_of_an_earlier_batch():
    recent = pl.DataFrame([a_report("old") | {"incident_id": "i-of-old"}])
    assert linked(a_report("new", minutes=5), recent=recent)["new"][0] == "i-of-old"


def test_a_report_that_comes_late_joins_the_incident_that_is_known():
    recent = pl.DataFrame([a_report("old", minutes=10) | {"incident_id": "i-of-old"}])
    assert linked(a_report("late", minutes=2), recent=recent)["late"][0] == "i-of-old"


def test_reports_need_only_an_id_and_a_time():
    found = link(pl.DataFrame({"report_id": ["a", "b"], "received_at": [NOON, NOON]}), NOTHING)
    assert found["incident_id"].to_list() == [incident_id("a"), incident_id("b")]


def test_an_incident_is_what_its_reports_say():
    rows = [
        a_report("a", kind="help", category=None, place=None, lat=None, lon=None),
        a_report("b", minutes=7),
    ]
    more = {"feed": ["110", "119"], "county_code": ["990101", "990101"]}
    reports = pl.DataFrame(rows, infer_schema_length=None).with_columns(**{k: pl.Series(v) for k, v in more.items()})
    links = pl.DataFrame(
        {"report_id": ["b", "a"], "incident_id": ["i", "i"], "reasons": [["same_place"], ["first_report"]]}
    )
    incident = incidents_of(reports, links).row(0, named=True)
    assert incident["first_report_id"] == "a"
    assert (incident["kind"], incident["category"], incident["place"]) == ("help", "fire", "锦绣花园")
    assert (incident["report_count"], incident["feeds"]) == (2, ["110", "119"])
    assert incident["last_received_at"] - incident["first_received_at"] == timedelta(minutes=7)


reports = st.builds(
    a_report,
    report_id=st.uuids().map(str),
    minutes=st.integers(0, 600),
    lat=st.one_of(st.none(), st.floats(33.44, 33.46)),
    category=st.sampled_from(["fire", "noise", "medical", None]),
    kind=st.sampled_from(["emergency", "complaint", "device_alarm", "enquiry", None]),
    text=st.one_of(st.none(), st.text("着火了冒烟噪音太大", max_size=12)),
    place=st.sampled_from(["锦绣花园", "和谐小区", None]),
    caller_token=st.sampled_from(["c-1", "c-2", None]),
).map(lambda row: row | {"lon": None if row["lat"] is None else row["lon"]})


@given(st.lists(reports, min_size=1, max_size=25, unique_by=lambda row: row["report_id"]), st.randoms())
@settings(max_examples=60, deadline=None)
def test_every_report_gets_one_link_whatever_the_order_of_the_rows(rows, random):
    first = linked(*rows)
    random.shuffle(rows)
    assert linked(*rows) == first
    assert set(first) == {row["report_id"] for row in rows}
    openers = {incident_id(row["report_id"]) for row in rows}
    for incident, score, reasons in first.values():
        assert incident in openers
        assert 0 <= score <= 1
        assert reasons
        assert set(reasons) <= set(LINK_REASONS)
