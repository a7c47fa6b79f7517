"""The events that all contestants read: some thousand simulated messages, each told many times over as other reports.

An event is one message: a feed's payload in its own format, 5 % of them redeliveries and 1 % broken, as the simulator
makes them. Only the fault `too_large` is left out: a megabyte each, it would measure copying.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from jobs.simulate.day import simulated
from jobs.simulate.load import Message
from jobs.simulate.sending import headers
from schemas.areas import load_county

MODEL_DAY, SEED, MODEL_EVENTS = date(2026, 11, 10), 3, 12_000
DAYS = 4  # the reports are of so many days, in order
LARGEST = 65_536  # bytes
MARK, NUMBERS = f"{MODEL_DAY:%Y%m%d}-{SEED}-".encode(), (b"<SN>1103", b"<activePostCount>1103")
SCHEMA: dict[str, Any] = {
    "topic": pl.String,
    "feed": pl.String,
    "key": pl.Binary,
    "payload": pl.Binary,
    "headers": pl.List(pl.Struct({"key": pl.String, "value": pl.Binary})),
}


def made(folder: Path, events: int) -> Path:
    """The file of so many events, made where it is not there yet: one row a message, in order of arrival."""
    path = folder / f"events-{events}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        day = simulated(MODEL_DAY, SEED, MODEL_EVENTS, load_county())
        model = [message for message in day.messages if len(message.payload) <= LARGEST]
        parts = [_told_again(model, number, events) for number in range(-(-events // len(model)))]
        fresh = path.with_suffix(".new")
        pl.concat(parts).head(events).write_parquet(fresh, row_group_size=50_000)
        fresh.replace(path)
    return path


def _told_again(model: Sequence[Message], number: int, events: int) -> pl.DataFrame:
    """The model's messages as other reports: other ids, another day."""
    whole = max(events // len(model), 1)
    day = MODEL_DAY + timedelta(days=number * DAYS // whole)
    rows = list(_varied(model, number, day))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _varied(model: Sequence[Message], number: int, day: date) -> Iterator[tuple[object, ...]]:
    mark, written, before = f"{day:%Y%m%d}-{number}-".encode(), str(day).encode(), str(MODEL_DAY).encode()
    for message in model:
        payload = message.payload.replace(MARK, mark).replace(before, written)
        for element in NUMBERS:
            payload = payload.replace(element, element[:-4] + str(1000 + number).encode())
        told = [{"key": name, "value": value.replace(MARK, mark)} for name, value in headers(message)]
        yield message.topic, message.feed, message.key.encode().replace(MARK, mark), payload, told
