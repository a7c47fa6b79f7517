"""The lake's tables, read and written by `deltalake`; `bronze.raw` alone is written by Spark (ADR 15).

Every write may be repeated: it inserts what is missing, or brings rows up to date by key. The caller holds the
tables' locks (`jobs.io.locks`), so nobody else writes between the look and the write.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from uuid import uuid4

import dataframely as dy
import polars as pl
import pyarrow as pa
from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Schema,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.table import TableMerger
from pyspark.sql import SparkSession

from jobs.context import DataError, NoSpaceError
from jobs.io.locks import alone
from jobs.io.spark import close_session, open_session
from jobs.settings import LakeAddress, Settings
from jobs.transforms.revisions import newest
from schemas import forms
from schemas.lake import TABLES, Table

APPENDED = ("bronze", "silver", "ops")  # zones whose tables only gain rows
UNIQUE = ("raw_id", "content_hash", "report_id", "source_id", "text")  # a dictionary of them saves nothing
WRITER = WriterProperties(
    compression="SNAPPY", column_properties={name: ColumnProperties(dictionary_enabled=False) for name in UNIQUE}
)


def read_table(
    lake_uri: str, name: str, columns: Sequence[str] | None = None, where: pl.Expr | None = None
) -> pl.DataFrame:
    """Rows of a table as its record types them; an empty frame where nobody has written it yet.

    A column that may be null, and that the record gained after the table was made, is null in every row.
    where: sees codes as plain strings. Files and partitions that cannot match are not opened.
    """
    empty = TABLES[name].record.create_empty()
    wanted = empty.select(columns or empty.columns)
    version = open_table(lake_uri, name)
    if version is None:
        return wanted
    lacking = [pl.lit(None, _stored(empty.schema[column])).alias(column) for column in lacking_columns(version, name)]
    found = pl.scan_delta(version).with_columns(lacking)
    if where is not None:
        found = found.filter(where)
    return found.select(pl.col(column).cast(kind) for column, kind in wanted.schema.items()).collect()


def open_table(lake_uri: str, name: str) -> DeltaTable | None:
    """The newest version of a table; None where nobody has written it yet."""
    try:
        return DeltaTable(**_without_spark(lake_uri, name))
    except TableNotFoundError:
        return None


def lacking_columns(version: DeltaTable, name: str) -> list[str]:
    """Columns of the table's record that the table was made without. DataError where one of them may not be null."""
    stored = {field.name for field in version.schema().fields}
    lacking = {column: kind for column, kind in TABLES[name].record.columns().items() if column not in stored}
    if needed := [column for column, kind in lacking.items() if not kind.nullable]:
        raise DataError(f"{name}: its rows have no {', '.join(needed)}; only columns that may be null can be added")
    return list(lacking)


def _properties(table: Table) -> dict[str, str]:
    """Files are passed over by moments and numbers: of ids and texts, least and greatest say nothing."""
    skipping = [
        name for name, kind in table.record.create_empty().schema.items() if kind.is_temporal() or kind.is_numeric()
    ]
    return {"delta.enableDeletionVectors": "false", "delta.dataSkippingStatsColumns": ",".join(skipping)}


def _without_spark(lake_uri: str, name: str) -> dict[str, Any]:
    address = lake_uri if isinstance(lake_uri, LakeAddress) else LakeAddress(lake_uri)
    return address.table(name)


@dataclass(frozen=True)
class Step:
    """One of the numbered steps of some work, such as the batches of a stream."""

    of: str
    number: int


