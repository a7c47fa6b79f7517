"""What `clean` does in Spark's Python workers; they import this module and nothing else of the job."""

import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl
import pyarrow as pa

from jobs.transforms.caller_tokens import CallerKeys
from jobs.transforms.cleaning import clean
from schemas import forms
from schemas.areas import load_county
from schemas.records import Report

PACKED = pa.schema([pa.field("packed", pa.binary())])
RARELY = (50_000, 20, 100)  # a batch is a great many objects and no cycle: looked through by default, a tenth is lost
MOST_BYTES = 2_000_000  # of a pack: Connect sends results in messages of a few megabytes


def judged_rows(batches: Iterator[pa.RecordBatch], keys: CallerKeys, rules: Path) -> Iterator[pa.RecordBatch]:
    """Messages to judged items, packed. Borders of the batches are arbitrary: each row is judged alone."""
    gc.set_threshold(*RARELY)
    county, schema = load_county(rules), judged_schema()
    for batch in batches:
        judged = clean(pl.DataFrame(pl.from_arrow(batch)), keys, county)
        table = forms.plain(judged.select(schema.names)).to_arrow(compat_level=pl.CompatLevel.oldest())
        for whole in table.cast(schema).combine_chunks().to_batches():
            yield from map(_packed, _parts(whole))


def unpacked(packs: pa.Table) -> pa.Table:
    """The judged items of packs, in the columns of `judged_schema`."""
    tables = [pa.ipc.open_stream(pack.as_buffer()).read_all() for pack in packs["packed"]]
    return pa.concat_tables([judged_schema().empty_table(), *tables])


def _packed(items: pa.RecordBatch) -> pa.RecordBatch:
    """Many rows as one value: Spark would take every cell out of Arrow and put it into Arrow again, twice."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, items.schema) as stream:
        stream.write_batch(items)
    return pa.record_batch([pa.array([sink.getvalue().to_pybytes()], pa.binary())], schema=PACKED)


def _parts(items: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Halves of halves, until a part fits into a message or is one row."""
    if items.nbytes <= MOST_BYTES or items.num_rows <= 1:
        yield items
        return
    half = items.num_rows // 2
    yield from _parts(items.slice(0, half))
    yield from _parts(items.slice(half))


@cache
def judged_schema() -> pa.Schema:
    """As a report, but anything may be missing from what broke its contract."""
    report = [pa.field(field.name, field.type) for field in forms.arrow_schema(Report)]
    return pa.schema([*report, pa.field("reasons", pa.list_(pa.string())), pa.field("detail", pa.string())])
