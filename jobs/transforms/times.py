"""Moments as sources write them, to UTC."""

import polars as pl

from schemas.feeds.contract import EPOCH_MS, Feed

UTC_MOMENT = pl.Datetime("us", "UTC")
ZONED = ("%z", "%#z", "%:z")


def moments(written: pl.Expr, feed: Feed) -> pl.Expr:
    """UTC moments of a text column by the feed's formats, tried in order; null where none fits.

    A moment without a zone is local to the feed; one that a clock change skipped is null, a doubled one the earlier.
    """
    return pl.coalesce(_parsed(written, form, feed.time_zone) for form in feed.time_formats)


def _parsed(written: pl.Expr, form: str, zone: str) -> pl.Expr:
    if form == EPOCH_MS:
        milliseconds = pl.when(written.str.contains(r"^[0-9]{1,14}$")).then(written).cast(pl.Int64, strict=False)
        return (milliseconds * 1000).cast(UTC_MOMENT)
    found = written.str.to_datetime(form, strict=False, time_unit="us")
    if form.endswith(ZONED):
        return found.cast(UTC_MOMENT)
    local = found.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")
