"""orders_daily: what each unit's orders did on each local day, from the events that were collected."""

from jobs.context import Context, NothingToDoError, Result
from jobs.transforms.orders_daily import STEPS, orders_daily

TABLE = "gold.orders_daily"
UNCHANGED = " AND ".join(f"old.{name} = new.{name}" for name in (*STEPS, "open_at_end"))


def run(context: Context) -> Result:
    """Count all days anew and write those that changed: an event that comes late is counted on its own day."""
    events = context.lake.read(
        "gold.order_events", ["order_id", "version", "event", "to_state", "unit_code", "occurred_at"]
    )
    if events.is_empty():
        raise NothingToDoError("orders_daily: nobody has done anything yet")
    rows = orders_daily(events)
    context.lake.upsert(TABLE, rows, keep=UNCHANGED)
    return {"days": rows["day"].n_unique(), "units": rows["unit_code"].n_unique(), "rows": rows.height}
