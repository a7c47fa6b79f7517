"""Kafka to bronze: the messages of all feeds, byte for byte, with their offsets. Exactly once by its checkpoint."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.catalog import FEED_TOPIC_PREFIX
from jobs.context import Context, Result
from jobs.io.kafka import require_broker
from jobs.io.queries import Progress, run_query
from jobs.settings import path_of
from schemas.records import RawMessage

MAX_MESSAGES = 300_000  # in one batch: bounds memory; smaller ones cost more for each message
MAX_LOOK_SECONDS = 5  # how long a new topic may go unseen


def run(context: Context) -> Result:
    """Land what Kafka holds and the lake does not. Topics of new feeds are found by their name."""
    lake, settings = context.lake, context.settings
    require_broker(settings.kafka)
    lake.ensure("bronze.raw")
    writers = int(lake.spark.conf.get("spark.sql.shuffle.partitions", "2") or 2)
    messages = as_rows(_topics(context)).coalesce(writers)  # one file a topic and partition would be many small ones
    sink = messages.writeStream.format("delta").option("path", path_of(lake.uri, "bronze.raw"))
    batches = run_query(sink, "land", f"{settings.checkpoints}/land", context.is_continuous, rows_in)
    return {"batches": len(batches), "messages": sum(batch.numInputRows for batch in batches)}


def as_rows(messages: DataFrame) -> DataFrame:
    """Kafka's columns as rows of bronze. Headers are CloudEvents 1.0, binary mode."""
    columns = {
        "raw_id": f.concat_ws("/", "topic", "partition", "offset"),
        "feed": _feed(),
        "topic": f.col("topic"),
        "partition": f.col("partition"),
        "offset": f.col("offset"),
        "landed_at": f.col("timestamp"),
        "ce_id": _header("ce_id"),
        "ce_source": _header("ce_source"),
        "content_type": f.coalesce(_header("content-type"), _header("content_type")),
        "payload": f.col("value"),
        "landed_day": f.to_date("timestamp"),
    }
    return messages.select(*(columns[name].alias(name) for name in RawMessage.column_names()))


def rows_in(batch: Progress) -> Result:
    """What there is to tell of a batch while it is only passed on."""
    return {"rows_in": batch.numInputRows}


def _topics(context: Context) -> DataFrame:
    options = {
        "kafka.bootstrap.servers": context.settings.kafka,
        "kafka.metadata.max.age.ms": str(MAX_LOOK_SECONDS * 1000),
        # A reader may wait so long at the end of a partition, and reads one after the other; by default 500.
        "kafka.fetch.max.wait.ms": "20",
        "subscribePattern": FEED_TOPIC_PREFIX.replace(".", r"\.") + ".*",
        "startingOffsets": "earliest",
        "includeHeaders": "true",
        "failOnDataLoss": "true",
        "maxOffsetsPerTrigger": str(MAX_MESSAGES),
    }
    return context.lake.spark.readStream.format("kafka").options(**options).load()


def _feed() -> Any:
    """The topic without prefix and version. Few have one, and the pattern costs more than all the rest."""
    code = f.substring("topic", len(FEED_TOPIC_PREFIX) + 1, 1000)
    return f.when(code.contains(".v"), f.regexp_replace(code, r"\.v[0-9]+$", "")).otherwise(code)


def _header(name: str) -> Any:
    """Value of the first header of that name as text; bytes that are no text are replaced."""
    first = f.expr(f"get(filter(headers, h -> h.key = '{name}'), 0).value")
    return f.make_valid_utf8(first.cast("string"))
