"""The lake's tables: read without a JVM by `deltalake`, written through the one Spark driver.

Every write may be repeated: it inserts what is missing, or brings rows up to date by key. The caller holds the
tables' locks (`jobs.io.locks`), so nobody else writes between the look and the write.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeAlias
from uuid import uuid4

import dataframely as dy
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import TableNotFoundError
from pyspark.sql import DataFrame as SparkFrame
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.context import DataError
from jobs.io.locks import alone
from jobs.io.spark import close_session, open_session
from jobs.settings import LakeAddress, Settings, path_of
from jobs.transforms.revisions import newest
from schemas import forms
from schemas.lake import TABLES, Table

Rows: TypeAlias = pl.DataFrame | SparkFrame
APPENDED = ("bronze", "silver", "ops")  # zones whose tables only gain rows


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


class Lake:
    """One job's way to the lake. The Spark session is opened with the first write; close() gives it back."""

    def __init__(self, settings: Settings, spark: SparkSession | None = None) -> None:
        self.settings = settings
        self.uri = settings.lake_uri
        self.session_id = str(uuid4())
        self._remote = settings.spark
        self._given = spark

    @cached_property
    def spark(self) -> SparkSession:
        if self._given:
            return self._given
        if self.settings.is_lake_on_s3:
            from jobs.io.lake_owner import claim  # its clients take Spark's Python workers a second to import

            claim(self.settings)
        return open_session(self._remote, self.session_id)

    def close(self) -> None:
        """End whatever still runs in the session, if one was opened."""
        if "spark" in self.__dict__ and self._given is None:
            close_session(self.spark)

    def read(self, name: str, columns: Sequence[str] | None = None, where: pl.Expr | None = None) -> pl.DataFrame:
        """As `read_table`."""
        return read_table(self.uri, name, columns, where)

    def current_reports(self, where: pl.Expr | None = None) -> pl.DataFrame:
        """The newest revision of each report, of the rows that match."""
        return newest(self.read("silver.reports", where=where))

    def table(self, name: str) -> SparkFrame:
        """The table as a Spark frame; made empty where nobody has written it yet."""
        self.ensure(name)
        return self.spark.read.format("delta").load(path_of(self.uri, name))

    def append_new(self, name: str, rows: Rows) -> int:
        """Insert the rows whose key is not in the table, and say how many. Running twice equals running once."""
        table = TABLES[name]
        if isinstance(rows, pl.DataFrame):
            return self._append_frame(table, sound(table, rows))
        missing = rows.join(self.table(name).select(table.key), table.key, "left_anti")
        return self.append(name, missing)

    def append(self, name: str, rows: SparkFrame) -> int:
        """Insert rows that are known to be new, and say how many."""
        self.ensure(name)
        rows.select(TABLES[name].record.column_names()).write.format("delta").mode("append").save(
            path_of(self.uri, name)
        )
        version = open_table(self.uri, name)
        assert version is not None
        return int(version.history(1)[0]["operationMetrics"].get("numOutputRows", 0))

    def upsert(self, name: str, rows: Rows, keep: str | None = None) -> None:
        """Bring rows up to date by the record's key, insert new ones.

        keep: an SQL condition over `old` and `new`; the present row stays where it is true.
        """
        table = TABLES[name]
        if isinstance(rows, pl.DataFrame):
            rows = sound(table, rows)
            if rows.is_empty() or self._all_new(table, rows):
                self._append_frame(table, rows)  # much quicker than a MERGE
                return
            rows = self._sent(table, rows)
        self.ensure(name)
        rows.createOrReplaceTempView("new_rows")
        matched = " AND ".join(f"old.{column} = new.{column}" for column in table.key)
        condition = f"AND NOT coalesce({keep}, false)" if keep else ""
        self.spark.sql(
            f"MERGE INTO delta.`{path_of(self.uri, name)}` AS old USING new_rows AS new ON {matched} "
            f"WHEN MATCHED {condition} THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
        ).collect()

    def replace(self, name: str, rows: Rows, where: str) -> None:
        """Put these rows in the place of all that match the SQL predicate; the rows themselves must match it."""
        table = TABLES[name]
        if isinstance(rows, pl.DataFrame):
            rows = self._sent(table, sound(table, rows))
        self.ensure(name)
        writer = rows.write.format("delta").mode("overwrite").option("replaceWhere", where)
        writer.save(path_of(self.uri, name))

    def delete(self, name: str, where: str) -> int:
        """Delete the rows that match the SQL predicate, and say how many."""
        if open_table(self.uri, name) is None:
            return 0
        done = self.spark.sql(f"DELETE FROM delta.`{path_of(self.uri, name)}` WHERE {where}").collect()  # noqa: S608 - our own path and predicate
        return int(done[0][0])

    def remove(self, name: str, keys: pl.DataFrame) -> None:
        """Delete the rows with these keys."""
        if keys.is_empty() or open_table(self.uri, name) is None:
            return
        key = TABLES[name].key
        self.spark.createDataFrame(
            keys.select(key).to_arrow(compat_level=pl.CompatLevel.oldest())
        ).createOrReplaceTempView("gone")
        matched = " AND ".join(f"old.{column} = gone.{column}" for column in key)
        self.spark.sql(
            f"MERGE INTO delta.`{path_of(self.uri, name)}` AS old USING gone ON {matched} WHEN MATCHED THEN DELETE"
        ).collect()

    def ensure(self, name: str) -> None:
        """Make the table where it is not there yet, and give it the columns that its record has gained since.

        Spark would take seconds to make it. The rule that only Spark writes a table holds from its first row on. Of
        two that make a table at once, `deltalake` lets the second describe it anew: so they take turns.
        """
        table = TABLES[name]
        if (version := open_table(self.uri, name)) is not None and not lacking_columns(version, name):
            return
        with alone(self.settings.state_dir / "locks", name):
            if (version := open_table(self.uri, name)) is not None:
                self._widen(table, lacking_columns(version, name))
            else:
                self._make(table)

    def _make(self, table: Table) -> None:
        schema = Schema.from_arrow(forms.arrow_schema(table.record))
        DeltaTable.create(
            **_without_spark(self.uri, table.name), schema=schema, mode="ignore",
            partition_by=table.partition, configuration=_properties(table),
        )  # fmt: skip

    def _widen(self, table: Table, columns: Sequence[str]) -> None:
        """Add columns that may be null; a change of the table's description alone, no file is written again."""
        if columns:
            kinds = from_arrow_schema(pa.schema([forms.arrow_schema(table.record).field(name) for name in columns]))
            added = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in kinds.fields)
            self.spark.sql(f"ALTER TABLE delta.`{path_of(self.uri, table.name)}` ADD COLUMNS ({added})").collect()

    def _all_new(self, table: Table, rows: pl.DataFrame) -> bool:
        return rows.join(self.read(table.name, table.key), on=table.key, how="semi").is_empty()

    def _append_frame(self, table: Table, rows: pl.DataFrame) -> int:
        """As append_new, the look-up done without Spark: several times quicker for small frames."""
        if rows.is_empty():
            return 0
        present = self.read(table.name, table.key, _same_partitions(table, rows))
        missing = rows.join(present, on=table.key, how="anti")
        if missing.height:
            self.append(table.name, self._sent(table, missing))
        return missing.height

    def _sent(self, table: Table, rows: pl.DataFrame) -> SparkFrame:
        return self.spark.createDataFrame(
            forms.to_arrow(rows, table.record), schema=from_arrow_schema(forms.arrow_schema(table.record))
        )


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
