"""Incidents, warnings, figures, reports over HTTP."""

import pytest

from schemas.metrics import METRICS
from schemas.tables import INCIDENTS
from tests.api.conftest import HOUR, INCIDENT, NOON, County


def test_an_incident_shows_its_reports_and_why_each_is_linked(county: County):
    county.has_an_incident()
    county.has_orders({})
    found = county.client("analyst").get("/v1/incidents/i1").json()
    assert [(r["report_id"], r["feed"], r["score"], r["reasons"]) for r in found["reports"]] == [
        ("r1", "12345", 1.0, ["first_report"]),
        ("r2", "110", 0.8, ["same_place", "similar_text"]),
    ]
    assert found["order_ids"] == ["o1"]
    assert "caller_token" not in str(found)


def test_a_department_sees_the_incidents_behind_its_orders_only(county: County):
    county.has_an_incident()
    county.has_orders({"unit_code": "police"})
    own, other = county.client("department", "police"), county.client("department", "housing")
    assert [i["incident_id"] for i in own.get("/v1/incidents").json()["items"]] == ["i1"]
    assert own.get("/v1/incidents/i1").status_code == 200
    assert other.get("/v1/incidents").json()["items"] == []
    assert other.get("/v1/incidents/i1").status_code == 404


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"category": "noise"}, 1),
        ({"category": "fire"}, 0),
        ({"min_reports": 3}, 0),
        ({"since": NOON.isoformat()}, 1),
        ({"until": NOON.isoformat()}, 0),
    ],
)
def test_incidents_are_filtered(county: County, filters: dict, count: int):
    county.has_an_incident()
    assert len(county.client("leader").get("/v1/incidents", params=filters).json()["items"]) == count


def test_a_merged_incident_says_where_its_reports_are(county: County):
    county.has(INCIDENTS, INCIDENT, {"merged_into": "i2"})
    assert county.client("dispatcher").get("/v1/incidents/i1").json()["merged_into"] == "i2"


def test_a_department_sees_the_notices_of_its_own_orders_the_last_first(county: County):
    county.has_orders({}, {"order_id": "o2", "unit_code": "housing", "co_unit_codes": ["police"]})
    later = {"report_id": "r2", "order_id": "o2", "unit_code": "housing", "noticed_at": NOON + HOUR}
    county.has_notices({}, later)
    seen = {
        unit: [one["report_id"] for one in county.client("department", unit).get("/v1/notices").json()["items"]]
        for unit in ("police", "housing", "ecology")
    }
    assert seen == {"police": ["r2", "r1"], "housing": ["r2"], "ecology": []}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["r2", "r1"]),
        ({"is_confirmed": True}, ["r2"]),
        ({"is_confirmed": False}, ["r1"]),
        ({"feed": "119"}, ["r1"]),
        ({"unit": "housing"}, ["r2"]),
        ({"since": (NOON + HOUR).isoformat()}, ["r2"]),
        ({"until": (NOON + HOUR).isoformat()}, ["r1"]),
    ],
)
def test_notices_are_filtered(county: County, filters: dict, found: list[str]):
    second = {"report_id": "r2", "feed": "110", "unit_code": "housing", "noticed_at": NOON + HOUR}
    county.has_notices({}, second | {"confirmed_at": NOON + HOUR})
    items = county.client("dispatcher").get("/v1/notices", params=filters).json()["items"]
    assert [one["report_id"] for one in items] == found


def test_an_analyst_acknowledges_or_dismisses_with_a_reason(county: County):
    county.has_warnings({}, {"warning_id": "w2", "period_at": NOON + HOUR})
    analyst = county.client("analyst")
    assert [w["warning_id"] for w in analyst.get("/v1/warnings?state=open").json()["items"]] == ["w2", "w1"]
    assert analyst.post("/v1/warnings/w1/acknowledge").json()["state"] == "acknowledged"
    assert analyst.post("/v1/warnings/w1/acknowledge").status_code == 409
    assert analyst.post("/v1/warnings/w2/dismiss").status_code == 422
    stale = analyst.post("/v1/warnings/w2/dismiss", json={"reason": "演练引起"}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    dismissed = analyst.post("/v1/warnings/w2/dismiss", json={"reason": "演练引起"})
    assert (dismissed.json()["state"], dismissed.json()["reason"]) == ("dismissed", "演练引起")
    assert dismissed.headers["ETag"] == analyst.get("/v1/warnings/w2").headers["ETag"] == '"2"'
    assert analyst.get("/v1/warnings?state=open").json()["items"] == []


def test_a_figure_comes_with_its_parts_and_its_meaning(county: County):
    county.has_metrics({})
    (figure,) = county.client("leader").get("/v1/metrics?metric=solved_rate").json()["items"]
    assert (figure["numerator"], figure["denominator"], figure["value"]) == (3, 4, 0.75)
    assert (figure["window_start"], figure["window_end"]) == ("2026-03-02T04:00:00Z", "2026-03-03T04:00:00Z")
    assert figure["definition"]["label_zh"] == "解决率"


def test_an_undefined_rate_is_null(county: County):
    county.has_metrics({"numerator": 0, "denominator": 0, "value": None})
    assert county.client("leader").get("/v1/metrics").json()["items"][0]["value"] is None


def test_a_department_sees_the_countys_figures_and_its_own(county: County):
    county.has_metrics({}, {"scope": "unit:police"}, {"scope": "unit:housing"}, {"scope": "township:990101001"})
    items = county.client("department", "police").get("/v1/metrics").json()["items"]
    assert {figure["scope"] for figure in items} == {"county", "unit:police"}


def test_the_catalogue_of_figures_is_open_to_all(county: County):
    found = county.client("engineer").get("/v1/metrics/definitions").json()
    assert [definition["code"] for definition in found] == list(METRICS)


@pytest.mark.parametrize(("format_", "type_"), [("html", "text/html; charset=utf-8"), ("json", "application/json")])
def test_the_daily_report_is_served_as_it_was_made(county: County, format_: str, type_: str):
    folder = county.settings.state_dir / "reports" / "2026-03-02"
    folder.mkdir(parents=True)
    (folder / f"每日工作情况.{format_}").write_text('{"title": "每日工作情况"}', encoding="utf-8")
    answer = county.client("leader").get(f"/v1/reports/daily/2026-03-02?format={format_}")
    assert (answer.headers["content-type"], answer.text) == (type_, '{"title": "每日工作情况"}')


def test_scorecards_are_served_as_the_job_made_them(county: County):
    client = county.client("leader")
    assert "ninelines run scorecards" in client.get("/v1/scorecards").json()["detail"]
    folder = county.settings.state_dir / "scorecards"
    folder.mkdir()
    (folder / "scorecards.json").write_text('{"days": []}')
    (folder / "scorecards.html").write_text("<h1>")
    assert client.get("/v1/scorecards").json() == {"days": []}
    page = client.get("/v1/scorecards", params={"format": "html"})
    assert (page.text, page.headers["content-type"]) == ("<h1>", "text/html; charset=utf-8")


def test_the_feeds_show_the_public_part_of_their_contracts(county: County):
    feeds = county.client("engineer").get("/v1/feeds").json()
    versions = [(feed["code"], feed["contract_version"]) for feed in feeds]
    assert {("110", "1.0"), ("12345", "1.0"), ("12345", "2.0"), ("video", "1.0"), ("grid", "1.0")} <= set(versions)
    assert len(versions) == len(set(versions))
    assert "samples" not in feeds[0]
