"""What a stream has read, from the files Spark keeps in its checkpoint: whether there is any use in starting it.

Starting a query costs seconds, looking at these files none. Where they tell nothing (an object store, a batch that
was cut short, no run yet), the query is started.
"""

import json
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.io.lake import open_table


def has_read_table(checkpoint: str, lake_uri: str, name: str) -> bool:
    """Whether the stream has read the table up to its newest version."""
    read, table = _read(checkpoint), open_table(lake_uri, name)
    if read is None or table is None or read.get("reservoirId") != str(table.metadata().id):
        return False
    is_whole = read.get("index") == -1  # everything before this version
    return is_whole and table.version() < int(read["reservoirVersion"])


def has_read_topic(checkpoint: str, bootstrap: str, topic: str) -> bool:
    """Whether the stream has read the topic to its end."""
    read = _read(checkpoint)
    if read is None or topic not in read:
        return False
    from jobs.io.kafka import end_offsets  # Spark's Python workers import this module and need no Kafka

    ends = end_offsets(bootstrap, topic)
    return {str(partition): end for partition, end in ends.items()} == read[topic]


def checkpoint_id(spark: SparkSession, checkpoint: str) -> str:
    """The id Spark keeps in the checkpoint folder; batch numbers count within it. Known once the query has started."""
    row = spark.read.json(f"{checkpoint}/metadata").first()
    assert row is not None, f"{checkpoint}/metadata is empty"
    return str(row["id"])


def _read(checkpoint: str) -> dict[str, Any] | None:
    """The position after the last batch, as its source notes it; None where that batch is not known to be done."""
    planned, done = (_batches(Path(checkpoint, part)) for part in ("offsets", "commits"))
    if not planned or planned[-1] not in done:
        return None
    last_line = Path(checkpoint, "offsets", str(planned[-1])).read_text(encoding="utf-8").splitlines()[-1]
    found: dict[str, Any] = json.loads(last_line)
    return found


def _batches(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in folder.glob("[0-9]*") if path.name.isdigit())
