"""Moments as sources write them, to UTC."""

import polars as pl

from schemas.feeds.contract import EPOCH_MS, Feed

UTC_MOMENT = pl.Datetime("us", "UTC")
ZONED = ("%z", "%#z", "%:z")


def moments(written: pl.Series, feed: Feed) -> pl.Series:
    """UTC moments of a text column by the feed's formats, tried in order; null where none fits.

    A moment without a zone is local to the feed; one that a clock change skipped is null, a doubled one the earlier.
    """
    found = pl.repeat(None, len(written), dtype=UTC_MOMENT, eager=True)
    for form in feed.time_formats:
        left = (written.is_not_null() & found.is_null()).arg_true()
        if left.is_empty():
            break
        found = found.scatter(left, _parsed(written.gather(left), form, feed.time_zone))
    return found.alias(written.name)


def _parsed(written: pl.Series, form: str, zone: str) -> pl.Series:
    if form == EPOCH_MS:
        milliseconds = written.str.extract(r"^([0-9]{1,14})$").cast(pl.Int64)
        return (milliseconds * 1000).cast(UTC_MOMENT)
    found = written.str.to_datetime(form, strict=False, time_unit="us")
    if form.endswith(ZONED):
        return found.cast(UTC_MOMENT)
    local = found.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")
