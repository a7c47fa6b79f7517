"""Raw messages as tests need them."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from jobs.transforms.cleaning import clean
from schemas.areas import load_county

LANDED = datetime(2025, 6, 1, tzinfo=UTC)
KEY = b"a key for tests"
COUNTY = load_county()


def raw(*messages: tuple[str, bytes | None]) -> pl.DataFrame:
    """One raw message for each (feed, payload)."""
    rows = [(feed, f"t/0/{offset}", LANDED, payload) for offset, (feed, payload) in enumerate(messages)]
    schema = {"feed": pl.String, "raw_id": pl.String, "landed_at": pl.Datetime("us", "UTC"), "payload": pl.Binary}
    return pl.DataFrame(rows, schema=schema, orient="row")


def cleaned(feed: str, payload: bytes | None) -> list[dict[str, Any]]:
    """What becomes of one payload, one dict a record."""
    return clean(raw((feed, payload)), KEY, COUNTY).to_dicts()
