"""The rules in use: the county's folder, with the duty tiers that were counted from a year's orders."""

from functools import lru_cache
from pathlib import Path

from jobs.io.lake import read_table
from jobs.settings import LakeAddress, Settings
from schemas.regulation import CountedTier, Regulation, load_regulation

SOURCE = "gold.unit_tiers: orders of the 365 days before"


def rules_in_use(settings: Settings) -> Regulation:
    """Raises RuleError where the folder is broken."""
    return _with(settings.rules_dir, counted_tiers(settings.lake_uri))


def counted_tiers(lake_uri: str | LakeAddress) -> tuple[CountedTier, ...]:
    """What was counted, the oldest first; none where nobody counted yet."""
    rows = read_table(lake_uri, "gold.unit_tiers").sort("valid_from", "unit_code")
    return tuple(
        CountedTier(
            name=row["unit_code"],
            source=SOURCE,
            valid_from=row["valid_from"],
            duty_tier=row["duty_tier"],
            yearly_volume=row["yearly_volume"],
        )
        for row in rows.to_dicts()
    )


@lru_cache(maxsize=4)
def _with(folder: Path, counted: tuple[CountedTier, ...]) -> Regulation:
    """The same object for the same rules: what was made ready for a day is made once."""
    return load_regulation(folder).with_counted(counted) if counted else load_regulation(folder)
