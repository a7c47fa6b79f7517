"""The measurement's events, put into the topics by Spark."""

from pathlib import Path
from uuid import uuid4

import polars as pl
from pyspark.sql import functions as f

from infra.stack.process import running_pid
from infra.stack.spark import processes
from jobs.io.kafka import create_topics
from jobs.io.spark import close_session, open_session
from jobs.settings import Settings

PARTITIONS = 2


def spark_pid(settings: Settings) -> int:
    """Of the Connect server; its Python workers are its children."""
    pid = running_pid(processes(settings)[0])
    assert pid is not None, "Spark is down"
    return pid


def fill(settings: Settings, events: Path, begin: int, end: int) -> None:
    """Put these rows of the file into Kafka: by Spark, many times quicker than a Python producer."""
    rows = pl.scan_parquet(events).slice(begin, end - begin).select("topic", "key", "payload", "headers").collect()
    create_topics(settings.kafka, rows["topic"].unique().to_list(), PARTITIONS)
    part = events.with_name(f"part-{begin}-{end}.parquet")
    rows.write_parquet(part, row_group_size=50_000)
    session = open_session(settings.spark, str(uuid4()))
    try:
        told = session.read.parquet(str(part)).select("topic", "key", f.col("payload").alias("value"), "headers")
        sink = told.write.format("kafka").option("kafka.bootstrap.servers", settings.kafka)
        sink.option("includeHeaders", "true").option("kafka.max.request.size", str(8 << 20)).save()
    finally:
        close_session(session)
        part.unlink()
