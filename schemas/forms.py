"""The same record in other type systems: Arrow, Pydantic, JSON Schema. A column is typed once, in `schemas.records`."""

import warnings
from functools import cache
from typing import Any

import dataframely as dy
import polars as pl
import pyarrow as pa
from pydantic import BaseModel


@cache
def arrow_schema(record: type[dy.Schema]) -> pa.Schema:
    """Arrow types of a record; codes travel as plain strings, which every reader of the lake knows."""
    columns = record.columns()
    found = plain(record.create_empty()).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return pa.schema([pa.field(field.name, _small(field.type), columns[field.name].nullable) for field in found])


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with codes as strings, as the lake and JSON carry them."""
    return frame.cast({name: _without_codes(kind) for name, kind in frame.schema.items()})


def to_arrow(frame: pl.DataFrame, record: type[dy.Schema]) -> pa.Table:
    """Rows of a record as Arrow, columns in the record's order. Raises where a column is missing or of another type."""
    schema = arrow_schema(record)
    return plain(frame.select(schema.names)).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)


def from_arrow(table: pa.Table | pa.RecordBatch, record: type[dy.Schema]) -> pl.DataFrame:
    """Rows of a record from Arrow, codes as enums again; unknown codes raise. Does not check the record's rules."""
    wanted = record.create_empty().schema
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.select(pl.col(name).cast(kind) for name, kind in wanted.items())


def model(record: type[dy.Schema]) -> type[BaseModel]:
    """Pydantic model of one row. Rules over several columns stay with the record itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return record.to_pydantic_model()


def json_schema(record: type[dy.Schema]) -> dict[str, Any]:
    """JSON Schema of one row, titled and described as the record is."""
    found = model(record).model_json_schema()
    found["title"] = record.__name__
    found["description"] = (record.__doc__ or "").strip()
    for name, column in record.columns().items():
        if column.description:
            found["properties"][name]["description"] = column.description
    return found


def _without_codes(kind: Any) -> Any:
    """A Polars type with text in place of codes, inside lists too."""
    if isinstance(kind, pl.Enum):
        return pl.String()
    if isinstance(kind, pl.List):
        return pl.List(_without_codes(kind.inner))
    return kind


def _small(kind: pa.DataType) -> pa.DataType:
    """Spark and Delta know strings, bytes and lists of one size only."""
    if pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_large_binary(kind):
        return pa.binary()
    if pa.types.is_large_list(kind):
        return pa.list_(_small(kind.value_type))
    return kind
