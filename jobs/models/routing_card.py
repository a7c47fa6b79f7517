"""Train a router and say honestly how good it is: on the latest rows, which it had not seen.

Two figures: frozen, as if nothing were learned any more, and prequential, each day learned before the next is judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import polars as pl

from jobs.models.renaming import families
from jobs.models.router import MOMENT, UNIT, Plan, Router, fit, planned, ranked

LATEST = 0.15  # share of the rows, the latest ones, that the plan is chosen by and the figures are of
FEWEST_ROWS = 50
CODE_VERSION = "back-off-1"


class TooFewRowsError(ValueError):
    """There is not enough to learn from."""


@dataclass(frozen=True)
class RoutingCard:
    """What is known about one router. The figures are of the latest rows; `commonest` is the commonest unit of all."""

    version: str
    code_version: str
    trained_on: str
    data_hash: str
    rows: int
    units: int
    aged_by: str
    written_twice: dict[str, str]
    chains: list[list[list[str]]]
    strength: float
    half_life_days: float | None
    judged: int
    commonest_top1: float
    frozen_top1: float
    frozen_top3: float
    prequential_top1: float | None
    prequential_top3: float | None


def train(rows: pl.DataFrame, columns: Sequence[str], note: str = "", aged_by: str = "") -> tuple[Router, RoutingCard]:
    """The router of all rows, and its card.

    rows: the columns as text, `unit`, and `moment` where it is known; oldest first where it is not. Raises
    TooFewRowsError.
    """
    rows = rows.filter(pl.col(UNIT) != "")
    if MOMENT in rows.columns:
        rows = rows.sort(MOMENT, maintain_order=True)
    if rows.height < FEWEST_ROWS or rows[UNIT].n_unique() < 2:
        raise TooFewRowsError(
            f"{rows.height} rows name a unit, {rows[UNIT].n_unique()} units; {FEWEST_ROWS} rows and 2 units are needed"
        )
    cut = int(rows.height * (1 - LATEST))
    known, later = rows[:cut], rows[cut:]
    plan = planned(known, later, columns)
    frozen = shares(foretold(known, later, plan), later[UNIT])
    daily = shares(day_by_day(known, later, plan), later[UNIT]) if MOMENT in rows.columns else (None, None)
    router = fit(rows, plan)
    digest = sha256(rows.select(*columns, UNIT).write_csv().encode()).hexdigest()[:12]
    card = RoutingCard(
        version=f"{CODE_VERSION}-{digest}", code_version=CODE_VERSION, trained_on=note, data_hash=digest,
        rows=rows.height, units=len(router.units), aged_by=aged_by, written_twice=families(rows[UNIT]),
        chains=[[list(level) for level in chain] for chain in plan.chains], strength=plan.strength,
        half_life_days=plan.half_life, judged=later.height,
        commonest_top1=float((later[UNIT] == _commonest(known)).mean()),  # type: ignore[arg-type]  # not empty
        frozen_top1=frozen[0], frozen_top3=frozen[1], prequential_top1=daily[0], prequential_top3=daily[1],
    )  # fmt: skip
    return router, card


def foretold(known: pl.DataFrame, later: pl.DataFrame, plan: Plan) -> list[list[str]]:
    """The three likeliest units for each later row, learned from the known rows alone."""
    return [[name.rpartition(":")[0] for name in best] for best in ranked(fit(known, plan), later)["top3"]]


def shares(told: Sequence[Sequence[str]], units: pl.Series) -> tuple[float, float]:
    """Shares of rows whose unit was named first, and was among the three."""
    rows = list(zip(told, units, strict=True))
    return sum(best[0] == unit for best, unit in rows) / len(rows), sum(unit in best for best, unit in rows) / len(rows)


def as_markdown(card: RoutingCard) -> str:
    """The card as a page for people."""

    def both(first: float | None, third: float | None) -> str:
        return "not known without moments" if first is None or third is None else f"{first:.3f} / {third:.3f}"

    facts = {
        "Trained on": card.trained_on or "not said", "Rows": card.rows, "Units": card.units,
        "Aged by": card.aged_by or "nothing: no column of moments", "Judged on the latest rows": card.judged,
        "Commonest unit, first": f"{card.commonest_top1:.3f}",
        "Frozen, first / among three": both(card.frozen_top1, card.frozen_top3),
        "Prequential, first / among three": both(card.prequential_top1, card.prequential_top3),
        "A coarser circumstance is worth": f"{card.strength:g} rows",
        "A row counts half after": "never" if card.half_life_days is None else f"{card.half_life_days:g} days",
        "Data hash": card.data_hash, "Code version": card.code_version,
    }  # fmt: skip
    lines = [f"# Scorecard of {card.version}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in facts.items()]
    lines += ["", "Circumstances, from the coarsest to the finest; the chains are averaged:", ""]
    lines += ["- " + " → ".join(" + ".join(level) or "all" for level in chain) for chain in card.chains]
    if card.written_twice:
        lines += ["", "Units written in two ways:", ""]
        lines += [f"- {plain}, {bracketed}" for bracketed, plain in card.written_twice.items()]
    return "\n".join(lines) + "\n"


def day_by_day(known: pl.DataFrame, later: pl.DataFrame, plan: Plan) -> list[list[str]]:
    """As foretold, each day's rows by all rows of the days before it."""
    told: list[list[str]] = []
    for _, day in later.group_by(pl.col(MOMENT).dt.date(), maintain_order=True):
        told += foretold(pl.concat([known, later[: len(told)]]), day, plan)
    return told


def _commonest(rows: pl.DataFrame) -> str:
    counted = rows[UNIT].value_counts().sort("count", UNIT, descending=[True, False])
    return str(counted[UNIT][0])
