"""What callers said of themselves is in the messages (Kafka, bronze) and nowhere else that a run writes.

Runs after `test_one_call`, which counts what the whole lake holds.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import polars as pl
import pytest
from sqlalchemy import create_engine, inspect, text

from infra.keys import demo_keys
from jobs.context import Context, NothingToDoError
from jobs.io.kafka import Outgoing, create_topics, send
from jobs.run import run_job
from jobs.settings import Settings
from jobs.simulate.planted import planted
from schemas.feeds import FEEDS
from tests.whole.test_one_call import PIPELINE

pytestmark = pytest.mark.stack
FEED = FEEDS["12345"]
NUMBERS = ("phone", "identity_number", "plate", "bank_card")
JOBS = (*PIPELINE, "watch_feeds", "quality", "warn_hour")
TOLD = [said for said in planted("test", 77, 120) if any(span.kind in NUMBERS for span in said.spans)]
CALLER = "13900007731"
SEARCHED_LEAST = 150  # files that a run writes beside the raw messages


def message(number: int, words: str, **changes: str) -> dict[str, object]:
    """A call as the contract wants it; changes break it."""
    found = json.loads(FEED.samples[0].payload.replace(b"\t", b" ").replace(b"\n\xe8", b" \xe8"), strict=False)
    found["order"] |= {"code": f"PRIVATE-{number}", "content": words, **changes}
    found["caller"]["phone"] = CALLER
    return found


def broken() -> Iterator[bytes]:
    """The same data where a message breaks its contract: in fields, in what cannot be read, under a forbidden name."""
    whole = json.dumps(message(900, f"请回电{CALLER}"), ensure_ascii=False).encode()
    yield whole[:-9]
    yield b"<Notify>" + whole
    for number, name in enumerate(("createTime", "type", "revision", "updateTime", "category", "code"), 901):
        yield json.dumps(message(number, f"请回电{CALLER}", **{name: CALLER}), ensure_ascii=False).encode()
    yield json.dumps(message(990, "有人") | {"idCard": CALLER, "location": {"lat": CALLER, "lng": CALLER}}).encode()
    yield json.dumps(message(991, "有人") | {CALLER: "a name of a field"}).encode()


@pytest.fixture(scope="module")
def needles(settings: Settings) -> list[str]:
    """Sent through the whole pipeline and said to the API: each as it was written, and as plain figures."""
    sound = [json.dumps(message(number, said.text), ensure_ascii=False).encode() for number, said in enumerate(TOLD)]
    create_topics(settings.kafka, [FEED.topic])
    send(settings.kafka, [Outgoing(FEED.topic, payload, key="k") for payload in (*sound, *broken())])
    for job in JOBS:
        try:
            run_job(job, Context(settings, datetime.now(UTC)))
        except NothingToDoError:
            continue
    with httpx.Client(base_url=settings.api_url, headers=_key(settings)) as http:
        for path in (f"/v1/orders?state={CALLER}", f"/v1/incidents/{CALLER}", f"/v1/orders/{CALLER}"):
            assert http.get(path).is_error
        assert http.post("/v1/orders/none/events", json={"event": CALLER}).is_error
        assert http.post("/intake/12345", content=f"{{{CALLER}".encode()).is_error
    values = [span.value for said in TOLD for span in said.spans if span.kind in NUMBERS]
    return sorted({CALLER, *values, *filter(_is_long, map(_plain, values))})


def test_no_file_beside_the_raw_messages_holds_what_callers_said_of_themselves(settings: Settings, needles: list[str]):
    looked = re.compile("|".join(map(re.escape, needles)))
    files = list(_written(settings))
    assert len(files) > SEARCHED_LEAST
    assert {str(path): looked.findall(words) for path, words in files if looked.search(words)} == {}


def test_no_row_of_the_store_does(settings: Settings, needles: list[str]):
    looked = re.compile("|".join(map(re.escape, needles)))
    rows = list(_stored(settings))
    assert len(rows) > len(TOLD)
    assert [(name, row) for name, row in rows if looked.search(row)] == []


def test_the_search_would_find_them(settings: Settings, needles: list[str]):
    """In bronze they are, byte for byte."""
    everywhere = "".join(_words(path) for path in Path(settings.lake_uri, "bronze/raw").rglob("*.parquet"))
    assert CALLER in everywhere
    assert sum(value in everywhere for value in needles) > len(TOLD)


def _key(settings: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {demo_keys(settings, [])['dispatcher']}"}


def _written(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Every file of the state folder with its words, but for the broker's log, bronze and the store's own files."""
    raw = [Path(settings.lake_uri, "bronze"), *(settings.state_dir / name for name in ("kafka", "postgres"))]
    for path in sorted(settings.state_dir.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(folder) for folder in raw):
            yield path.relative_to(settings.state_dir), _words(path)


def _words(path: Path) -> str:
    if path.suffix != ".parquet":
        return path.read_bytes().decode(errors="ignore")
    return "\n".join(str(_decoded(value)) for row in pl.read_parquet(path).iter_rows() for value in row)


def _decoded(value: object) -> object:
    return value.decode(errors="ignore") if isinstance(value, bytes) else value


def _stored(settings: Settings) -> Iterator[tuple[str, str]]:
    engine = create_engine(settings.store_url)
    with engine.connect() as store:
        for name in inspect(store).get_table_names():
            for row in store.execute(text(f'SELECT whole::text FROM "{name}" AS whole')):
                yield name, row[0]
    engine.dispose()


def _plain(value: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", value))


def _is_long(value: str) -> bool:
    return len(value) >= 11
