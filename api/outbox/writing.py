"""Messages leave with the transaction that made the change: kept together or not at all."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from schemas.messages import MessageType, message
from schemas.tables import OUTBOX


def send(store: sa.Connection, type_: MessageType, row: Mapping[str, Any]) -> None:
    """Put a row of OrderEvent or Rating into the outbox. Messages of one order keep their order."""
    store.execute(sa.insert(OUTBOX), {"key": row["order_id"], "message": message(type_, row)})


def send_report(store: sa.Connection, key: str, topic: str, payload: Mapping[str, Any]) -> None:
    """Put a report into the outbox, as the contract of the topic's feed reads it: it goes the way of every report."""
    store.execute(sa.insert(OUTBOX), {"key": key, "message": payload, "topic": topic})
