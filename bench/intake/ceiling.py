"""What the machine could do at most: the same bytes from one file, in whole columns, to Delta.

No Kafka, no landing of the bytes, no recovery, no account, nothing looked up or set aside with its reasons; callers
are hashed, not tokens of a secret; points stay as they are written. What an engine cannot read itself (GB18030, form,
CSV) is turned into text or JSON by Python first.
"""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qsl

import duckdb
import orjson
import polars as pl
from deltalake import write_deltalake

from bench.intake.layout import COLUMNS, PATHS, PATTERNS
from schemas.feeds import FEEDS
from schemas.feeds.contract import EPOCH_MS, Feed

Contestant = Callable[[pl.DataFrame, Feed], pl.DataFrame]
PIECE = 100_000  # messages at a time: bounds memory
WRITTEN = ("text", "place")


def with_polars(events: Path, table: Path) -> int:
    """How many reports were written."""
    return _through(events, table, _polars_reports)


def with_duckdb(events: Path, table: Path) -> int:
    """How many reports were written."""
    return _through(events, table, _duckdb_reports)


def _through(events: Path, table: Path, contestant: Contestant) -> int:
    height, written = pl.scan_parquet(events).select(pl.len()).collect().item(), 0
    for begin in range(0, height, PIECE):
        piece = pl.scan_parquet(events).slice(begin, PIECE).select("feed", "payload").collect()
        parts = [
            contestant(_texts(feed, piece.filter(pl.col("feed") == code)["payload"]), feed)
            for code, feed in FEEDS.items()
        ]
        reports = pl.concat([part for part in parts if part.height])
        write_deltalake(str(table), reports, mode="append", partition_by=["day"])
        written += reports.height
    return written


def _texts(feed: Feed, payloads: pl.Series) -> pl.DataFrame:
    """One text a record for CSV and form (as JSON), one a message for JSON and XML."""
    if feed.format == "form":
        texts = [_form(payload, feed) for payload in payloads]
    elif feed.format == "csv":
        rows = [list(csv.DictReader(io.StringIO(payload.decode(feed.encoding, "replace")))) for payload in payloads]
        texts = [orjson.dumps({k: v for k, v in row.items() if k}).decode() for found in rows for row in found]
    else:
        texts = [_decoded(payload) for payload in payloads]
    return pl.DataFrame({"words": texts}, schema={"words": pl.String})


def _form(payload: bytes, feed: Feed) -> str:
    return orjson.dumps(dict(parse_qsl(payload.decode("latin-1"), encoding=feed.encoding))).decode()


