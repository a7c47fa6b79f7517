"""The past weeks as an archive of counts would have them, from the same habits as the simulated day, without outbreaks."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import polars as pl

from jobs.simulate.contacts import LOCAL
from jobs.simulate.incidents import FIRE_CALLS, OUTBREAK_FEEDS, URGING
from jobs.simulate.profile import CLUSTERS, FULL_DAY, LINES, category_share, level
from schemas.areas import County
from schemas.feeds import FEEDS
from schemas.feeds.contract import Feed
from schemas.records.findings import PastCount
from schemas.vocabulary import CATEGORIES

WEEKS = 8
OUTBREAK_SIZE = len(OUTBREAK_FEEDS) * 11  # about; what the outbreak takes from an ordinary day's number


def past_counts(  # noqa: PLR0917 - the demo's six settings
    day: date, seed: int, events: int, county: County, feeds: Mapping[str, Feed] = FEEDS, weeks: int = WEEKS
) -> pl.DataFrame:
    """Rows of PastCount for the weeks before `day`, local days, hours in UTC; deterministic for its arguments."""
    draw = np.random.default_rng([seed, day.toordinal()])
    rates = hourly_rates(events, county, feeds)
    found: Counter[tuple[str, str, datetime]] = Counter()
    for back in range(weeks * 7, 0, -1):
        past = day - timedelta(days=back)
        busy = level(past, day)
        midnight = datetime.combine(past, time(), LOCAL).astimezone(UTC)
        counts = draw.poisson(rates * busy)
        for category, township, hour in np.argwhere(counts):
            key = (_categories()[category], county.townships[township].code, midnight + timedelta(hours=int(hour)))
            found[key] += int(counts[category, township, hour])
        found.update(_clusters(draw, busy * events / FULL_DAY, midnight, county, feeds))
    rows = [(*key, count) for key, count in sorted(found.items())]
    return pl.DataFrame(rows, schema=PastCount.create_empty().schema, orient="row")


def hourly_rates(events: int, county: County, feeds: Mapping[str, Feed]) -> np.ndarray:
    """Expected ordinary reports of one day by category × township × local hour, callers who urge among them."""
    spread = np.array([max(t.grids, 1) for t in county.townships], dtype=float)
    spread /= spread.sum()
    rates = np.zeros((len(CATEGORIES), len(spread), 24))
    for code, line in LINES.items():
        for place, category in enumerate(_categories()):
            hours = np.array(feeds[code].rhythm) * line.share * category_share(line, category)
            rates[place] += spread[:, None] * hours[None, :]
    return rates * ordinary(events) * (1 + URGING / 2)


def ordinary(events: int) -> int:
    """How many of a day's reports are neither planted nor told by several."""
    told_by_several = sum(kind.per_day * sum(kind.callers) / 2 for kind in CLUSTERS) * events / FULL_DAY
    return max(events - int(told_by_several) - len(FIRE_CALLS) - OUTBREAK_SIZE, 0)


def _clusters(
    draw: np.random.Generator, scale: float, midnight: datetime, county: County, feeds: Mapping[str, Feed]
) -> Counter[tuple[str, str, datetime]]:
    found: Counter[tuple[str, str, datetime]] = Counter()
    grids = np.array([max(t.grids, 1) for t in county.townships], dtype=float)
    for kind in CLUSTERS:
        rhythm = np.array(feeds[kind.feeds[0]].rhythm)
        for _ in range(int(draw.poisson(kind.per_day * scale))):
            hour = int(draw.choice(24, p=rhythm / rhythm.sum()))
            township = county.townships[int(draw.choice(len(grids), p=grids / grids.sum()))]
            callers = int(draw.integers(kind.callers[0], kind.callers[1], endpoint=True))
            found[(kind.category, township.code, midnight + timedelta(hours=hour))] += callers
    return found


def _categories() -> list[str]:
    return list(CATEGORIES)
