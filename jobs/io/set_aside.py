"""One message as an engineer looks it up: what became of its items, and where its bytes are."""

import getpass
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from jobs.io.lake import read_table
from jobs.settings import Settings
from schemas.feeds import FEEDS

PLACES = {"silver.reports": "report", "silver.redeliveries": "redelivery", "silver.quarantine": "quarantined"}
ABOUT = ["feed", "topic", "partition", "offset", "landed_at", "ce_id", "ce_source", "content_type", "landed_day"]


def message_of(lake_uri: str, raw_id: str) -> dict[str, Any] | None:
    """Its items with their place and reasons, and its bytes' place; None where nothing is known of it."""
    mine = pl.col("raw_id") == raw_id
    items = [
        {"item_no": row["item_no"], "place": place, **_why(row)}
        for table, place in PLACES.items()
        for row in read_table(lake_uri, table, _columns(table), mine).to_dicts()
    ]
    days = {item.pop("landed_at").date() for item in items}
    bronze = read_table(lake_uri, "bronze.raw", [*ABOUT, "payload"], mine & _landed_on(days))
    if not items and bronze.is_empty():
        return None
    return {"raw_id": raw_id, "items": sorted(items, key=lambda item: item["item_no"]), "raw": _raw(bronze)}


def payload_of(lake_uri: str, raw_id: str) -> bytes | None:
    """The bytes as received: personal data. None where bronze does not hold them (any more)."""
    found = read_table(lake_uri, "bronze.raw", ["payload"], pl.col("raw_id") == raw_id)
    return None if found.is_empty() else found["payload"].item() or b""


def note_access(settings: Settings, raw_id: str) -> None:
    """One line in `logs/raw_access.jsonl` of the state folder: who saw which message's bytes, and when."""
    folder = settings.state_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    line = {"event": "raw_shown", "raw_id": raw_id, "account": getpass.getuser(), "at": datetime.now(UTC).isoformat()}
    with (folder / "raw_access.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def _columns(table: str) -> list[str]:
    about = ["reasons", "detail"] if table == "silver.quarantine" else ["report_id"]
    return ["item_no", "landed_at", *about]


def _landed_on(days: set[date]) -> pl.Expr:
    """Only these days of bronze; all where none is known."""
    return pl.col("landed_day").is_in(list(days)) if days else pl.lit(value=True)


def _why(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "item_no"}


def _raw(bronze: pl.DataFrame) -> dict[str, Any]:
    """Where the bytes are, and until when."""
    if bronze.is_empty():
        return {"is_there": False, "why": "expired by the feed's retention; the pointer stays"}
    row = bronze.row(0, named=True)
    payload, day = row.pop("payload"), row["landed_day"]
    kept = FEEDS[row["feed"]].retention_days if row["feed"] in FEEDS else None
    until = day + timedelta(days=kept) if kept is not None else None
    return {"is_there": True, "table": "bronze.raw", "bytes": len(payload or b""), "kept_until": until, **row}
