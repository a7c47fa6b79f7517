"""The lake's tables: the record each row is, its key, how its folder is cut, and what is promised of it."""

from dataclasses import dataclass

import dataframely as dy

from schemas import records as r
from schemas.personal import personal_columns


@dataclass(frozen=True)
class Table:
    """One Delta table, `zone.table`, in the folder `zone/table` of the lake. ValueError for a record about persons.

    fresh_minutes: the longest from the event to its row while Airflow runs the jobs, None for what people load
    themselves. owner: the role (ROLES) that answers for the rows. kept_days: None for ever; of raw messages, each
    feed's contract says it. version: a column that a reader may miss (removed, renamed, another type, no longer null)
    raises its first number, an added one the second.
    """

    name: str
    record: type[dy.Schema]
    partition: str | None = None
    fresh_minutes: int | None = 20
    owner: str = "engineer"
    kept_days: int | None = None
    version: str = "1.0.0"

    def __post_init__(self) -> None:
        if found := personal_columns(self.record):
            raise ValueError(f"{self.name}: no table may have columns about persons: {', '.join(found)}")

    @property
    def key(self) -> list[str]:
        return self.record.primary_key()


TABLES = {
    table.name: table
    for table in (
        Table("bronze.raw", r.RawMessage, "landed_day"),
        Table("silver.reports", r.Report, "day"),
        Table("silver.redeliveries", r.Redelivery),
        Table("silver.quarantine", r.Quarantined),
        Table("ops.batches", r.Batch),
        Table("ops.quality", r.TableCheck, fresh_minutes=60),
        Table("ops.feed_health", r.FeedHealth, fresh_minutes=10),
        Table("ops.relinkings", r.Relinking, fresh_minutes=1440),
        Table("ops.reconciliations", r.Reconciliation, fresh_minutes=75),
        Table("ops.relearnings", r.Relearning, fresh_minutes=None),
        Table("gold.links", r.Link),
        Table("gold.incidents", r.Incident, "day"),
        Table("gold.classifications", r.Classification, fresh_minutes=30),
        Table("gold.assignments", r.Assignment, fresh_minutes=30, owner="dispatcher"),
        Table("gold.unit_tiers", r.UnitTier, fresh_minutes=None, owner="dispatcher"),
        Table("gold.order_events", r.OrderEvent, owner="dispatcher", version="1.2.0"),
        Table("gold.orders_daily", r.OrdersDaily, fresh_minutes=75, owner="dispatcher"),
        Table("gold.ratings", r.Rating, owner="dispatcher"),
        Table("gold.past_counts", r.PastCount, fresh_minutes=None, owner="analyst"),
        Table("gold.warnings", r.Warning, fresh_minutes=75, owner="analyst"),
        Table("gold.metrics", r.Metric, fresh_minutes=1440, owner="analyst"),
    )
}
