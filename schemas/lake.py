"""The lake's tables: the record each row is, its key, and how its folder is cut."""

from dataclasses import dataclass

import dataframely as dy

from schemas import records as r


@dataclass(frozen=True)
class Table:
    """One Delta table, `zone.table`, in the folder `zone/table` of the lake."""

    name: str
    record: type[dy.Schema]
    partition: str | None = None

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
        Table("gold.links", r.Link),
        Table("gold.incidents", r.Incident, "day"),
        Table("gold.classifications", r.Classification),
        Table("gold.assignments", r.Assignment),
        Table("gold.order_events", r.OrderEvent),
        Table("gold.ratings", r.Rating),
        Table("gold.past_counts", r.PastCount),
        Table("gold.warnings", r.Warning),
        Table("gold.metrics", r.Metric),
    )
}
