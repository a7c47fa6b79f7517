"""Raw messages to judged reports: read, understand, judge, redact. Every record ends sound or with all its reasons.

Each record is judged alone, so results do not depend on how messages were cut into batches.
"""

import polars as pl

from jobs.transforms.areas import with_area
from jobs.transforms.caller_tokens import CallerKeys, as_keys, token_of_its_day
from jobs.transforms.coordinates import to_wgs84
from jobs.transforms.judging import judged
from jobs.transforms.reading import read
from jobs.transforms.redaction import each_once, redacted, redacted_place
from jobs.transforms.times import UTC_MOMENT, moments
from schemas.areas import County
from schemas.feeds import contracts
from schemas.feeds.contract import CoordinateSystem, Feed
from schemas.forms import plain
from schemas.records import Report

LOCAL = "Asia/Shanghai"  # reports are filed by the deployment's own day
NO_PLACE = 1e-6  # degrees: 0/0 is a device without a position, not the Gulf of Guinea
PLACES = 7  # decimals of converted degrees, a centimetre
INVISIBLE, BLANKS = r"[\p{Cf}&&[^\x{0600}-\x{0605}]]+", r"[\s\p{Cc}\x{2028}\x{2029}]+"


def clean(raw: pl.DataFrame, caller_key: bytes | CallerKeys, county: County) -> pl.DataFrame:
    """One row a record of the messages, at least one a message.

    raw: RawMessage's topic, feed, raw_id, landed_at and payload; the topic names the contract. Gives every column of
    Report (codes as text, null where the record is broken), `reasons` (empty: sound) and `detail` (what and where, no
    personal text). caller_key: the secret of caller tokens, or one a period.
    """
    keys = as_keys(caller_key)
    records = with_area(_located(_understood(read(raw, keys))), county)
    records = records.with_columns(caller_token=token_of_its_day("caller_tokens", "received_at_value", keys))
    return _redacted(judged(records)).select(*Report.column_names(), "reasons", "detail")


def split(records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What `clean` gave, as Report rows and as Quarantined rows."""
    is_sound = pl.col("reasons").list.len() == 0
    sound = records.filter(is_sound).drop("reasons", "detail")
    broken = records.filter(~is_sound)
    return sound, broken.select("raw_id", "item_no", "feed", "reasons", "detail", "contract_version", "landed_at")


def _understood(records: pl.DataFrame) -> pl.DataFrame:
    """Adds `<name>_value` columns: what the words mean, null where they mean nothing."""
    whole_number = pl.when(pl.col("revision").str.contains(r"^[0-9]{1,9}$")).then("revision")
    revision = pl.when(pl.col("revision").is_null()).then(0).otherwise(whole_number.cast(pl.Int32, strict=False))
    text, title = _tidy("text").fill_null(""), _tidy("title").fill_null("")
    repeats = (title == "") | text.str.starts_with(title)
    whole = pl.when(repeats).then(text).when(text == "").then(title).otherwise(title + "。" + text)
    return records.with_columns(
        *(_tidy(name) for name in ("source_id", "place", "source_category", "grid_code", "device_id")),
        received_at_value=_of_each_feed(records, "received_at"),
        updated_at_value=_of_each_feed(records, "updated_at"),
        revision_value=revision,
        text_value=whole,
    )


def _of_each_feed(records: pl.DataFrame, name: str) -> pl.Series:
    """Moments by the formats of each row's contract; feeds that write alike are read together."""
    alike: dict[tuple[tuple[str, ...], str], list[Feed]] = {}
    for feed in contracts():
        alike.setdefault((feed.time_formats, feed.time_zone), []).append(feed)
    found = pl.repeat(None, records.height, dtype=UTC_MOMENT, eager=True)
    for feeds in alike.values():
        concerned = records["topic"].is_in([feed.topic for feed in feeds]).arg_true()
        found = found.scatter(concerned, moments(records[name].gather(concerned), feeds[0]))
    return found


def _tidy(name: str) -> pl.Expr:
    """Without invisible letters; tabs, line ends and runs of blanks as one space."""
    return pl.col(name).str.replace_all(INVISIBLE, "").str.replace_all(BLANKS, " ").str.strip_chars()


def _located(records: pl.DataFrame) -> pl.DataFrame:
    """lat and lon as WGS84 numbers, both or neither; has_bad_point where they are written and are none."""
    lat, lon = (pl.col(name).cast(pl.Float64, strict=False) for name in ("lat", "lon"))
    says_nothing = _is_nothing("lat", lat) & _is_nothing("lon", lon)
    on_globe = (lat.abs() <= 90) & (lon.abs() <= 180) & lat.is_not_nan() & lon.is_not_nan()
    has_point = on_globe.fill_null(False) & ~says_nothing
    found = records.with_columns(
        has_bad_point=~has_point & ~says_nothing, lat=pl.when(has_point).then(lat), lon=pl.when(has_point).then(lon)
    )
    for system in ("GCJ-02", "BD-09"):
        found = _converted(found, system)
    return found


def _is_nothing(name: str, degrees: pl.Expr) -> pl.Expr:
    return pl.col(name).is_null() | (degrees.abs() < NO_PLACE).fill_null(False)


def _converted(records: pl.DataFrame, system: CoordinateSystem) -> pl.DataFrame:
    """Points in one coordinate system, as the record says or else its feed's contract, to WGS84."""
    topics = [feed.topic for feed in contracts() if feed.coordinate_system == system]
    of_feed = pl.col("coordinate_system").is_null() & pl.col("topic").is_in(topics)
    concerned = (of_feed | (pl.col("coordinate_system") == system).fill_null(False)) & pl.col("lat").is_not_null()
    points = records.filter(concerned).select("lat", "lon")
    if points.is_empty():
        return records
    lat, lon = to_wgs84(points["lat"].to_numpy(), points["lon"].to_numpy(), system)
    numbered = records.with_columns(concerned.alias("is_concerned")).with_row_index("row")
    moved = numbered.filter("is_concerned").select(
        "row", moved_lat=pl.Series(lat).round(PLACES), moved_lon=pl.Series(lon).round(PLACES)
    )
    both = numbered.join(moved, on="row", how="left", maintain_order="left")
    return both.with_columns(
        lat=pl.coalesce("moved_lat", "lat"), lon=pl.coalesce("moved_lon", "lon")
    ).drop("row", "is_concerned", "moved_lat", "moved_lon")  # fmt: skip


def _redacted(records: pl.DataFrame) -> pl.DataFrame:
    """Report's columns, free text redacted."""
    received = pl.col("received_at_value")
    return records.with_columns(
        text=redacted(pl.col("text_value")),
        place=each_once(pl.col("place"), redacted_place),
        source_category=each_once(pl.col("source_category"), redacted),
        revision=pl.col("revision_value"),
        received_at=received,
        updated_at=pl.coalesce("updated_at_value", received),
        day=received.dt.convert_time_zone(LOCAL).dt.date(),
    ).cast(plain(Report.create_empty()).schema)  # fmt: skip
