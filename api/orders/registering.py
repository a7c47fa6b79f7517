"""Orders noted by hand (登记): a call taken at the desk, a letter, a leader's word.

The pipeline's own rules decide on it at once, and its report goes by the outbox the way of every report: land, clean
and link find the same ids, and `publish` confirms or refines what was decided, as for the express lane (ADR 24).
"""

from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from api.orders import centre, models
from api.orders.queries import Row
from api.orders.taking import known_unit, note
from api.outbox.writing import send_report
from api.writing import Change
from jobs.transforms.assigning import assign
from jobs.transforms.redaction import redacted, street_of
from schemas.feeds.desk import FEED, desk_payload
from schemas.forms import plain
from schemas.ids import incident_id, order_id, report_id
from schemas.records import Classification, Incident, Link
from schemas.regulation import Regulation
from schemas.regulation.calendar import LOCAL
from schemas.regulation.clock import rule_of
from schemas.tables import DECIDED, INCIDENT_REPORTS, INCIDENTS, ORDER_DECISIONS, ORDERS

CLASSIFIED, LINKED = plain(Classification.create_empty()), plain(Link.create_empty())
INCIDENT = plain(Incident.create_empty()).schema
BY_HAND = {"abstained": False, "probability": 1.0, "top3": [], "is_police": False, "model_version": "by hand"}


def register(change: Change, body: models.Register) -> Row:
    """The new order, to be dispatched; dispatched already where the unit is named. 422 for a unit there is not."""
    today = change.rules_of_today
    if body.unit_code is not None:
        known_unit(today, "body.unit_code", body.unit_code)
    noted = body.model_dump() | _redacted(body)
    source_id = f"desk-{uuid4().hex}"
    report = report_id(FEED.code, source_id)
    incident = _incident(report, noted, change.now)
    decided = _decided(incident, change.rules, is_urgent=False)
    told = _decided(incident, change.rules, is_urgent=True) if body.is_urgent and not decided["is_urgent"] else decided
    order = _order(told, change.now)
    _keep(change, incident, decided, order)
    note(change, order, {"event": "register", "from_state": None, "reason": None})
    send_report(change.store, order["order_id"], FEED.topic, desk_payload(source_id, noted, change.now))
    return order if body.unit_code is None else _dispatched(change, order, body.unit_code)


def _redacted(body: models.Register) -> dict[str, Any]:
    """Text and place as the pipeline would keep them: who types knows names and numbers that no order needs."""
    said = pl.DataFrame({"said": [body.text, body.place]}, schema={"said": pl.String})
    text, place = said.select(redacted(pl.col("said"))).to_series()  # both at once: the patterns are made ready once
    return {"text": text, "place": pl.select(street_of(pl.lit(place, pl.String))).item()}


def _incident(report: str, noted: dict[str, Any], now: datetime) -> Row:
    named = {name: noted[name] for name in ("kind", "category", "text", "place", "township_code", "lat", "lon")}
    township = noted["township_code"]
    return {
        "incident_id": incident_id(report),
        "first_report_id": report,
        **named,
        "county_code": township[:6] if township else None,
        "grid_code": None,
        "first_received_at": now,
        "last_received_at": now,
        "report_count": 1,
        "feeds": [FEED.code],
        "day": now.astimezone(ZoneInfo(LOCAL)).date(),
        "merged_into": None,
    }


def _decided(incident: Row, rules: Regulation, is_urgent: bool) -> Row:
    """What the rules say: rows of DECIDED. is_urgent: a dispatcher says so, whatever the words."""
    links, classified = LINKED, CLASSIFIED
    if is_urgent:
        link = {"report_id": incident["first_report_id"], "incident_id": incident["incident_id"]}
        said = BY_HAND | {"category": incident["category"], "is_urgent": True, "urgency_terms": ["dispatcher:紧急"]}
        links = pl.DataFrame([link], schema=LINKED.schema)
        said |= {"report_id": link["report_id"], "classified_at": incident["first_received_at"]}
        classified = pl.DataFrame([said], schema=CLASSIFIED.schema)
    (found,) = assign(pl.DataFrame([incident], schema=INCIDENT), links, classified, rules).to_dicts()
    return {name: found.get(name, incident.get(name)) for name in ("order_id", *DECIDED)}


def _order(decided: Row, now: datetime) -> Row:
    nothing = ("outcome", "paused_at", "parent_id", "merged_into", "transferred_to", "signed_at", "closed_at")
    return {
        **decided,
        **dict.fromkeys(nothing),
        "state": "to_dispatch",
        "refused_by": [],
        "sign_rule": rule_of(decided["reasons"], "sign_due_at"),
        "finish_rule": rule_of(decided["reasons"], "finish_due_at"),
        "dispatched_at": now,
        "updated_at": now,
        "version": 1,
    }


def _keep(change: Change, incident: Row, decided: Row, order: Row) -> None:
    """What is known of it before the lake knows it."""
    assert order["order_id"] == order_id(incident["incident_id"])
    report = {name: incident[name] for name in ("incident_id", "kind", "category", "text", "place")} | {
        "report_id": incident["first_report_id"],
        "score": 1.0,
        "reasons": ["first_report"],
        "linker_version": "by hand",
        "linked_at": change.now,
        "feed": FEED.code,
        "received_at": change.now,
    }
    change.store.execute(sa.insert(INCIDENTS), incident)
    change.store.execute(sa.insert(INCIDENT_REPORTS), report)
    change.store.execute(sa.insert(ORDER_DECISIONS), decided | {"decided_at": change.now})
    change.store.execute(sa.insert(ORDERS), order)


def _dispatched(change: Change, order: Row, unit_code: str) -> Row:
    body = models.Dispatch(unit_code=unit_code, reason="登记时指定承办单位")
    return centre.dispatch(change, order["order_id"], body)
