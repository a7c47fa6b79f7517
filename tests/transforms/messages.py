"""Raw messages as tests need them."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from jobs.transforms.cleaning import clean
from schemas.areas import load_county
from schemas.feeds import feed_of_topic
from schemas.feeds.contract import TOPIC_PREFIX

LANDED = datetime(2025, 6, 1, tzinfo=UTC)
KEY = b"a key for tests"
COUNTY = load_county()


RAW: dict[str, Any] = {
    "topic": pl.String,
    "feed": pl.String,
    "raw_id": pl.String,
    "landed_at": pl.Datetime("us", "UTC"),
    "payload": pl.Binary,
}  # what `clean` reads of RawMessage


def raw(*messages: tuple[str, bytes | None]) -> pl.DataFrame:
    """One raw message for each (feed, payload); `12345.v2` is the second version of a feed's contract."""
    topics = [TOPIC_PREFIX + feed for feed, _ in messages]
    rows = [
        (topic, feed_of_topic(topic), f"t/0/{offset}", LANDED, payload)
        for offset, (topic, (_, payload)) in enumerate(zip(topics, messages, strict=True))
    ]
    return pl.DataFrame(rows, schema=RAW, orient="row")


def cleaned(feed: str, payload: bytes | None) -> list[dict[str, Any]]:
    """What becomes of one payload, one dict a record."""
    return clean(raw((feed, payload)), KEY, COUNTY).to_dicts()
