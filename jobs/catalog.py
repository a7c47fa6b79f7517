"""The jobs: what each reads and writes. Standard library only: DAGs import this in Airflow's own environment.

Every table has one writer: Spark for `bronze.raw`, `deltalake` for the others (ADR 15); anything may read.
Table names are `zone.table`, a folder `zone/table` in the lake. `store.*` are PostgreSQL tables, `topic.*` Kafka topics.
"""

from dataclasses import dataclass
from typing import Literal

TIME_ZONE = "Asia/Shanghai"

# Exit codes of `python -m jobs JOB`, which the operator maps to task states.
DONE, DATA_WRONG, NOTHING_TO_DO = 0, 2, 99


@dataclass(frozen=True)
class Job:
    """One job. A stream can run continuously; a batch reads a window or everything new."""

    name: str
    kind: Literal["stream", "batch"]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    summary: str


JOBS = {
    job.name: job
    for job in (
        Job("land", "stream", ("topic.feeds",), ("bronze.raw",), "Kafka messages of all feeds, byte for byte, with offsets"),
        Job("clean", "stream", ("bronze.raw",), ("silver.reports", "silver.redeliveries", "silver.quarantine", "ops.batches"),
            "parse, redact, judge each record by its feed's contract; set redeliveries aside"),
        Job("link", "stream", ("silver.reports",), ("gold.links", "gold.incidents", "ops.relinkings"),
            "join reports of one incident, with reasons"),
        Job("relink", "batch", ("silver.reports",), ("gold.links", "gold.incidents", "ops.relinkings"),
            "link the last weeks anew, so that links do not depend on the order in which reports came"),
        # It writes orders and notices only where there are none, so it needs no lock against `publish` (ADR 18).
        Job("express", "stream", ("topic.feeds",), (), "an order and a notice of what is urgent within two seconds, beside the lake"),
        Job("collect_order_events", "stream", ("topic.order_events",), ("gold.order_events", "gold.ratings"),
            "what departments did, from the outbox back into the lake"),
        Job("import_history", "batch", ("file",), ("gold.past_counts",), "hourly counts of an archive, so that warnings know a past"),
        Job("classify", "batch", ("silver.reports",), ("gold.classifications",), "category, urgency, police or not, for every new report"),
        Job("assign", "batch", ("gold.incidents", "gold.links", "gold.classifications", "gold.unit_tiers"), ("gold.assignments",),
            "unit, event grade, handling level, duty tier and due times by dated rules"),
        Job("duty_tiers", "batch", ("gold.assignments",), ("gold.unit_tiers",), "each unit's duty tier from a year's orders, with hysteresis"),
        Job("publish", "batch", ("gold.assignments", "gold.incidents", "gold.links", "gold.warnings", "gold.metrics", "ops.quality"),
            ("store.orders", "store.incidents", "store.incident_reports", "store.notices", "store.warnings", "store.metrics"),
            "bring the store up to date with the lake"),
        Job("decide", "stream", ("silver.reports", "gold.incidents", "gold.links", "gold.warnings", "gold.metrics"),
            ("gold.classifications", "gold.assignments", "store.orders", "store.incidents", "store.incident_reports", "store.notices",
             "store.warnings", "store.metrics"), "classify, assign and publish, round after round: the service for what Airflow runs one by one"),
        Job("escalate", "batch", ("store.orders",), (), "remind, supervise and report units whose orders are late, as events"),
        Job("warn_hour", "batch", ("silver.reports", "gold.classifications", "gold.past_counts"), ("gold.warnings",), "hours with unusual counts"),
        Job("warn_day", "batch", ("silver.reports", "gold.classifications", "gold.past_counts"), ("gold.warnings",), "days with unusual counts"),
        Job("metrics", "batch", ("gold.order_events", "gold.ratings", "gold.assignments", "gold.incidents", "silver.reports", "ops.batches"), ("gold.metrics",),
            "the metric catalogue for one day"),
        Job("daily_report", "batch", ("gold.metrics", "gold.warnings", "silver.quarantine"), ("file.daily_report",),
            "《每日工作情况》 as HTML and JSON"),
        Job("scorecards", "batch", ("gold.classifications", "gold.order_events", "silver.reports", "ops.relearnings"), ("file.scorecards",),
            "what is known of classifier, router and rules, and how they did day by day"),
        Job("relearn", "batch",
            ("gold.order_events", "gold.assignments", "gold.incidents", "gold.links", "gold.classifications", "silver.reports"),
            ("ops.relearnings", "file.models"),
            "learn from what people corrected: a challenger for classifier and router, live only when it is not worse"),
        Job("whatif", "batch", ("gold.incidents", "gold.links", "gold.classifications", "silver.reports"), (),
            "what other rules would have decided in a period; writes nothing"),
        Job("orders_daily", "batch", ("gold.order_events",), ("gold.orders_daily",), "what each unit's orders did on each day"),
        Job("reconcile", "batch", ("gold.order_events", "gold.orders_daily", "gold.ratings"), ("ops.reconciliations",),
            "hold what people did in PostgreSQL against the lake, and each order against its events"),
        Job("quality", "batch", (), ("ops.quality", "file.data_docs"),
            "Great Expectations suites made from every table's contract, with Data Docs; a broken one blocks publish for its table"),
        Job("watch_feeds", "batch", ("topic.feeds", "bronze.raw"), ("ops.feed_health",),
            "silence, volume and waiting messages of each feed against its contract's rhythm"),
        Job("maintain", "batch", (), (), "compact and vacuum every table, expire raw bytes by retention"),
    )
}  # fmt: skip

FEED_TOPIC_PREFIX = "ninelines.feed."
ORDER_EVENTS_TOPIC = "ninelines.order_events"
