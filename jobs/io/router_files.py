"""Trained routers on disk: counts as npz, words as JSON, so that reading a model runs no code.

A model folder holds one folder a version (`counts.npz`, `router.json`, `card.json`, `SCORECARD.md`) and the file `live`
(`jobs.io.model_versions`). A folder that holds one router's files itself, as older ones do, reads as well.
"""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from jobs.context import DataError
from jobs.io.model_versions import CARD, DAMAGED, FOUND, go_live, how_to_train, live_place, live_version, write
from jobs.models.router import MOMENT, UNIT, Level, Plan, Router
from jobs.models.routing_card import RoutingCard, TooFewRowsError, as_markdown, train

COUNTS, WORDS, PAGE = "counts.npz", "router.json", "SCORECARD.md"
ROUTED_BY = ("category", "kind", "township_code")  # codes that an incident has
FORMATS = (
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
)


def train_and_save(
    rows: pl.DataFrame, unit: str, features: list[str], folder: Path, *, note: str = "", moments: str = ""
) -> RoutingCard:
    """Train a router on a table of texts, save it with its scorecard, and make it live.

    moments: the column that says when each row was made; where none is named, the first that holds nothing but moments.
    Raises DataError on too few rows, or where that column holds something else.
    """
    found = read_moments(rows, moments, [unit, *features])
    named = rows.select(*features, pl.col(unit).alias(UNIT))
    named = named.with_columns(found.alias(MOMENT)) if found is not None else named
    try:
        router, card = train(named, features, note, found.name if found is not None else "")
    except TooFewRowsError as error:
        raise DataError(f"too little to learn from: {error}") from error
    save(router, asdict(card), as_markdown(card), folder)
    go_live(card.version, folder)
    return card


def read_moments(rows: pl.DataFrame, named: str, others: list[str]) -> pl.Series | None:
    """The column of moments, or None where no column is one. Raises DataError where the named one is not."""
    for name in [named] if named else [column for column in rows.columns if column not in others]:
        for form in FORMATS:
            found = rows[name].str.to_datetime(form, strict=False)
            if rows.height and found.null_count() == 0:
                return found.alias(name)
    if named:
        raise DataError(f"column {named}: not every row holds a moment such as 2018-10-20 08:00:00")
    return None


def router_folder(state_dir: Path) -> Path:
    """Where the county's own router lives."""
    return state_dir / "models" / "router"


def save(router: Router, card: dict[str, Any], page: str, folder: Path) -> Path:
    """Write one version beside the others; its folder. It is not live yet.

    card: as a record, with its `version`; page: the card for people.
    """
    _take_in(folder)
    place = folder / card["version"]
    place.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {}
    for number, level in enumerate(router.levels):
        parts = {"data": level.counts.data, "indices": level.counts.indices, "indptr": level.counts.indptr}
        arrays |= {f"{number}.{name}": part for name, part in parts.items()}
    numbers = place / f".{os.getpid()}.npz"
    np.savez_compressed(numbers, **arrays)
    numbers.replace(place / COUNTS)
    words = {
        "version": card["version"],
        "plan": asdict(router.plan),
        "units": router.units,
        "ways": router.ways,
        "levels": [{"columns": level.columns, "keys": level.keys} for level in router.levels],
    }
    write(place / WORDS, json.dumps(words, ensure_ascii=False, indent=1) + "\n")
    write(place / CARD, json.dumps(card, ensure_ascii=False, indent=1) + "\n")
    write(place / PAGE, page)
    return place


def load(folder: Path) -> Router:
    """The live router of a model folder, or the router of a version's own folder.

    Raises DataError, with the command that makes one, where there is none.
    """
    place = live_place(folder)
    if not (place / WORDS).exists():
        raise DataError(f"no router in {folder}; make one from past orders: {how_to_train('router', folder)}")
    try:
        words = json.loads((place / WORDS).read_text(encoding="utf-8"))
        units, plan = tuple(words["units"]), words["plan"]
        chains = tuple(tuple(tuple(level) for level in chain) for chain in plan["chains"])
        ways = tuple(tuple((name, float(share)) for name, share in unit) for unit in words["ways"])
        with np.load(place / COUNTS, allow_pickle=False) as arrays:
            levels = tuple(_level(number, level, arrays, len(units)) for number, level in enumerate(words["levels"]))
        found = Plan(chains, plan["strength"], plan["half_life"])
        return Router(found, units, ways, levels, words["version"])
    except DAMAGED as error:
        raise DataError(f"the router in {place} is damaged ({error}); train it again") from error


def live_router(state_dir: Path) -> Router | None:
    """The county's own router, `models/router` in the state folder; None where nobody trained one.

    Raises DataError where it is damaged or looks at anything but ROUTED_BY.
    """
    folder = router_folder(state_dir)
    if not has_live(folder):
        return None
    router = load(folder)
    if unknown := set(columns_of(router)) - set(ROUTED_BY):
        raise DataError(
            f"the router in {folder} looks at {', '.join(sorted(unknown))}; train it on {','.join(ROUTED_BY)} only"
        )
    return router


def live_card(state_dir: Path) -> dict[str, Any] | None:
    """The scorecard of the county's own router as it was written; None where there is none."""
    path = live_place(router_folder(state_dir)) / CARD
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def has_live(folder: Path) -> bool:
    """Is there a router in use?"""
    return live_version(folder) is not None or (folder / WORDS).exists()


def columns_of(router: Router) -> list[str]:
    """The columns that a table to be routed must have."""
    return sorted({name for level in router.levels for name in level.columns})


def _level(number: int, words: dict[str, list[str]], arrays: "np.lib.npyio.NpzFile", width: int) -> Level:
    parts = tuple(arrays[f"{number}.{name}"] for name in ("data", "indices", "indptr"))
    keys = tuple(words["keys"])
    return Level(tuple(words["columns"]), keys, sparse.csr_matrix(parts, shape=(len(keys), width)))


def _take_in(folder: Path) -> None:
    """Make a router that lies in the folder itself a version among the others, so that one can go back to it."""
    if live_version(folder) is not None or not (folder / WORDS).exists():
        return
    version = load(folder).version or "first"
    (folder / version).mkdir(exist_ok=True)
    for name in (COUNTS, WORDS, PAGE, CARD):
        shutil.copy2(folder / name, folder / version)
    go_live(version, folder, FOUND)
