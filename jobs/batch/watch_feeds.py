"""watch_feeds: does every feed send as its contract expects, and do we take in what it sends?"""

import polars as pl

from jobs.context import Context, DataError, Result
from jobs.io.arrivals import arrivals
from jobs.transforms.freshness import health
from schemas.feeds import FEEDS, contracts
from schemas.vocabulary import FEED_ALARMS


def run(context: Context) -> Result:
    """Write a row of `ops.feed_health` for each feed; how many feeds are in which state.

    Raises DataError that names each feed in alarm: the run is red as long as somebody has to act.
    """
    known = arrivals(contracts(), context.lake, context.settings.kafka, context.now)
    found = health(FEEDS.values(), known, context.now)
    context.lake.append_new("ops.feed_health", found)
    alarms = found.filter(pl.col("state").cast(pl.String).is_in(FEED_ALARMS))
    if alarms.height:
        told = alarms.select(pl.format("feed {}: {}, {}", "feed", "state", "detail")).to_series().to_list()
        raise DataError("; ".join(told))
    states = found["state"].cast(pl.String).value_counts()
    return {str(state): int(count) for state, count in states.sort("state").iter_rows()}
