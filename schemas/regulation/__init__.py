"""What an authority sets: dated rules of one county, read from a folder of TOML files into typed rows.

A rule holds on the local days from `valid_from` to `valid_to`, both included; an old order keeps its old rule.
Another county is another folder (`NINELINES_RULES_DIR`).
"""

from schemas.regulation.checks import check_rules
from schemas.regulation.loading import Regulation, RuleError, RulesOfDay, load_regulation
from schemas.regulation.rows import (
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

__all__ = [
    "CountedTier",
    "DutyTier",
    "Escalation",
    "FinishLimit",
    "Grade",
    "Learned",
    "Level",
    "Points",
    "Regulation",
    "Route",
    "Rule",
    "RuleError",
    "RulesOfDay",
    "SignLimit",
    "Unit",
    "UrgencyModel",
    "UrgencyPattern",
    "UrgencySign",
    "UrgencyTerms",
    "WorkingDay",
    "check_rules",
    "load_regulation",
]
