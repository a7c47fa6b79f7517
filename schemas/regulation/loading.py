"""Reads a folder of rules; picks the rules of one day."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.areas import RULES
from schemas.regulation.rows import (
    EACH,
    TOWNSHIP_GOVERNMENT,
    CountedTier,
    DutyTier,
    Escalation,
    FinishLimit,
    Grade,
    Learned,
    Level,
    Points,
    Route,
    Rule,
    SignLimit,
    Unit,
    UrgencyModel,
    UrgencyPattern,
    UrgencySign,
    UrgencyTerms,
    WorkingDay,
)

# file -> table in the file -> kind of rule
FILES: dict[str, dict[str, type[Rule]]] = {
    "units": {"unit": Unit},
    "duty_tiers": {"duty_tier": DutyTier},
    "routing": {"route": Route, "learned": Learned},
    "grading": {"grade": Grade, "points": Points},
    "handling_levels": {"level": Level},
    "deadlines": {"working_day": WorkingDay, "finish": FinishLimit, "sign": SignLimit, "escalation": Escalation},
    "urgency": {"model": UrgencyModel, "terms": UrgencyTerms, "sign": UrgencySign, "pattern": UrgencyPattern},
}
FIRST_DAY = date(2000, 1, 1)  # no sound report is older


class RuleError(Exception):
    """The rules folder is broken; the message lists each fault as `file entry: what`."""


@dataclass(frozen=True)
class RulesOfDay:
    """The rules that hold on one day, each kind in the order of its file."""

    units: dict[str, Unit]
    duty_tiers: tuple[DutyTier, ...]  # the highest volume first
    counted_tiers: dict[str, CountedTier]  # by unit; of those whose orders were counted
    routes: tuple[Route, ...]  # the greatest weight first
    learned: Learned | None  # None: history never decides
    grades: tuple[Grade, ...]  # the most points first
    points: tuple[Points, ...]
    levels: tuple[Level, ...]
    working_day: WorkingDay
    finish_limits: tuple[FinishLimit, ...]
    sign_limits: dict[str, SignLimit]  # by event grade
    escalations: tuple[Escalation, ...]  # the earliest first
    urgency_model: UrgencyModel | None  # None: words and signs alone
    urgency_terms: tuple[UrgencyTerms, ...]
    urgency_signs: tuple[UrgencySign, ...]
    urgency_patterns: tuple[UrgencyPattern, ...]

    @property
    def fallback(self) -> Unit:
        """The command centre."""
        return next(unit for unit in self.units.values() if unit.is_fallback)

    def duty_tier(self, unit: Unit) -> DutyTier:
        """As counted from a year of orders; else by the volume written for the unit."""
        if counted := self.counted_tiers.get(unit.code):
            return next(tier for tier in self.duty_tiers if tier.duty_tier == counted.duty_tier)
        return next(tier for tier in self.duty_tiers if unit.yearly_volume >= tier.from_yearly_volume)

    def above(self, unit: Unit) -> Unit:
        """Where an order goes up to from this unit."""
        return self.units.get(unit.up or "", self.fallback)

    @property
    def urgency_since(self) -> date:
        """Day since which the words of urgency are as they are."""
        return max(rule.valid_from for rule in (*self.urgency_terms, *self.urgency_signs, *self.urgency_patterns))

    def unit_named(self, code: str, township: str | None) -> Unit | None:
        """The unit a route names; None where that is the government of a township that has none here."""
        if code != TOWNSHIP_GOVERNMENT:
            return self.units[code]
        return next((unit for unit in self.units.values() if unit.township and unit.township == township), None)


@dataclass(frozen=True)
class Regulation:
    """All rules of a folder, of all times. rows: kind of rule -> its entries, in the order of the file."""

    rows: dict[type[Rule], tuple[Any, ...]]

    @property
    def turning_days(self) -> list[date]:
        """The days on which some rule begins or has just ended, from the first day on, sorted."""
        rules = [rule for rows in self.rows.values() for rule in rows]
        begins = {max(rule.valid_from, FIRST_DAY) for rule in rules}
        ends = {rule.valid_to + timedelta(days=1) for rule in rules if rule.valid_to}
        return sorted(begins | ends | {FIRST_DAY})

    def on(self, day: date) -> RulesOfDay:
        """The rules of one local day. Days before 2000 take the rules of 2000's first day."""
        return _rules_of_day(self, max(turn for turn in self.turning_days if turn <= max(day, FIRST_DAY)))

    def holding(self, kind: type[Rule], day: date) -> list[Any]:
        return [rule for rule in self.rows.get(kind, ()) if rule.holds_on(day)]

    def with_counted(self, tiers: Sequence[CountedTier]) -> "Regulation":
        """The same with these counts; of one unit the newest that has begun holds."""
        return Regulation({**self.rows, CountedTier: tuple(sorted(tiers, key=lambda tier: tier.valid_from))})

    def __hash__(self) -> int:
        return id(self)


