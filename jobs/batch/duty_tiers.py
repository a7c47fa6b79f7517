"""duty_tiers: each unit's duty tier from the orders of the last 365 days, from tomorrow on.

A unit goes up where it reaches a tier's volume, and down only where it falls below what the tier is kept from
(`duty_tiers.toml`), so that one near a border does not flap. Without a year of orders the volumes of `units.toml` hold.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from jobs.catalog import TIME_ZONE
from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.rules import rules_in_use
from jobs.transforms.duty_tiers import tiers_of
from schemas.records import UnitTier
from schemas.regulation import RuleError, RulesOfDay

YEAR = timedelta(days=365)
TABLE = "gold.unit_tiers"


def run(context: Context) -> Result:
    """Count and write a row for each unit; how many there are and which change their tier.

    Raises NothingToDoError where the orders do not go back a year, or where it was done today.
    """
    tomorrow = context.now.astimezone(ZoneInfo(TIME_ZONE)).date() + timedelta(days=1)
    day = pl.col("accepted_at").dt.convert_time_zone(TIME_ZONE).dt.date()
    orders = context.lake.read("gold.assignments", ["unit_code", "accepted_at"]).with_columns(day=day)
    oldest = orders["day"].min()
    if not isinstance(oldest, date) or oldest > tomorrow - YEAR:
        back = str(oldest) if isinstance(oldest, date) else "no day"
        raise NothingToDoError(f"duty_tiers: orders go back to {back}; a year is needed, units.toml holds until then")
    try:
        rules = rules_in_use(context.settings).on(tomorrow)
    except RuleError as error:
        raise DataError(str(error)) from error
    found = _counted(orders.filter((day >= tomorrow - YEAR) & (day < tomorrow)), rules, tomorrow)
    if not context.lake.append_new(TABLE, found):
        raise NothingToDoError(f"duty_tiers: counted for {tomorrow} already")
    moved = found.filter(pl.col("duty_tier") != pl.col("tier_before"))
    return {"units": found.height, "valid_from": str(tomorrow), "moved": moved["unit_code"].to_list()}


def _counted(orders: pl.DataFrame, rules: RulesOfDay, valid_from: date) -> pl.DataFrame:
    led = dict(orders.group_by("unit_code").len().iter_rows())
    volumes = {code: led.get(code, 0) for code in rules.units}
    before = {code: rules.duty_tier(unit).duty_tier for code, unit in rules.units.items()}
    tiers = tiers_of(volumes, before, rules.duty_tiers)
    rows = [
        {
            "unit_code": code,
            "valid_from": valid_from,
            "duty_tier": tier.duty_tier,
            "yearly_volume": volumes[code],
            "tier_before": before[code],
        }
        for code, tier in tiers.items()
    ]
    return UnitTier.validate(pl.DataFrame(rows, schema=UnitTier.create_empty().schema), cast=True)
