"""CSV files as people and offices make them: gzip or plain, UTF-8 with or without mark, UTF-16 with mark, GB18030."""

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from jobs.context import DataError

GZIP = b"\x1f\x8b"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_csv(path: Path, required: Sequence[str], with_others: bool = False) -> pl.DataFrame:
    """The rows with the required columns, in that order, all as strings; an empty cell is an empty string.

    with_others: all columns of the file, as they stand there.

    Raises DataError, naming file and cause, where it cannot be read or lacks a column.
    """
    text = _decoded(path, _bytes(path))
    if not text.strip():
        raise DataError(f"{path}: the file is empty; a header with the columns {', '.join(required)} is needed")
    try:
        rows = pl.read_csv(io.BytesIO(text.encode()), infer_schema=False).with_columns(pl.all().fill_null(""))
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{path}: not a sound CSV file: {error}") from error
    rows = rows.rename({name: name.strip() for name in rows.columns})
    missing = [name for name in required if name not in rows.columns]
    if missing:
        has = ", ".join(rows.columns)
        raise DataError(f"{path}: no column {', '.join(missing)}; it has {has}. Rename the columns in the file")
    return rows if with_others else rows.select(required)


def write_csv(rows: pl.DataFrame, path: Path) -> None:
    """UTF-8; gzip when the name ends in .gz. Raises DataError where the place cannot be written."""
    content = rows.write_csv().encode()
    try:
        path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from error


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise DataError(f"{path}: the gzip file is cut off or damaged") from error


def _decoded(path: Path, content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(UTF16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(f"{path}: neither UTF-8, UTF-16 nor GB18030; save it as UTF-8")
