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
    flags = [(pl.col("is_read") & rule.fill_null(value=False)).alias(reason) for reason, rule in rules.items()]
    numbered = records.with_row_index("row")
    applied = numbered.select("row", "topic", "unread_reasons", *flags)
    has_reason = pl.any_horizontal(*rules) | (pl.col("unread_reasons").list.len() > 0)
    told = numbered.join(_told(applied.filter(has_reason), tuple(rules)), on="row", how="left", maintain_order="left")
    return told.with_columns(
        pl.col("reasons").fill_null([]),
        detail=pl.concat_str(pl.col("detail").fill_null(""), pl.col("fields").fill_null("")).str.strip_chars("; "),
    ).drop("row", "fields")


def _told(broken: pl.DataFrame, rules: tuple[str, ...]) -> pl.DataFrame:
    """row, reasons, and fields (where to look) of the few records with a reason. rules: columns, where one applies."""
    found = [[rule for rule, applies in zip(rules, row, strict=True) if applies] for row in broken.select(rules).rows()]
    fields = [_fields(topic, sorted(reasons)) for topic, reasons in zip(broken["topic"], found, strict=True)]
    both = [sorted({*unread, *reasons}) for unread, reasons in zip(broken["unread_reasons"], found, strict=True)]
    return broken.select(
        "row", reasons=pl.Series(both, dtype=pl.List(pl.String)), fields=pl.Series(fields, dtype=pl.String)
    )


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
