"""`python -m bench.express [--seconds 120] [--rate 200] [--alone]`: how soon an urgent report has its order and notice.

Kafka, PostgreSQL and Spark of a state folder of its own; simulated reports are sent at a steady rate while `express`
runs as a service, beside `land`, `clean`, `link` and `decide` unless --alone. Printed: seconds from Kafka's append to
the notice, of the notices that the express lane made, and how many the way through the lake confirmed.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from bench.freshness import SERVICES, send_steadily, services
from infra.stack import lifecycle
from jobs.io.model_files import classifier_folder, train_and_save
from jobs.io.store import engine
from jobs.settings import Settings
from jobs.simulate.corpus import corpus
from jobs.simulate.day import simulated
from schemas.areas import load_county
from schemas.feeds import FEEDS
from schemas.tables import NOTICES, ORDERS

SERVERS = ("kafka", "postgres", "spark", "api")
PORT_BASE = 24_500
WARM_UP_SECONDS = 30.0
PATIENCE_SECONDS = 60.0  # after the last message, for the lake to confirm
BAR_SECONDS = 2.0


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seconds", type=int, default=120)
    asked.add_argument("--rate", type=int, default=200, help="messages a second")
    asked.add_argument("--alone", action="store_true", help="without the way through the lake")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="express-") as folder:
        settings = Settings(
            state_dir=Path(folder), port_base=PORT_BASE, lake="", kafka_bootstrap="", spark_remote="", database_url=""
        )
        try:
            lifecycle.up(settings, SERVERS, print)
            _measure(settings, told)
        finally:
            lifecycle.down(settings, SERVERS, print)
    return 0


def _measure(settings: Settings, told: argparse.Namespace) -> None:
    """Warm up, send, wait, print."""
    county = load_county(settings.rules_dir)
    texts = corpus(9, 4_000, county, side="train")
    train_and_save(texts["text"], texts["label"], classifier_folder(settings.state_dir), "the simulator's texts")
    warm_up = int(told.rate * WARM_UP_SECONDS)
    day = simulated(date(2026, 11, 10), 9, warm_up + told.rate * told.seconds, county)
    messages = [message for message in day.messages if message.feed in FEEDS]
    with services(settings, ("express",) if told.alone else ("express", *SERVICES)):
        send_steadily(messages[:warm_up], settings, told.rate)
        begun = time.time()
        sent = send_steadily(messages[warm_up : warm_up + told.rate * told.seconds], settings, told.rate)
        print(f"sent {len(sent):,} messages in {time.time() - begun:.0f} s, load {_load()}")
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
    print(
        f"confirmed through the lake: {1 - told['confirmed_at'].null_count() / max(told.height, 1):.1%}; load {_load()}"
    )


def _load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


if __name__ == "__main__":
    sys.exit(main())
