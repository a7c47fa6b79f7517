"""`python -m bench.express [--seconds 120] [--rate 200] [--alone]`: how soon an urgent report has its order and notice.

Kafka, PostgreSQL and Spark of a state folder of its own; simulated reports are sent at a steady rate while `express`
runs as a service, beside `land`, `clean`, `link` and `decide` unless --alone. Printed: seconds from Kafka's append to
the notice, of the notices that the express lane made, and how many the way through the lake confirmed.
"""

import argparse
import sys
import time

import polars as pl
import sqlalchemy as sa

from bench.freshness import SERVICES, asked, load_now, messages_for, send_steadily, services, stack
from jobs.io.store import engine
from jobs.settings import Settings
from schemas.tables import NOTICES, ORDERS

PORT_BASE = 24_500
WARM_UP_SECONDS = 30.0
PATIENCE_SECONDS = 60.0  # after the last message, for the lake to confirm
BAR_SECONDS = 2.0


def main() -> int:
    words = asked(__doc__, rate=200)
    words.add_argument("--alone", action="store_true", help="without the way through the lake")
    told = words.parse_args()
    with stack(PORT_BASE) as settings:
        _measure(settings, told)
    return 0


def _measure(settings: Settings, told: argparse.Namespace) -> None:
    """Warm up, send, wait, print."""
    warm_up = int(told.rate * WARM_UP_SECONDS)
    messages = messages_for(settings, warm_up + told.rate * told.seconds)
    with services(settings, ("express",) if told.alone else ("express", *SERVICES)):
        send_steadily(messages[:warm_up], settings, told.rate)
        begun = time.time()
        sent = send_steadily(messages[warm_up : warm_up + told.rate * told.seconds], settings, told.rate)
        print(f"sent {len(sent):,} messages in {time.time() - begun:.0f} s, load {load_now()}")
        time.sleep(5.0 if told.alone else PATIENCE_SECONDS)
    _tell(settings, begun)


def _tell(settings: Settings, begun: float) -> None:
    with engine(settings).connect() as store:
        names = ("landed_at", "noticed_at", "confirmed_at", "order_id")
        rows = store.execute(sa.select(*(NOTICES.c[name] for name in names))).fetchall()
        orders = set(store.scalars(sa.select(ORDERS.c.order_id)))
    told = pl.DataFrame(rows, schema=list(names), orient="row", infer_schema_length=None).filter(
        pl.col("landed_at").dt.epoch("ms") >= int(begun * 1000)
    )
    by_lane = told.filter(pl.col("confirmed_at").is_null() | (pl.col("noticed_at") < pl.col("confirmed_at")))
    delays = by_lane.select((pl.col("noticed_at") - pl.col("landed_at")).dt.total_milliseconds() / 1000).to_series()
    half, most, last = (delays.quantile(share) or 0.0 for share in (0.5, 0.95, 1.0))
    soon = float((delays <= BAR_SECONDS).mean() or 0.0)  # type: ignore[arg-type]  # a share
    print(
        f"{told.height:,} notices, {by_lane.height:,} by the express lane: median {half:.2f} s, 95 % within "
        f"{most:.2f} s, slowest {last:.2f} s; {soon:.1%} within {BAR_SECONDS:.0f} s"
    )
    print(f"orders of notices that exist: {told['order_id'].is_in(list(orders)).mean():.1%}")
    confirmed = 1 - told["confirmed_at"].null_count() / max(told.height, 1)
    print(f"confirmed through the lake: {confirmed:.1%}; load {load_now()}")


if __name__ == "__main__":
    sys.exit(main())
