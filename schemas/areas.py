"""The county's areas: townships, villages and grids, from `areas.toml` in the rules folder.

Areas are data of one county; another county is another folder (`NINELINES_RULES_DIR`).
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RULES = Path(__file__).parent / "rules"


@dataclass(frozen=True)
class Township:
    """A town or street (镇/街道). box: WGS84 west, south, east, north; None where no outline is known."""

    code: str  # nine digits, the first six are the county's
    name: str
    aliases: tuple[str, ...]  # other names found in texts and payloads
    box: tuple[float, float, float, float] | None
    villages: int
    grids: int  # in all villages together


@dataclass(frozen=True)
class County:
    code: str
    name: str
    townships: tuple[Township, ...]


@cache
def load_county(rules: Path = RULES) -> County:
    """The county of a rules folder. KeyError names what `areas.toml` lacks."""
    with (rules / "areas.toml").open("rb") as file:
        found = tomllib.load(file)
    townships = tuple(
        Township(
            t["code"], t["name"], tuple(t.get("aliases", ())), tuple(t["box"]) if "box" in t else None,
            t.get("villages", 0), t.get("grids", 0),
        )
        for t in found["township"]
    )  # fmt: skip
    return County(found["county"]["code"], found["county"]["name"], townships)
