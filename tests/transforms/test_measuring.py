"""The figures, worked by hand on a handful of orders."""

from datetime import timedelta

import polars as pl
import pytest

from jobs.transforms.measuring import measure_intake, measure_orders, measure_reports
from schemas.metrics import METRICS
from schemas.records import Batch, Metric, Report
from tests.transforms.decided import MONDAY, at, event, events, orders, rating, ratings, rows

DAY = (at("2026-03-02 00:00"), at("2026-03-03 00:00"))
NOW = at("2026-03-06 12:00")  # sign-for (2 March) and finish (4 March) have passed


def figures(orders_, events_=None, ratings_=None, now=NOW) -> dict[tuple[str, str], tuple[int, int, float | None]]:
    """(metric, scope) -> numerator, denominator, value."""
    none_happened, none_called = events(), ratings()
    found = measure_orders(
        orders_,
        none_happened if events_ is None else events_,
        none_called if ratings_ is None else ratings_,
        DAY,
        now,
    )
    Metric.validate(found)
    return {(r["metric"], r["scope"]): (r["numerator"], r["denominator"], r["value"]) for r in found.to_dicts()}


def test_without_orders_counts_are_zero_and_shares_undefined():
    found = figures(orders())
    assert found["orders", "county"] == (0, 1, 0.0)
    shares = {metric for metric, definition in METRICS.items() if definition.kind == "share"}
    assert {found[metric, "county"] for metric in shares} == {(0, 0, None)}


def test_an_order_belongs_to_the_day_it_was_accepted_the_end_excluded():
    edges = [{"accepted_at": DAY[0]}, {"accepted_at": DAY[1] - timedelta(microseconds=1)}, {"accepted_at": DAY[1]}]
    assert figures(orders(*edges))["orders", "county"] == (2, 1, 2.0)


def test_orders_are_cut_by_unit_place_and_the_three_tiers():
    found = figures(orders({}, {"unit_code": "housing", "event_grade": "1", "is_urgent": True}))
    assert found["orders", "unit:housing"] == found["orders", "event_grade:1"] == (1, 1, 1.0)
    assert found["orders", "township:990101001"] == found["orders", "duty_tier:tier_1"] == (2, 1, 2.0)
    assert found["urgent_orders", "county"] == (1, 1, 1.0)
    assert found["urgent_orders", "unit:police"] == (0, 1, 0.0)


def test_signed_in_time_counts_what_was_signed_for_or_fell_due():
    happened = events(
        event("o-0", 1, "sign", "signed", "2026-03-02 10:00"),  # on the minute
        event("o-1", 1, "sign", "signed", "2026-03-02 10:01"),
    )
    assert figures(orders({}, {}, {}), happened)["signed_in_time_rate", "county"] == (1, 3, 1 / 3)
    early = figures(orders({}, {}, {}), happened, now=at("2026-03-02 10:00"))
    assert early["signed_in_time_rate", "county"] == (1, 1, 1.0)


def test_closed_in_time_looks_at_the_last_close_and_the_extended_due_time():
    later = {"finish_due_at": at("2026-03-05 23:59:59")}
    happened = events(
        event("o-0", 1, "close", "closed", "2026-03-04 09:00"),
        event("o-0", 2, "call_back", "called_back", "2026-03-05 09:00"),
        event("o-1", 1, "extend", "handling", "2026-03-03 09:00", **later),
        event("o-1", 2, "close", "closed", "2026-03-05 09:00", **later),  # in time thanks to the extension
        event("o-2", 1, "close", "closed", "2026-03-03 09:00"),
        event("o-2", 2, "reopen", "handling", "2026-03-04 09:00"),  # open again, and past its time
        event("o-3", 1, "close", "closed", "2026-03-05 00:00"),  # a second late
    )
    found = figures(orders({}, {}, {}, {}), happened)
    assert found["closed_in_time_rate", "county"] == (2, 4, 0.5)
    assert found["overdue_orders", "county"] == (1, 1, 1.0)


def test_the_clock_of_a_paused_order_stands_and_paused_time_is_no_delay():
    later = {"finish_due_at": at("2026-03-06 23:59:59")}
    happened = events(
        event("o-0", 1, "pause", "paused", "2026-03-03 09:00"),  # in time then: not overdue while paused
        event("o-1", 1, "pause", "paused", "2026-03-05 09:00"),  # late then, and so it stays
        event("o-2", 1, "pause", "paused", "2026-03-03 09:00"),
        event("o-2", 2, "resume", "handling", "2026-03-05 09:00", **later),
        event("o-2", 3, "close", "closed", "2026-03-06 09:00", **later),
    )
    found = figures(orders({}, {}, {}), happened)
    assert found["overdue_orders", "county"] == (1, 1, 1.0)
    assert found["closed_in_time_rate", "county"] == (1, 2, 0.5)


