"""The records of the lake and the store, each declared once; every other form is derived (`schemas.forms`)."""

from schemas.records.attachments import Attachment
from schemas.records.decisions import Assignment, Classification, Incident, Link, UnitTier
from schemas.records.findings import Judgement, Metric, PastCount, Warning, WarningReview
from schemas.records.health import FeedHealth, Reconciliation, Relearning, Relinking, TableCheck
from schemas.records.intake import Batch, Quarantined, RawMessage, Redelivery, Report
from schemas.records.orders import Notice, Order, OrderEvent, OrdersDaily, Rating

__all__ = [
    "Assignment",
    "Attachment",
    "Batch",
    "Classification",
    "FeedHealth",
    "Incident",
    "Judgement",
    "Link",
    "Metric",
    "Notice",
    "Order",
    "OrderEvent",
    "OrdersDaily",
    "PastCount",
    "Quarantined",
    "Rating",
    "RawMessage",
    "Reconciliation",
    "Redelivery",
    "Relearning",
    "Relinking",
    "Report",
    "TableCheck",
    "UnitTier",
    "Warning",
    "WarningReview",
]
