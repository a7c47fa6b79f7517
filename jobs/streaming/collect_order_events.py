"""What departments did, from the store's outbox over Kafka back into the lake: order events and call-backs.

A message is JSON, `{"type": "order_event" | "rating", "data": {…columns…}}`. One that is none goes to quarantine
with a pointer to its offset; it never stops the stream.
"""

import json
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import dataframely as dy
import polars as pl
from pydantic import BaseModel, ValidationError
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.catalog import ORDER_EVENTS_TOPIC
from jobs.context import Context, NothingToDoError, Result
from jobs.io.checkpoints import has_read_topic
from jobs.io.kafka import topics
from jobs.io.lake import Lake
from jobs.io.queries import run_query
from jobs.settings import Settings
from jobs.streaming.land import rows_in
from schemas import forms
from schemas.records import OrderEvent, Quarantined, Rating

RECORDS: dict[str, tuple[str, type[dy.Schema]]] = {
    "order_event": ("gold.order_events", OrderEvent),
    "rating": ("gold.ratings", Rating),
}
FEED = "order_events"  # in quarantine
MAX_MESSAGES = 100_000


def run(context: Context) -> Result:
    """Collect what the outbox sent since the last time."""
    lake, settings = context.lake, context.settings
    if ORDER_EVENTS_TOPIC not in topics(settings.kafka):
        raise NothingToDoError("no order has changed yet: the topic is not there")
    checkpoint = f"{settings.checkpoints}/collect_order_events"
    if not context.is_continuous and has_read_topic(checkpoint, settings.kafka, ORDER_EVENTS_TOPIC):
        raise NothingToDoError("collect_order_events: nothing new")
    for name, _ in RECORDS.values():
        lake.ensure(name)
    options = {
        "kafka.bootstrap.servers": settings.kafka,
        "subscribe": ORDER_EVENTS_TOPIC,
        "startingOffsets": "earliest",
        "failOnDataLoss": "true",
        "maxOffsetsPerTrigger": str(MAX_MESSAGES),
    }
    messages = lake.spark.readStream.format("kafka").options(**options).load()
    sink = messages.writeStream.foreachBatch(partial(collect, settings=settings))
    batches = run_query(sink, "collect_order_events", checkpoint, context.is_continuous, rows_in)
    return {"batches": len(batches), "messages": sum(batch.numInputRows for batch in batches)}


def collect(batch: DataFrame, batch_id: int, settings: Settings) -> None:
    """One batch: rows the lake lacks are added, what is no event is set aside."""
    lake = Lake(settings)
    pointer = f.concat_ws("/", "topic", "partition", "offset").alias("raw_id")
    messages = batch.select(pointer, "value", f.col("timestamp").alias("landed_at")).toArrow().to_pylist()
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in RECORDS}
    sources: dict[str, list[dict[str, Any]]] = {name: [] for name in RECORDS}
    bad: list[dict[str, Any]] = []
    for message in messages:
        try:
            kind, row = read_message(message["value"])
        except ValueError as error:
            bad.append(_set_aside(message, error))
            continue
        rows[kind].append(row)
        sources[kind].append(message)
    for kind, (table, record) in RECORDS.items():
        sound, broken = by_the_rules(record, rows[kind])
        bad += [_set_aside(sources[kind][number], ValueError(f"breaks a rule of {kind}")) for number in broken]
        lake.append_new(table, sound)
    lake.append_new("silver.quarantine", pl.DataFrame(bad, schema=forms.plain(Quarantined.create_empty()).schema))


def read_message(payload: bytes | None) -> tuple[str, dict[str, Any]]:
    """Type and row of one message; a column that may be null, and that an older message lacks, is null.

    ValueError says what is wrong, without its values.
    """
    try:
        message = json.loads(payload or b"")
        kind, data = message["type"], message["data"]
        _, record = RECORDS[kind]
        checked = _model(record).model_validate(_absent(record) | data, strict=False).model_dump(mode="python")
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
        raise ValueError(wrong) from None
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"no order event: {type(error).__name__}") from None
    return kind, checked


def by_the_rules(record: type[dy.Schema], rows: list[dict[str, Any]]) -> tuple[pl.DataFrame, list[int]]:
    """The rows that keep the record's own rules, and the numbers of those that break one.

    All rows at once: a rule costs milliseconds, whatever it looks at. Of several rows with one key the first stays,
    since the outbox may send one twice.
    """
    schema = record.create_empty().schema
    plain = forms.plain(record.create_empty()).schema
    typed = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=plain).cast(schema)
    once = typed.with_row_index("number").unique(record.primary_key(), keep="first", maintain_order=True)
    sound, _ = record.filter(once.drop("number"))
    if sound.height == once.height:
        return sound, []
    kept = once.join(sound.select(record.primary_key()), on=record.primary_key(), how="semi")["number"]
    return sound, once.filter(~pl.col("number").is_in(kept.to_list()))["number"].to_list()


@cache
def _absent(record: type[dy.Schema]) -> dict[str, None]:
    return {name: None for name, column in record.columns().items() if column.nullable}


@cache
def _model(record: type[dy.Schema]) -> type[BaseModel]:
    return forms.model(record)


def _set_aside(message: dict[str, Any], error: ValueError) -> dict[str, Any]:
    return {
        "raw_id": message["raw_id"],
        "item_no": 0,
        "feed": FEED,
        "reasons": ["malformed_payload"],
        "detail": str(error)[:500],
        "contract_version": "1.0",
        "landed_at": message["landed_at"] or datetime.now(UTC),
    }
