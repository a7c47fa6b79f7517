"""The daily report shows the figures of the lake, and says so where a figure is undefined."""

import json
from datetime import date
from pathlib import Path

import polars as pl

from jobs.io.pages import render, write
from jobs.transforms.measuring import measure_intake, measure_orders
from jobs.transforms.reporting import Found, Names, daily_report
from schemas.records import Batch, Quarantined, Warning
from tests.transforms.decided import MONDAY, at, event, events, orders, rating, ratings, rows

DAY = (at("2026-03-02 00:00"), at("2026-03-03 00:00"))
NOW = at("2026-03-06 12:00")
PAGE = "daily_report.html"
NAMES = Names("云川县", {"police": "县公安局", "housing": "住建局"}, {"990101001": "东湖街道"})
ACCOUNT = {"rows_in": 9, "rows_clean": 6, "rows_redelivered": 1, "rows_quarantined": 2}


def report(called_back: pl.DataFrame) -> dict:
    happened = events(event("o-0", 1, "close", "closed", "2026-03-04 09:00"))
    batch = {"job": "clean", "run": "a", "batch_id": 1, "feed": "119", **ACCOUNT, "finished_at": MONDAY}
    warning = {
        "warning_id": "w", "period": "hour", "period_at": MONDAY, "category": "flood", "township_code": "990101001",
        "count": 9, "expected": 1.25, "upper": 5.0, "p_value": 0.00012, "method": "m", "report_ids": [],
        "found_at": NOW,
    }  # fmt: skip
    landed = {"item_no": 0, "feed": "119", "detail": "", "contract_version": "1", "landed_at": MONDAY}
    quarantined = rows(
        Quarantined,
        {"raw_id": "a", "reasons": ["bad_time"], **landed},
        {"raw_id": "b", "reasons": ["bad_time", "missing_text"], **landed},
    )
    found = Found(
        metrics=measure_orders(orders({}, {"unit_code": "housing"}, {}), happened, called_back, DAY, NOW),
        account=measure_intake(rows(Batch, batch), DAY, NOW),
        warnings=rows(Warning, warning),
        quarantined=quarantined,
    )
    return daily_report(date(2026, 3, 2), found, NAMES, NOW)


def test_the_figures_are_those_of_the_metrics():
    found = report(ratings(rating("o-0", 1, True, False, "satisfied")))
    assert {name: found["overview"][name] for name in ("orders", "overdue_orders", "warnings")} == {
        "orders": 3,
        "overdue_orders": 2,
        "warnings": 1,
    }
    assert [(unit["name"], unit["orders"]) for unit in found["units"]] == [("县公安局", 2), ("住建局", 1)]
    assert [rate["shown"] for rate in found["three_rates"]] == ["100.0%", "0.0%", "100.0%"]
    assert found["quality"]["total"] == ACCOUNT
    assert [(reason["label"], reason["count"]) for reason in found["quality"]["reasons"]] == [
        ("时间无法识别", 2),
        ("缺少内容", 1),
    ]


def test_every_cut_of_the_orders_adds_up_to_all_of_them():
    found = report(ratings())
    for cut in (*found["orders"].values(), found["units"], found["townships"]):
        assert sum(row["orders"] for row in cut) == 3


def test_without_a_valid_call_back_the_rates_say_so_and_show_no_number():
    found = report(ratings(rating("o-0", 1, None, None, None)))
    assert [(rate["value"], rate["shown"]) for rate in found["three_rates"]] == [(None, "无有效回访")] * 3
    assert render(found, PAGE).count("无有效回访") >= 3


def test_both_forms_are_written_and_the_page_needs_nothing_from_outside(tmp_path: Path):
    page, tree = write(report(ratings()), PAGE, tmp_path, "每日工作情况")
    assert (page.name, tree.name) == ("每日工作情况.html", "每日工作情况.json")
    assert json.loads(tree.read_text("utf-8"))["day"] == "2026-03-02"
    html = page.read_text("utf-8")
    assert "2026年3月2日" in html and "县公安局" in html and "积水内涝" in html
    assert "http" not in html and "<script" not in html
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([page.name, tree.name])


def test_a_day_without_orders_still_has_a_report():
    nothing = Found(
        measure_orders(orders(), events(), ratings(), DAY, NOW),
        measure_intake(rows(Batch), DAY, NOW),
        rows(Warning),
        rows(Quarantined),
    )
    html = render(daily_report(date(2026, 3, 2), nothing, NAMES, NOW), PAGE)
    assert "当日无工单" in html and "当日无预警" in html
