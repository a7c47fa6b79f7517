"""Builders of incidents, links, classifications and orders that show only what a test is about."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from schemas.records import Assignment, Classification, Incident, Link, OrderEvent, Rating

LOCAL = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """A local time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


MONDAY = at("2026-03-02 09:00")


def rows(record: type[dy.Schema], *found: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(found), schema=record.create_empty().schema, strict=False)


def incidents(*found: dict[str, Any]) -> pl.DataFrame:
    """Ids i-0, i-1, …; on a Monday, in 东湖街道, a complaint that names no category."""
    usual = {
        "kind": "complaint", "text": "路灯坏了", "township_code": "990101001", "first_received_at": MONDAY,
        "last_received_at": MONDAY, "report_count": 1, "feeds": ["12345"], "day": MONDAY.date(),
    }  # fmt: skip
    named = ({"incident_id": f"i-{n}", "first_report_id": f"r-{n}"} for n in range(len(found)))
    return rows(Incident, *({**name, **usual, **row} for name, row in zip(named, found, strict=True)))


def links(**incident_of: str) -> pl.DataFrame:
    """links(r0="i-0"): report r0 belongs to incident i-0."""
    told = {"score": 1.0, "reasons": ["first_report"], "linker_version": "1", "linked_at": MONDAY}
    return rows(
        Link, *({"report_id": report, "incident_id": incident, **told} for report, incident in incident_of.items())
    )


def classification(report_id: str, category: str, **found: Any) -> dict[str, Any]:
    usual = {
        "probability": 0.9, "abstained": False, "top3": [], "is_urgent": False, "urgency_terms": [],
        "is_police": False, "model_version": "m1", "classified_at": MONDAY,
    }  # fmt: skip
    return {"report_id": report_id, "category": category, **usual, **found}


def classifications(*found: dict[str, Any]) -> pl.DataFrame:
    return rows(Classification, *found)


def orders(*found: dict[str, Any]) -> pl.DataFrame:
    """Orders o-0, o-1, … of the police in 东湖街道, to be signed for by 10:00 and finished by Wednesday's end."""
    usual = {
        "kind": "help", "category": "public_security", "is_urgent": False, "event_grade": "3",
        "handling_level": "county",
        "unit_code": "police", "unit_duty_tier": "tier_1", "co_unit_codes": [], "accepted_at": MONDAY,
        "sign_due_at": at("2026-03-02 10:00"), "finish_due_at": at("2026-03-04 23:59:59"), "reasons": ["r"] * 5,
        "urged_count": 0, "decided_at": MONDAY,
    }  # fmt: skip
    frame = rows(
        Assignment, *({"order_id": f"o-{n}", "incident_id": f"i-{n}", **usual, **row} for n, row in enumerate(found))
    )
    return frame.with_columns(township_code=pl.lit("990101001"))


def event(order_id: str, version: int, event: str, to_state: str, occurred_at: str, **found: Any) -> dict[str, Any]:
    usual = {"unit_code": "police", "role": "department", "finish_due_at": at("2026-03-04 23:59:59")}
    return {
        "event_id": f"{order_id}/{version}", "order_id": order_id, "version": version, "event": event,
        "to_state": to_state, "occurred_at": at(occurred_at), **usual, **found,
    }  # fmt: skip


def events(*found: dict[str, Any]) -> pl.DataFrame:
    return rows(OrderEvent, *found)


def rating(order_id: str, attempt: int, contacted: bool | None, solved: bool | None, satisfaction: str | None):
    return {
        "order_id": order_id, "attempt": attempt, "unit_code": "police", "was_reached": contacted is not None,
        "was_contacted": contacted, "was_solved": solved, "satisfaction": satisfaction, "accepted_at": MONDAY,
        "called_back_at": at(f"2026-03-05 1{attempt}:00"),
    }  # fmt: skip


def ratings(*found: dict[str, Any]) -> pl.DataFrame:
    return rows(Rating, *found)
