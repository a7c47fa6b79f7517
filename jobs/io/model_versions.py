"""Which version of a model is in use, and which were before: the file `live` of a model folder.

One line a change, the newest last: version, moment (ISO 8601), why (WHYS), between tabs. A file that holds nothing but
a version, as older ones do, reads as well. It is replaced whole, so that readers see the old or the new one.
"""

import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from jobs.context import DataError
from jobs.io.locks import alone, now

LIVE, CARD = "live", "card.json"
TRAINED, RELEARNED, ROLLED_BACK, FOUND = "trained", "relearned", "rolled_back", "found"
# What reading a damaged file of a model may raise, wherever the damage is.
DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, NotImplementedError, BadZipFile, zlib.error)
WHYS = (TRAINED, RELEARNED, ROLLED_BACK, FOUND)


@dataclass(frozen=True)
class Change:
    """One version that came into use. since: empty where an older file does not say."""

    version: str
    since: str = ""
    why: str = FOUND


_TRAINED_BY = {
    "classifier": "ninelines train classifier --data IN.csv --out {}",
    "router": "ninelines train router --data IN.csv --unit COLUMN --features C1,C2 --out {}",
}


def how_to_train(model: str, folder: Path) -> str:
    """The command that makes the first version of a model (`schemas.vocabulary.MODELS`)."""
    return _TRAINED_BY[model].format(folder)


def live_version(folder: Path) -> str | None:
    """The version in use; None where there is none, also where a training was cut off."""
    found = changes(folder)
    return found[-1].version if found else None


def live_place(folder: Path) -> Path:
    """Where the live version's files are; the folder itself where it holds one version only."""
    version = live_version(folder)
    return folder / version if version else folder


def saved_versions(folder: Path) -> list[str]:
    """Every version that has a card, by the time it was saved."""
    cards = sorted(folder.glob(f"*/{CARD}"), key=lambda card: (card.stat().st_mtime, card.parent.name))
    return [card.parent.name for card in cards]


def changes(folder: Path) -> list[Change]:
    """What was in use when, the newest last. Raises DataError where the file is damaged."""
    path = folder / LIVE
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [Change(*line.strip().split("\t")) for line in lines if line.strip()]
    except (ValueError, TypeError) as error:
        raise DataError(f"{path} is damaged ({error}); write the version to use into it, and nothing else") from error


def go_live(version: str, folder: Path, why: str = TRAINED, instead_of: str | None = None) -> None:
    """Make a saved version the one in use.

    instead_of: the version it was held against; DataError where another one came into use meanwhile.
    """
    with alone(folder, LIVE):
        if instead_of and (live := live_version(folder)) != instead_of:
            raise DataError(f"{folder}: {version} was held against {instead_of}, but {live} is live now and stays")
        if version != live_version(folder):
            _append(Change(version, now(), why), folder)


def roll_back(folder: Path, version: str = "") -> Change:
    """Put the version before the live one into use again, or the one that is named; the change.

    Once more goes back one further. Raises DataError where there is no such version.
    """
    with alone(folder, LIVE):
        standing = [change.version for change in _standing(changes(folder))]
        if not version and len(standing) < 2:
            raise DataError(f"{folder}: no version was live before {standing[-1] if standing else 'any other'}")
        target = version or standing[-2]
        if target not in saved_versions(folder):
            known = ", ".join(saved_versions(folder)) or "none"
            raise DataError(f"{folder}: no version {target} to go back to; there are: {known}")
        if target == live_version(folder):
            raise DataError(f"{folder}: {target} is the live version already")
        change = Change(target, now(), ROLLED_BACK)
        _append(change, folder)
        return change


def rolled_back(folder: Path) -> set[str]:
    """Versions that somebody put out of use by going back behind them, and nobody into use since."""
    out: set[str] = set()
    found = changes(folder)
    for number, change in enumerate(found):
        if change.why == ROLLED_BACK:
            before = {one.version for one in _standing(found[:number])}
            out |= before - {one.version for one in _standing(found[: number + 1])}
        out.discard(change.version)
    return out


def write(path: Path, text: str) -> None:
    """Write a file of a model; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _standing(found: list[Change]) -> list[Change]:
    """The changes that nobody took back: a roll-back takes back all that came after its version's own."""
    kept: list[Change] = []
    for change in found:
        places = [number for number, one in enumerate(kept) if one.version == change.version]
        if change.why == ROLLED_BACK and places:
            kept = kept[: places[-1] + 1]
        else:
            kept.append(change)
    return kept


def _append(change: Change, folder: Path) -> None:
    lines = [*changes(folder), change]
    write(folder / LIVE, "".join(f"{one.version}\t{one.since}\t{one.why}\n" for one in lines))
