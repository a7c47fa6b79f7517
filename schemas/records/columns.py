"""Column kinds that several records share: one spelling of each idea."""

from collections.abc import Iterable
from typing import Any

import dataframely as dy

from schemas.vocabulary import CATEGORIES, FEED_CODES, KINDS


def instant(**options: Any) -> dy.Datetime:
    """A moment, in UTC, to the microsecond."""
    return dy.Datetime(time_zone="UTC", time_unit="us", **options)


def code(values: Iterable[str], **options: Any) -> dy.Enum:
    """A code from a closed vocabulary."""
    return dy.Enum(list(values), **options)


def feed(**options: Any) -> dy.Enum:
    return code(FEED_CODES, **options)


def kind(**options: Any) -> dy.Enum:
    return code(KINDS, **options)


def category(**options: Any) -> dy.Enum:
    return code(CATEGORIES, **options)


def latitude() -> dy.Float64:
    """WGS84 degrees north."""
    return dy.Float64(nullable=True, min=-90, max=90, description="WGS84 degrees north")


def longitude() -> dy.Float64:
    """WGS84 degrees east."""
    return dy.Float64(nullable=True, min=-180, max=180, description="WGS84 degrees east")
