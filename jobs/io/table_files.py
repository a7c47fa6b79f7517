"""A table file by file: what a version holds that an earlier one did not, in pieces that fit into memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from jobs.io.lake import open_table

CHUNK = 300_000  # rows in memory at once
TOLERANT = pl.ScanCastOptions(
    integer_cast="upcast", float_cast="upcast", datetime_cast=["nanosecond-downcast", "convert-timezone"]
)  # as Polars' own reader of Delta: Spark writes instants in nanoseconds without a zone


@dataclass(frozen=True)
class Files:
    """Some files of one version of a table. sizes: path -> rows; columns: as they are stored."""

    version: int
    columns: tuple[str, ...]
    sizes: dict[str, int]
    schema: pl.Schema
    partitions: tuple[str, ...]
    storage_options: dict[str, str] | None

    @property
    def rows(self) -> int:
        return sum(self.sizes.values())

    def scan(self, paths: list[str] | None = None) -> pl.LazyFrame:
        """Rows of these files, or of some; codes as plain strings. Columns that older files lack are null."""
        cut = {name: kind for name, kind in self.schema.items() if name in self.partitions}
        if not (wanted := list(self.sizes) if paths is None else paths):
            return pl.LazyFrame(schema=self.schema)
        return pl.scan_parquet(
            wanted,
            schema={name: kind for name, kind in self.schema.items() if name not in cut},
            hive_schema=cut or None, hive_partitioning=bool(cut), cast_options=TOLERANT,
            missing_columns="insert", extra_columns="ignore", storage_options=self.storage_options,
        ).select(self.columns)  # fmt: skip

    def chunks(self) -> Iterator[pl.LazyFrame]:
        """The rows in pieces of at most CHUNK; small files together."""
        group: list[str] = []
        held = 0
        for path, size in self.sizes.items():
            if size > CHUNK:
                yield from (self.scan([path]).slice(start, CHUNK) for start in range(0, size, CHUNK))
                continue
            if group and held + size > CHUNK:
                yield self.scan(group)
                group, held = [], 0
            group.append(path)
            held += size
        if group:
            yield self.scan(group)


def files_of(lake_uri: str, name: str, since: int | None = None) -> tuple[Files, Files] | None:
    """All files of the newest version, and those of them that version `since` did not have; None: no such table.

    Where the log no longer knows that version, all are new. Deletion vectors are off in our tables, so a file's rows
    are the table's rows.
    """
    table = open_table(lake_uri, name)
    if table is None:
        return None
    everything = _files(table, getattr(lake_uri, "options", None))
    known = _known(table, since)
    fresh = {path: size for path, size in everything.sizes.items() if path not in known}
    return everything, Files(**{**vars(everything), "sizes": fresh})


def _files(table: DeltaTable, storage_options: dict[str, str] | None) -> Files:
    added = pl.DataFrame(table.get_add_actions())
    counts = {_name(path): rows for path, rows in added.select("path", "num_records").iter_rows()}
    sizes = {uri: counts.get(_name(uri)) for uri in table.file_uris()}
    schema, partitions = pl.Schema(table.schema()), tuple(table.metadata().partition_columns)
    known = {uri: CHUNK if rows is None else rows for uri, rows in sizes.items()}  # a writer need not count
    return Files(table.version(), tuple(schema), known, schema, partitions, storage_options)


def _name(path: str) -> str:
    """The file's own name, which no other file of the table has."""
    return path.rsplit("/", 1)[-1]


def _known(table: DeltaTable, since: int | None) -> set[str]:
    if since is None:
        return set()
    if since == table.version():
        return set(table.file_uris())
    try:
        then = DeltaTable(table.table_uri, version=since, storage_options=table._storage_options)
        return set(then.file_uris())
    except DeltaError:  # the log of that version was cleaned up
        return set()
