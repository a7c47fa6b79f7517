"""The row rules of intake: what a record must hold, and every reason that applies where it does not."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import polars as pl

from schemas.feeds import contract_of_topic, contracts

FUTURE_TOLERANCE = timedelta(minutes=10)  # clocks of sources differ; more than this after landing is an error
OLDEST = datetime(1999, 12, 31, 16, tzinfo=UTC)  # 2000 began in China
REPLACEMENT = "\ufffd"
MOJIBAKE = "锟斤拷"  # U+FFFD in UTF-8, read as GBK
CODED = ("source_id", "text", "title", "place", "kind_words", "source_category", "received_at", "area_name")


# Where an engineer should look, by canonical field.
FIELDS = {
    "missing_source_id": ("source_id",),
    "missing_time": ("received_at",),
    "bad_time": ("received_at", "updated_at"),
    "from_the_future": ("received_at", "updated_at"),
    "too_old": ("received_at",),
    "missing_text": ("text", "category"),
    "unknown_kind": ("kind",),
    "kind_not_admitted": ("kind",),
    "bad_coordinates": ("lat", "lon"),
    "bad_revision": ("revision",),
}


def judged(records: pl.DataFrame) -> pl.DataFrame:
    """Adds `reasons` (sorted, empty when sound) and says in `detail` which of the source's fields each is about.

    records: the source's words by canonical field, and beside them `<name>_value`, what they were understood as.
    """
    latest = pl.max_horizontal("received_at_value", "updated_at_value")
    rules = {
        "missing_source_id": pl.col("source_id").fill_null("") == "",
        "missing_time": pl.col("received_at").is_null(),
        "bad_time": _is_unread("received_at") | _is_unread("updated_at"),
        "from_the_future": latest > pl.col("landed_at") + FUTURE_TOLERANCE,
        "too_old": pl.col("received_at_value") < OLDEST,
        "missing_text": (pl.col("text_value") == "") & pl.col("source_category").is_null(),
        "unknown_kind": pl.col("kind").is_null(),
        "kind_not_admitted": pl.col("kind").is_not_null() & ~_is_admitted(),
        "bad_coordinates": pl.col("has_bad_point"),
        "bad_revision": _is_unread("revision"),
        "lost_bytes": pl.any_horizontal(pl.col(name).str.contains_any([REPLACEMENT, MOJIBAKE]) for name in CODED),
    }
    applying = [pl.when(pl.col("is_read") & rule).then(pl.lit(reason)) for reason, rule in rules.items()]
    found = records.with_columns(reasons=pl.concat_list(*applying).list.drop_nulls().list.sort())
    cases = found.select("topic", "reasons").unique()
    fields = cases.with_columns(pl.Series("fields", [_fields(*case) for case in cases.iter_rows()], pl.String))
    told = found.join(fields, on=["topic", "reasons"], how="left", maintain_order="left")
    return told.with_columns(
        reasons=pl.concat_list("unread_reasons", "reasons").list.unique().list.sort(),
        detail=pl.concat_str(pl.col("detail").fill_null(""), pl.col("fields").fill_null("")).str.strip_chars("; "),
    ).drop("fields")


def _fields(topic: str, reasons: Iterable[str]) -> str:
    """`; reason: the source's fields` for each reason that is about fields."""
    feed = contract_of_topic(topic)
    mapping = feed.mapping if feed else {}
    about = {reason: [mapping[name][0] for name in FIELDS.get(reason, ()) if name in mapping] for reason in reasons}
    return "".join(f"; {reason}: {', '.join(paths)}" for reason, paths in about.items() if paths)


def _is_unread(name: str) -> pl.Expr:
    """Something was written there, and it could not be understood."""
    return pl.col(name).is_not_null() & pl.col(f"{name}_value").is_null()


def _is_admitted() -> pl.Expr:
    pairs = [f"{feed.topic}|{kind}" for feed in contracts() for kind in feed.admits]
    return pl.format("{}|{}", "topic", "kind").is_in(pairs)
