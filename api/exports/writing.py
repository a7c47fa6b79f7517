"""Rows as a file that is sent while it is read: a few thousand rows are in memory, however many there are."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]
ROWS_A_PART = 2_000
ROWS_A_GROUP = 20_000
BOM = "\ufeff"  # by which spreadsheet programs know UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Row], names: list[str], bom: bool) -> Iterator[bytes]:
    """CSV with a line of names, UTF-8. Lists are joined by `;`. What a spreadsheet would take for a formula begins
    with an apostrophe.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    target.write(BOM if bom else "")
    writer.writerow(names)
    for part in _parts(rows, ROWS_A_PART):
        writer.writerows([_cell(row[name]) for name in names] for row in part)
        yield _taken(target)
    yield _taken(target)


def as_parquet(rows: Iterable[Row], schema: pa.Schema) -> Iterator[bytes]:
    """Parquet, zstd, a row group every ROWS_A_GROUP rows."""
    target = _Sent()
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for part in _parts(rows, ROWS_A_GROUP):
            writer.write_batch(pa.RecordBatch.from_pylist(part, schema))
            yield target.taken()
    yield target.taken()


class _Sent(io.RawIOBase):
    """A file that only grows; what was taken is forgotten."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._length

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._length += len(part)
        return len(part)

    def taken(self) -> bytes:
        found, self._parts = b"".join(self._parts), []
        return found


def _parts(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    left = iter(rows)
    return iter(lambda: list(islice(left, size)), [])


def _taken(target: io.StringIO) -> bytes:
    found = target.getvalue().encode()
    target.seek(0)
    target.truncate()
    return found


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        value = ";".join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