@cache
def load_regulation(folder: Path = RULES) -> Regulation:
    """The checked rules of a folder. RuleError lists every fault with its file and entry."""
    from schemas.regulation.checks import check_regulation

    regulation, faults = read_regulation(folder)
    faults = faults or check_regulation(regulation, folder)
    if faults:
        raise RuleError("\n".join([f"{len(faults)} faults in the rules of {folder}; correct them:", *faults]))
    return regulation


def read_regulation(folder: Path) -> tuple[Regulation, list[str]]:
    """The rules as written, and what could not be read as a rule."""
    rows: dict[type[Rule], tuple[Any, ...]] = {kind: () for tables in FILES.values() for kind in tables.values()}
    faults: list[str] = []
    for file, tables in FILES.items():
        found = _read(folder / f"{file}.toml", faults)
        shared = {key: found[key] for key in ("source", "valid_from") if key in found}
        unknown = set(found) - set(tables) - set(shared)
        faults += [f"{file}.toml {name}: no such table here; known are {', '.join(tables)}" for name in sorted(unknown)]
        for table, kind in tables.items():
            entries = [shared | entry for entry in found.get(table, [])]
            rows[kind] = tuple(
                rule
                for i, entry in enumerate(entries)
                if (rule := _rule(kind, entry, f"{file}.toml {table} {i + 1}", faults))
            )
    return Regulation(rows), faults


def _read(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        faults.append(f"{path.name}: the file is missing")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{path.name}: not TOML: {error}")
    return {}


def _rule(kind: type[Rule], entry: dict[str, Any], where: str, faults: list[str]) -> Rule | None:
    try:
        return kind(**entry)
    except ValidationError as error:
        name = entry.get("name", "without a name")
        for fault in error.errors():
            field = ".".join(str(part) for part in fault["loc"]) or "entry"
            faults.append(f"{where} ({name}): {field}: {fault['msg']}")
        return None


@cache
def _rules_of_day(regulation: Regulation, day: date) -> RulesOfDay:
    def holding(kind: type[Rule]) -> list[Any]:
        return regulation.holding(kind, day)

    return RulesOfDay(
        units={unit.code: unit for unit in holding(Unit)},
        duty_tiers=tuple(sorted(holding(DutyTier), key=lambda tier: -tier.from_yearly_volume)),
        counted_tiers={tier.name: tier for tier in holding(CountedTier)},
        routes=tuple(sorted(holding(Route), key=lambda route: -route.weight)),
        learned=next(iter(holding(Learned)), None),
        grades=tuple(sorted(holding(Grade), key=lambda grade: -grade.from_points)),
        points=tuple(holding(Points)),
        levels=tuple(holding(Level)),
        working_day=holding(WorkingDay)[0],
        finish_limits=tuple(holding(FinishLimit)),
        sign_limits={limit.event_grade: limit for limit in holding(SignLimit)},
        escalations=tuple(sorted(holding(Escalation), key=lambda rule: rule.minutes)),
        urgency_model=next(iter(holding(UrgencyModel)), None),
        urgency_terms=tuple(holding(UrgencyTerms)),
        urgency_signs=tuple(holding(UrgencySign)),
        urgency_patterns=tuple(holding(UrgencyPattern)),
    )


__all__ = ["EACH", "FILES", "FIRST_DAY", "Regulation", "RuleError", "RulesOfDay", "load_regulation", "read_regulation"]
