"""What `clean` does in Spark's Python workers; they import this module and nothing else of the job."""

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


def judged_rows(batches: Iterator[pa.RecordBatch], keys: CallerKeys, rules: Path) -> Iterator[pa.RecordBatch]:
    """Messages to judged items. Borders of the batches are arbitrary: each row is judged alone."""
    county, schema = load_county(rules), judged_schema()
    for batch in batches:
        judged = clean(pl.DataFrame(pl.from_arrow(batch)), keys, county)
        table = forms.plain(judged.select(schema.names)).to_arrow(compat_level=pl.CompatLevel.oldest())
        yield from table.cast(schema).to_batches()


@cache
def judged_schema() -> pa.Schema:
    """As a report, but anything may be missing from what broke its contract."""
    report = [pa.field(field.name, field.type) for field in forms.arrow_schema(Report)]
    return pa.schema([*report, pa.field("reasons", pa.list_(pa.string())), pa.field("detail", pa.string())])
