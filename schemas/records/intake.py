"""What came in: raw messages, reports, and the rows set aside."""

import dataframely as dy
import polars as pl

from schemas.records.columns import category, code, feed, instant, kind, latitude, longitude
from schemas.vocabulary import QUARANTINE_REASONS


class RawMessage(dy.Schema):
    """One Kafka message as received, byte for byte. Lives in bronze only, and expires."""

    raw_id = dy.String(primary_key=True, description="topic/partition/offset")
    feed = dy.String(description="feed code, or the topic's last part where no feed is registered")
    topic = dy.String()
    partition = dy.Int32(min=0)
    offset = dy.Int64(min=0)
    landed_at = instant(description="time the broker took it")
    ce_id = dy.String(nullable=True, description="CloudEvents id: with ce_source, one delivery")
    ce_source = dy.String(nullable=True)
    content_type = dy.String(nullable=True)
    payload = dy.Binary(nullable=True)
    landed_day = dy.Date(description="UTC day of landed_at; the partition")


class Report(dy.Schema):
    """One contact from one feed (来件), cleaned and redacted; a newer revision is a row of its own.

    The current state of a contact is the row with the greatest (revision, updated_at, content_hash).
    Free text holds no phone, identity number, plate or door number; the caller is a token.
    """

    report_id = dy.String(primary_key=True, description="hash of feed and source_id")
    revision = dy.Int32(primary_key=True, min=0, description="the source's own revision, 0 where it has none")
    content_hash = dy.String(primary_key=True, description="SHA-256 of what the source said, before cleaning")
    feed = feed()
    source_id = dy.String(min_length=1, description="the source's own id")
    kind = kind()
    category = category(nullable=True, description="as the source says, mapped to ours; else classified later")
    source_category = dy.String(nullable=True, description="the source's own words for it")
    text = dy.String(description="what was said, redacted; may be empty for a device")
    place = dy.String(nullable=True, description="where, in words, redacted to the street or village")
    county_code = dy.String(nullable=True, regex=r"^\d{6}$")
    township_code = dy.String(nullable=True, regex=r"^\d{9}$")
    grid_code = dy.String(nullable=True)
    lat = latitude()
    lon = longitude()
    caller_token = dy.String(nullable=True, description="HMAC of the caller's number; never the number")
    device_id = dy.String(nullable=True, description="camera or sensor")
    received_at = instant(description="when the source took the call")
    updated_at = instant(description="when the source last changed it; received_at where it does not say")
    landed_at = instant()
    raw_id = dy.String(description="the Kafka message it came from")
    item_no = dy.Int32(min=0, description="position inside that message")
    contract_version = dy.String()
    day = dy.Date(description="local day of received_at, Asia/Shanghai; the partition")

    @dy.rule()
    def place_is_whole(cls) -> pl.Expr:
        return pl.col("lat").is_null() == pl.col("lon").is_null()


class Redelivery(dy.Schema):
    """A delivery that says exactly what an earlier one said: set aside, counted, kept as a pointer."""

    raw_id = dy.String(primary_key=True)
    item_no = dy.Int32(primary_key=True, min=0)
    feed = feed()
    report_id = dy.String()
    first_raw_id = dy.String(description="the delivery that was kept")
    content_hash = dy.String()
    landed_at = instant()


class Quarantined(dy.Schema):
    """A record that broke its feed's contract (隔离区): a pointer to the bytes and every reason."""

    raw_id = dy.String(primary_key=True)
    item_no = dy.Int32(primary_key=True, min=0)
    feed = dy.String(description="feed code, or the topic's last part where no feed is registered")
    reasons = dy.List(code(QUARANTINE_REASONS), min_length=1)
    detail = dy.String(description="what and where, for the engineer; no personal text")
    contract_version = dy.String()
    landed_at = instant()


class Batch(dy.Schema):
    """The account of one feed in one batch: rows_in = clean + redelivered + quarantined."""

    job = dy.String(primary_key=True)
    run = dy.String(primary_key=True, description="id of the checkpoint the batch number belongs to")
    batch_id = dy.Int64(primary_key=True)
    feed = dy.String(primary_key=True)
    rows_in = dy.Int64()
    rows_clean = dy.Int64()
    rows_redelivered = dy.Int64()
    rows_quarantined = dy.Int64()
    finished_at = instant()

    @dy.rule()
    def adds_up(cls) -> pl.Expr:
        parts = pl.col("rows_clean") + pl.col("rows_redelivered") + pl.col("rows_quarantined")
        return pl.col("rows_in") == parts
