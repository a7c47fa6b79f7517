"""The county's areas: townships, villages and grids, from `areas.toml` in the rules folder; outlines, where they are
known, from `areas.geojson` beside it (WGS84, a feature's property `code` names its township, `grid_code` its grid).

Areas are data of one county; another county is another folder (`NINELINES_RULES_DIR`).
"""

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

RULES = Path(__file__).parent / "rules"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Township:
    """A town or street (镇/街道). box: WGS84 west, south, east, north, roughly; None where it is not known."""

    code: str  # nine digits, the first six are the county's
    name: str
    aliases: tuple[str, ...]  # other names found in texts and payloads
    box: Box | None
    villages: int
    grids: int  # in all villages together


@dataclass(frozen=True)
class Outline:
    """Where a township or one of its grids lies."""

    code: str  # the township's
    grid_code: str | None  # None: the outline of the whole township
    geometry: str  # GeoJSON, WGS84


@dataclass(frozen=True)
class County:
    """outlines: a township of which only a box is known has that."""

    code: str
    name: str
    townships: tuple[Township, ...]
    outlines: tuple[Outline, ...] = ()


@cache
def load_county(rules: Path = RULES) -> County:
    """The county of a rules folder. KeyError names what `areas.toml` or a feature of `areas.geojson` lacks."""
    with (rules / "areas.toml").open("rb") as file:
        found = tomllib.load(file)
    townships = tuple(
        Township(
            t["code"], t["name"], tuple(t.get("aliases", ())), tuple(t["box"]) if "box" in t else None,
            t.get("villages", 0), t.get("grids", 0),
        )
        for t in found["township"]
    )  # fmt: skip
    outlines = tuple(_outlines(rules / "areas.geojson", townships))
    return County(found["county"]["code"], found["county"]["name"], townships, outlines)


def _outlines(path: Path, townships: Sequence[Township]) -> Iterator[Outline]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"] if path.exists() else []
    known = {feature["properties"]["code"] for feature in features if "grid_code" not in feature["properties"]}
    for feature in features:
        told: dict[str, Any] = feature["properties"]
        yield Outline(told["code"], told.get("grid_code"), json.dumps(feature["geometry"]))
    for township in townships:
        if township.box and township.code not in known:
            yield Outline(township.code, None, _rectangle(township.box))


def _rectangle(box: Box) -> str:
    west, south, east, north = box
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return json.dumps({"type": "Polygon", "coordinates": [corners]})