class Lake:
    """One job's way to the lake. A Spark session is opened only for who asks for it; close() gives it back."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.uri = settings.lake_uri
        self.session_id = str(uuid4())

    @cached_property
    def spark(self) -> SparkSession:
        self._claim()
        return open_session(self.settings.spark, self.session_id)

    def close(self) -> None:
        """End whatever still runs in the session, if one was opened."""
        if "spark" in self.__dict__:
            close_session(self.spark)

    def read(self, name: str, columns: Sequence[str] | None = None, where: pl.Expr | None = None) -> pl.DataFrame:
        """As `read_table`."""
        return read_table(self.uri, name, columns, where)

    def current_reports(self, where: pl.Expr | None = None) -> pl.DataFrame:
        """The newest revision of each report, of the rows that match."""
        return newest(self.read("silver.reports", where=where))

    def append_new(self, name: str, rows: pl.DataFrame, step: Step | None = None) -> int:
        """Insert the rows whose key is not in the table, and say how many. Running twice equals running once."""
        table = TABLES[name]
        rows = sound(table, rows)
        if rows.is_empty():
            return 0
        present = self.read(name, table.key, _same_partitions(table, rows))
        missing = rows.join(present, on=table.key, how="anti")
        return self.append(name, forms.to_arrow(missing, table.record), step)

    def append(self, name: str, rows: pa.Table, step: Step | None = None) -> int:
        """Insert rows that are known to be new and to keep their contract, and say how many.

        step: whose they are; the table remembers it with them, in one commit.
        """
        if rows.num_rows:
            rows = rows.select(TABLES[name].record.column_names())
            steps = CommitProperties(app_transactions=[Transaction(step.of, step.number)]) if step else None
            with _written(name):
                write_deltalake(
                    self._version(name), rows, mode="append", writer_properties=WRITER, commit_properties=steps
                )
        return rows.num_rows

    def has_taken(self, name: str, step: Step) -> bool:
        """Whether the table holds the rows that this step, or a later one of the same work, appended."""
        version = open_table(self.uri, name)
        last = version.transaction_version(step.of) if version else None
        return last is not None and last >= step.number

    def upsert(self, name: str, rows: pl.DataFrame, keep: str | None = None) -> None:
        """Bring rows up to date by the record's key, insert new ones.

        keep: an SQL condition over `old` and `new`; the present row stays where it is true.
        """
        table = TABLES[name]
        rows = sound(table, rows)
        where = [*table.key, *([table.partition] if table.partition else [])]
        present = self.read(name, where).join(rows, on=table.key, how="semi")
        if present.is_empty():
            self.append(name, forms.to_arrow(rows, table.record))  # much quicker than a merge
            return
        merge = self._merge(table, forms.to_arrow(rows, table.record), present)
        unless = f"NOT coalesce({keep}, false)" if keep else None
        with _written(name):
            merge.when_matched_update_all(predicate=unless).when_not_matched_insert_all().execute()

    def replace(self, name: str, rows: pl.DataFrame, where: str) -> None:
        """Put these rows in the place of all that match the SQL predicate; the rows themselves must match it."""
        table = TABLES[name]
        sent = forms.to_arrow(sound(table, rows), table.record)
        with _written(name):
            write_deltalake(self._version(name), sent, mode="overwrite", predicate=where, writer_properties=WRITER)

    def remove(self, name: str, keys: pl.DataFrame) -> None:
        """Delete the rows with these keys."""
        table = TABLES[name]
        if keys.is_empty() or open_table(self.uri, name) is None:
            return
        sent = keys.select(table.key).to_arrow(compat_level=pl.CompatLevel.oldest())
        with _written(name):
            self._merge(table, sent).when_matched_delete().execute()

    def tidy(self, name: str) -> None:
        """Compact small files, and drop those that nobody has read for seven days."""
        version = self._version(name)
        version.optimize.compact(writer_properties=WRITER)
        version.vacuum(dry_run=False)

    def ensure(self, name: str) -> None:
        """Make the table where it is not there yet, and give it the columns that its record has gained since.

        Of two that make a table at once, the second would describe it anew: so they take turns.
        """
        table = TABLES[name]
        if (version := open_table(self.uri, name)) is not None and not lacking_columns(version, name):
            return
        self._claim()
        with alone(self.settings.state_dir / "locks", name):
            if (version := open_table(self.uri, name)) is not None:
                _widen(table, version, lacking_columns(version, name))
            else:
                self._make(table)

    def _make(self, table: Table) -> None:
        schema = Schema.from_arrow(forms.arrow_schema(table.record))
        DeltaTable.create(
            **_without_spark(self.uri, table.name), schema=schema, mode="ignore",
            partition_by=table.partition, configuration=_properties(table),
        )  # fmt: skip

    def _version(self, name: str) -> DeltaTable:
        """The newest version of a table that is about to be written; made where nobody has written it yet."""
        self._claim()
        self.ensure(name)
        version = open_table(self.uri, name)
        assert version is not None
        return version

    def _merge(self, table: Table, rows: pa.Table, present: pl.DataFrame | None = None) -> TableMerger:
        """A merge by key. present: the rows that it will touch; other partitions than theirs are not opened."""
        matched = " AND ".join(f"old.{column} = new.{column}" for column in table.key)
        if present is not None and table.partition:
            days = ", ".join(f"DATE '{day}'" for day in present[table.partition].unique().sort())
            matched += f" AND old.{table.partition} IN ({days})"
        return self._version(table.name).merge(
            rows, matched, source_alias="new", target_alias="old", writer_properties=WRITER
        )

    def _claim(self) -> None:
        """A lake on S3 is written from one state folder only."""
        if self.settings.is_lake_on_s3:
            _claimed(self.settings)


@contextmanager
def _written(name: str) -> Iterator[None]:
    """A full disk told as such: deltalake speaks of parquet that it cannot parse."""
    try:
        yield
    except (DeltaError, OSError) as error:
        if "No space left" not in str(error):
            raise
        raise NoSpaceError(
            f"{name}: no space left where the lake lies; the table is as it was. Make room, then run it again"
        ) from error


@cache
def _claimed(settings: Settings) -> None:
    from jobs.io.lake_owner import claim  # its clients take a second to import

    claim(settings)


def _widen(table: Table, version: DeltaTable, columns: Sequence[str]) -> None:
    """Add columns that may be null; a change of the table's description alone, no file is written again."""
    if columns:
        described = Schema.from_arrow(forms.arrow_schema(table.record))
        version.alter.add_columns([field for field in described.fields if field.name in columns])


def sound(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as the table's record wants them. Raises DataError where they break its rules."""
    try:
        return table.record.validate(rows, cast=True)
    except (dy.exc.ValidationError, dy.exc.SchemaError) as error:
        raise DataError(f"{table.name}: rows break the contract of {table.record.__name__}: {error}") from error


def _stored(kind: pl.DataType) -> pl.DataType:
    """The type a column has in the lake: codes are plain strings there."""
    return forms.plain(pl.DataFrame(schema={"column": kind})).schema["column"]


def _same_partitions(table: Table, rows: pl.DataFrame) -> pl.Expr | None:
    """Rows with the same key lie in the same partition in bronze and silver: no need to look elsewhere."""
    if table.partition is None or not table.name.startswith(APPENDED):
        return None
    return pl.col(table.partition).is_in(rows[table.partition].unique().to_list())
