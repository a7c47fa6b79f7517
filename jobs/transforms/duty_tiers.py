"""Duty tiers of units (值守等级) from a year's volume, with hysteresis: a unit near a border does not flap."""

from collections.abc import Mapping, Sequence

from schemas.regulation import DutyTier


def tier_of(volume: int, before: str | None, tiers: Sequence[DutyTier]) -> DutyTier:
    """The highest tier whose volume is reached, or that the unit has and may keep.

    tiers: the highest volume first, the lowest from 0. before: the code of the tier the unit has, None for a new unit.
    A unit keeps a tier, or a higher one than its volume reaches, while its volume is not below that tier's `kept_from`.
    """
    codes = [tier.duty_tier for tier in tiers]
    held = codes.index(before) if before in codes else len(tiers)
    return next(
        tier
        for place, tier in enumerate(tiers)
        if volume >= (tier.keeps_from if place >= held else tier.from_yearly_volume)
    )


def tiers_of(volumes: Mapping[str, int], before: Mapping[str, str], tiers: Sequence[DutyTier]) -> dict[str, DutyTier]:
    """The tier of each unit by its code."""
    return {unit: tier_of(volume, before.get(unit), tiers) for unit, volume in volumes.items()}