def test_orders_inside_their_time_count_neither_way():
    found = figures(orders({}), now=at("2026-03-02 09:30"))
    assert found["closed_in_time_rate", "county"] == found["signed_in_time_rate", "county"] == (0, 0, None)


def test_a_sent_back_order_counts_for_the_unit_that_sent_it_back():
    happened = events(event("o-0", 1, "send_back", "returned", "2026-03-02 10:00", unit_code="command_centre"))
    found = figures(orders({}, {}), happened)
    assert found["send_back_rate", "unit:police"] == (1, 2, 0.5)
    assert found["orders", "unit:command_centre"] == (1, 1, 1.0)


def test_the_three_rates_over_valid_call_backs():
    called = ratings(
        rating("o-0", 1, True, True, "satisfied"),
        rating("o-1", 1, True, False, "mostly_satisfied"),
        rating("o-2", 1, False, False, "dissatisfied"),
        rating("o-3", 1, None, None, None),  # not reached
    )
    found = figures(orders({}, {}, {}, {}, {}), ratings_=called)
    assert found["valid_call_back_rate", "county"] == (3, 4, 0.75)
    assert found["response_rate", "county"] == (2, 3, 2 / 3)
    assert found["solved_rate", "county"] == (1, 3, 1 / 3)
    assert found["satisfaction_rate", "unit:police"] == (2, 3, 2 / 3)


@pytest.mark.parametrize(
    ("last", "solved_rate"), [((True, True, "satisfied"), (1, 1, 1.0)), ((None, None, None), (0, 0, None))]
)
def test_only_the_last_call_back_of_an_order_counts(last, solved_rate):
    called = ratings(rating("o-0", 2, *last), rating("o-0", 1, True, False, "dissatisfied"))
    assert figures(orders({}), ratings_=called)["solved_rate", "county"] == solved_rate


def test_without_a_valid_call_back_the_three_rates_are_undefined():
    found = figures(orders({}), ratings_=ratings(rating("o-0", 1, None, None, None)))
    assert found["satisfaction_rate", "county"] == (0, 0, None)
    assert found["valid_call_back_rate", "county"] == (0, 1, 0.0)


def test_what_happened_after_now_is_not_known_yet():
    happened = events(event("o-0", 1, "close", "closed", "2026-03-04 09:00"))
    found = figures(orders({}), happened, ratings(rating("o-0", 1, True, True, "satisfied")), now=MONDAY)
    assert found["closed_in_time_rate", "county"] == found["solved_rate", "county"] == (0, 0, None)


def test_intake_adds_up_over_batches_and_feeds():
    account = {"job": "clean", "run": "a", "rows_redelivered": 1, "rows_quarantined": 2, "finished_at": MONDAY}
    batches = rows(
        Batch,
        {"batch_id": 1, "feed": "119", "rows_in": 10, "rows_clean": 7, **account},
        {"batch_id": 2, "feed": "119", "rows_in": 13, "rows_clean": 10, **account},
        {"batch_id": 2, "feed": "grid", "rows_in": 3, "rows_clean": 0, **account},
        {"batch_id": 3, "feed": "grid", "rows_in": 3, "rows_clean": 0, **account, "finished_at": DAY[1]},
    )
    found = {(r["metric"], r["scope"]): r["numerator"] for r in measure_intake(batches, DAY, NOW).to_dicts()}
    assert found["rows_in", "county"] == 26 == 17 + 3 + 6
    assert (found["rows_clean", "county"], found["rows_redelivered", "county"]) == (17, 3)
    assert (found["rows_in", "feed:119"], found["rows_quarantined", "feed:grid"]) == (23, 2)


def test_reports_are_counted_by_feed_and_township():
    received = [("119", "990101001"), ("119", None), ("grid", "990101001")]
    reports = rows(
        Report,
        *({"report_id": str(n), "feed": feed, "township_code": place, "received_at": MONDAY}
          for n, (feed, place) in enumerate(received)),
    )  # fmt: skip
    found = measure_reports(reports, DAY, NOW)
    assert dict(found.select("scope", "numerator").rows()) == {
        "county": 3,
        "feed:119": 2,
        "feed:grid": 1,
        "township:990101001": 2,
    }
    assert found["computed_at"].unique().to_list() == [NOW]
    assert found.filter(pl.col("denominator") != 1).is_empty()
