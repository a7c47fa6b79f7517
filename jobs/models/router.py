"""Which unit takes a matter, learned from who took such matters before.

Counts of units in ever finer circumstances (of all, of this street, of this street and type, …), each level leaning on
the coarser one as far as its own counts are few. Several such chains of circumstances are averaged. Interpolation with
a fixed pseudo-count: Jelinek and Mercer (1980); MacKay and Peto (1995) for the form used here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from jobs.models.renaming import families, ways_of_writing

UNIT, MOMENT = "unit", "moment"
BETWEEN = "\x1f"  # parts of a key
AT_ONCE = 20_000  # rows: bounds memory
LEAST = 1e-6  # probability of a unit that was never seen, where likelihoods are compared
Chain = tuple[tuple[str, ...], ...]  # sets of columns, from the coarsest to the finest
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """Counts of units by the values of some columns. keys: sorted; counts: keys x units, aged."""

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    counts: sparse.csr_matrix


@dataclass(frozen=True)
class Plan:
    """How to count: by which circumstances, how many rows a coarser level is worth, in how many days a row halves."""

    chains: tuple[Chain, ...]
    strength: float
    half_life: float | None


@dataclass(frozen=True)
class Router:
    """A plan and what was counted by it. ways: how each unit is written, with chances; see jobs.models.renaming."""

    plan: Plan
    units: tuple[str, ...]
    ways: tuple[tuple[tuple[str, float], ...], ...]
    levels: tuple[Level, ...]
    version: str = ""


def fit(rows: pl.DataFrame, plan: Plan) -> Router:
    """Count. rows: the plan's columns as text, `unit`, and `moment` where rows are to age; oldest first."""
    same = families(rows[UNIT])
    ways = ways_of_writing(rows[UNIT], same)
    rows = rows.with_columns(pl.col(UNIT).replace(same))
    units = tuple(rows[UNIT].unique().sort())
    codes = rows[UNIT].replace_strict(units, range(len(units)), return_dtype=pl.Int64).to_numpy()
    weights = _weights(rows, plan.half_life)
    wanted = sorted({columns for chain in plan.chains for columns in chain})
    written = tuple(tuple(ways[unit]) for unit in units)
    return Router(
        plan, units, written, tuple(_counted(rows, columns, codes, weights, len(units)) for columns in wanted)
    )


def probabilities(router: Router, rows: pl.DataFrame) -> Matrix:
    """rows x units; each row sums to 1."""
    at = {level.columns: (level, _places(level, rows)) for level in router.levels}
    found = [_along(chain, at, router.plan.strength, rows.height, len(router.units)) for chain in router.plan.chains]
    mean: Matrix = np.mean(found, axis=0)
    return mean


def ranked(router: Router, rows: pl.DataFrame, most: int = 3) -> pl.DataFrame:
    """unit, probability, top3 (`unit:0.93`, best first, by name where equal) for each row, in order."""
    told = likeliest(router, rows, most)
    return pl.DataFrame(
        {
            "unit": [row[0][0] for row in told],
            "probability": [row[0][1] for row in told],
            "top3": [[f"{name}:{chance:.2f}" for name, chance in row] for row in told],
        },
        schema={"unit": pl.String, "probability": pl.Float64, "top3": pl.List(pl.String)},
    )


def likeliest(router: Router, rows: pl.DataFrame, most: int = 3) -> list[tuple[tuple[str, float], ...]]:
    """For each row, in order, the likeliest units with their probabilities, best first, by name where equal."""
    parts = (probabilities(router, part) for part in rows.iter_slices(AT_ONCE))
    return [tuple(_written(router, chances, most)) for part in parts for chances in part]


def _written(router: Router, chances: Matrix, most: int) -> list[tuple[str, float]]:
    """The likeliest names: the chance of a unit, times the chance that it is written so."""
    names = [
        (name, float(chances[unit]) * share)
        for unit in np.argsort(-chances, kind="stable")[:most]
        for name, share in router.ways[unit]
    ]
    return sorted(names, key=lambda one: (-one[1], one[0]))[:most]