def _decoded(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("gb18030", "replace")


def _polars_reports(texts: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    fields = _from_xml(texts, feed) if feed.format == "xml" else _from_json(texts, feed)
    received = _moment("received_at", feed)
    found = fields.with_columns(
        pl.lit(feed.code).alias("feed"),
        pl.concat_str(pl.lit(feed.code), "source_id", ignore_nulls=True).hash().cast(pl.String).alias("report_id"),
        pl.concat_str(pl.all().cast(pl.String), ignore_nulls=True).hash().cast(pl.String).alias("content_hash"),
        pl.col("caller_phone").hash().cast(pl.String).alias("caller_token"),
        pl.col("kind").replace_strict(feed.kinds, default=feed.default_kind, return_dtype=pl.String),
        pl.col("category").replace_strict(feed.categories, default=feed.default_category, return_dtype=pl.String),
        pl.concat_str("title", "text", separator="。", ignore_nulls=True).alias("text"),
        pl.col("lat", "lon").cast(pl.Float64, strict=False),
        received.alias("received_at"),
        pl.coalesce(_moment("updated_at", feed), received).alias("updated_at"),
        received.dt.convert_time_zone("Asia/Shanghai").dt.date().alias("day"),
    )
    clean = found.with_columns(_redacted(name) for name in WRITTEN).drop("caller_phone", "title")
    return clean.filter(pl.col("day").is_not_null())


def _from_json(texts: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    """The first path of each field; lines that are no such JSON are left out."""
    is_list = feed.code == "grid"
    begin, end = "[]" if is_list else "{}"
    found = texts.filter(pl.col("words").str.starts_with(begin), pl.col("words").str.ends_with(end))
    if found.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    lines = '{"items":' + found["words"] + "}" if is_list else found["words"]
    shape = _shape([path for paths in PATHS[feed.code].values() for path in paths])
    path = ["items"] if is_list else feed.items_path.split(".") if feed.items_path else []
    whole = _wrapped(shape, path)
    rows = pl.read_ndjson(io.BytesIO("\n".join(lines).encode()), schema=whole.to_schema(), ignore_errors=True)
    value = pl.struct(pl.all())
    for name in path:
        value = value.struct.field(name)
    items = rows.select(value.alias("item"))
    if path:
        items = items.explode("item").drop_nulls()
    return items.select(_field(name, feed) for name in COLUMNS)


def _field(name: str, feed: Feed) -> pl.Expr:
    paths = PATHS[feed.code].get(name, ())
    values = []
    for path in paths:
        value = pl.col("item")
        for part in path.split("."):
            value = value.struct.field(part)
        values.append(value)
    return pl.coalesce(*values, pl.lit(None, pl.String)).alias(name)


def _shape(paths: Sequence[str]) -> pl.Struct:
    """The type of an item with these paths, all text."""
    inner: dict[str, list[str]] = {}
    for path in paths:
        first, _, rest = path.partition(".")
        inner.setdefault(first, []).extend([rest] if rest else [])
    return pl.Struct({name: _shape(rest) if rest else pl.String() for name, rest in inner.items()})


def _wrapped(shape: pl.Struct, path: Sequence[str]) -> pl.Struct:
    if not path:
        return shape
    kind: pl.DataType = pl.List(shape)
    for name in reversed(path):
        kind = pl.Struct({name: kind})
    assert isinstance(kind, pl.Struct)
    return kind


def _from_xml(texts: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    return texts.select(_element(name, feed) for name in COLUMNS)


def _element(name: str, feed: Feed) -> pl.Expr:
    paths = [path.rpartition(".")[2] for path in PATHS[feed.code].get(name, ())]
    values = [pl.col("words").str.extract(f"<{path}>([^<]*)</{path}>", 1) for path in paths]
    return pl.coalesce(*values, pl.lit(None, pl.String)).alias(name)


def _moment(name: str, feed: Feed) -> pl.Expr:
    if feed.time_formats[0] == EPOCH_MS:
        return (pl.col(name).cast(pl.Int64, strict=False) * 1000).cast(pl.Datetime("us", "UTC"))
    words = pl.col(name).str.replace("T", " ").str.replace("[+]08:00$", "")
    found = words.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    return found.dt.replace_time_zone("Asia/Shanghai", non_existent="null", ambiguous="earliest").dt.convert_time_zone(
        "UTC"
    )


def _redacted(name: str) -> pl.Expr:
    found = pl.col(name)
    for pattern, word in PATTERNS:
        found = found.str.replace_all(pattern, word)
    return found


def _duckdb_reports(texts: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    columns = ", ".join(f"{_sql_field(name, feed)} AS {name}" for name in COLUMNS)
    source = f"SELECT {columns} FROM {_sql_items(feed)}"
    received, updated = _sql_moment("received_at", feed), _sql_moment("updated_at", feed)
    found = duckdb.sql(f"""
        SELECT * EXCLUDE (caller_phone, title, text, place, received_at, updated_at, lat, lon, kind, category),
            '{feed.code}' AS feed, 'r-' || sha256(concat('{feed.code}|', source_id))[:20] AS report_id,
            sha256(concat_ws('|', {", ".join(COLUMNS)})) AS content_hash, sha256(caller_phone)[:24] AS caller_token,
            coalesce({_sql_words("kind", feed.kinds)}, {_sql_text(feed.default_kind)}) AS kind,
            coalesce({_sql_words("category", feed.categories)}, {_sql_text(feed.default_category)}) AS category,
            {_sql_redacted("concat_ws('。', title, text)")} AS text, {_sql_redacted("place")} AS place,
            TRY_CAST(lat AS DOUBLE) AS lat, TRY_CAST(lon AS DOUBLE) AS lon, {received} AS received_at,
            coalesce({updated}, {received}) AS updated_at, ({received} AT TIME ZONE 'Asia/Shanghai')::DATE AS day
        FROM ({source}) WHERE {received} IS NOT NULL
    """)
    assert found is not None, "a SELECT gives a relation"
    return found.pl().with_columns(pl.col("received_at", "updated_at").dt.convert_time_zone("UTC"))


def _sql_items(feed: Feed) -> str:
    """`texts` is found by DuckDB as a variable of the caller."""
    if feed.format == "xml":
        return "texts"
    if feed.code == "grid":
        return "(SELECT unnest(words::JSON[]) AS item FROM texts WHERE json_valid(words) AND words LIKE '[%')"
    if feed.items_path:
        path = f"$.{feed.items_path}"
        return f"(SELECT unnest((words->'{path}')::JSON[]) AS item FROM texts WHERE json_valid(words))"
    return "(SELECT words AS item FROM texts WHERE json_valid(words))"


def _sql_field(name: str, feed: Feed) -> str:
    paths = PATHS[feed.code].get(name, ())
    if feed.format == "xml":
        elements = [path.rpartition(".")[2] for path in paths]
        values = [f"nullif(regexp_extract(words, '<{part}>([^<]*)</{part}>', 1), '')" for part in elements]
    else:
        values = [f"json_extract_string(item, '$.{path}')" for path in paths]
    return f"coalesce({', '.join(values)})" if values else "NULL::VARCHAR"


def _sql_moment(name: str, feed: Feed) -> str:
    if feed.time_formats[0] == EPOCH_MS:
        return f"make_timestamptz(TRY_CAST({name} AS BIGINT) * 1000)"
    words = f"replace(replace({name}, 'T', ' '), '+08:00', '')"
    return f"(TRY_CAST({words} AS TIMESTAMP) AT TIME ZONE 'Asia/Shanghai')"


def _sql_words(name: str, words: object) -> str:
    pairs = dict(words)  # type: ignore[call-overload]  # a mapping of text
    if not pairs:
        return "NULL::VARCHAR"
    return "MAP {" + ", ".join(f"{_sql_text(k)}: {_sql_text(v)}" for k, v in pairs.items()) + "}" + f"[{name}]"


def _sql_redacted(words: str) -> str:
    for pattern, word in PATTERNS:
        words = f"regexp_replace({words}, {_sql_text(pattern)}, {_sql_text(word)}, 'g')"
    return words


def _sql_text(words: str | None) -> str:
    return "NULL" if words is None else "'" + words.replace("'", "''") + "'"