def likelihood(chances: Matrix, units: Sequence[str], told: pl.Series) -> float:
    """Mean logarithm of what the units that took the matters were given; LEAST for who was never seen."""
    index = told.replace_strict(list(units), range(len(units)), default=-1, return_dtype=pl.Int64).to_numpy()
    given = np.where(index >= 0, chances[np.arange(len(index)), np.maximum(index, 0)], 0.0)
    return float(np.log(np.maximum(given, LEAST)).mean())


def planned(
    rows: pl.DataFrame,
    later: pl.DataFrame,
    columns: Sequence[str],
    *,
    chains: int = 4,
    strengths: Sequence[float] = (0.5, 1.0, 2.0, 4.0),
    half_lives: Sequence[float | None] = (None, 80.0, 40.0, 20.0),
) -> Plan:
    """The plan under which `rows` foretell `later` best, found step by step; never look at what is to be tested on.

    Chain after chain, and in each column after column, what helps most is added; then strength and ageing are chosen.
    """
    plan = Plan((), strengths[1], half_lives[0])
    best = -np.inf
    for _ in range(chains):
        grown, value = _grown(rows, later, columns, plan)
        if value <= best + 1e-4:
            break
        plan, best = grown, value
    aged = [None] if MOMENT not in rows.columns else list(half_lives)
    options = [Plan(plan.chains, strength, age) for strength in strengths for age in aged]
    return max(options, key=lambda option: _foretold(rows, later, option))


def _grown(rows: pl.DataFrame, later: pl.DataFrame, columns: Sequence[str], plan: Plan) -> tuple[Plan, float]:
    """The plan with one more chain."""
    chain: Chain = ((),)
    best = _foretold(rows, later, Plan((*plan.chains, chain), plan.strength, plan.half_life))
    while left := [name for name in columns if name not in chain[-1]]:
        options = [Plan((*plan.chains, (*chain, (*chain[-1], name))), plan.strength, plan.half_life) for name in left]
        values = [_foretold(rows, later, option) for option in options]
        if max(values) <= best + 1e-4:
            break
        best = max(values)
        chain = options[values.index(best)].chains[-1]
    return Plan((*plan.chains, chain), plan.strength, plan.half_life), best


def _foretold(rows: pl.DataFrame, later: pl.DataFrame, plan: Plan) -> float:
    router = fit(rows, plan)
    told = later[UNIT].replace(families(rows[UNIT]))
    return likelihood(probabilities(router, later), router.units, told)


def _weights(rows: pl.DataFrame, half_life: float | None) -> Matrix:
    if half_life is None or MOMENT not in rows.columns:
        return np.ones(rows.height)
    latest = rows[MOMENT].max()
    assert isinstance(latest, datetime)
    days = (pl.lit(latest) - pl.col(MOMENT)).dt.total_seconds() / 86_400
    return rows.select(0.5 ** (days / half_life)).to_series().fill_null(0.0).to_numpy()


def _counted(
    rows: pl.DataFrame, columns: tuple[str, ...], codes: NDArray[np.int64], weights: Matrix, width: int
) -> Level:
    keys = _keys(rows, columns)
    known = keys.unique().sort()
    places = keys.replace_strict(known, range(len(known)), return_dtype=pl.Int64).to_numpy()
    counts = sparse.csr_matrix((weights, (places, codes)), shape=(len(known), width))
    return Level(columns, tuple(known), counts)


def _along(
    chain: Chain, at: dict[tuple[str, ...], tuple[Level, NDArray[np.int64]]], strength: float, height: int, width: int
) -> Matrix:
    """Down one chain: what is known at each level, and as much of the coarser one as the strength says."""
    chances = np.full((height, width), 1.0 / width)
    for columns in chain:
        level, places = at[columns]
        seen = np.flatnonzero(places >= 0)
        counts = level.counts[places[seen]].toarray()
        total = counts.sum(axis=1, keepdims=True)
        chances[seen] = (counts + strength * chances[seen]) / (total + strength)
    return chances


def _places(level: Level, rows: pl.DataFrame) -> NDArray[np.int64]:
    """Where each row's values stand among the level's keys; -1 where they never occurred."""
    known = {key: number for number, key in enumerate(level.keys)}
    return np.array([known.get(key, -1) for key in _keys(rows, level.columns)], dtype=np.int64)


def _keys(rows: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    if not columns:
        return pl.Series("key", [""] * rows.height, dtype=pl.String)
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in columns]
    return rows.select(pl.concat_str(parts, separator=BETWEEN)).to_series()
