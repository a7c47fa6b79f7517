"""Labelled texts to train and score a classifier on, from the same grammar as the day; says nothing about real texts."""

from random import Random

import polars as pl

from jobs.simulate import personal
from jobs.simulate.grammar import Side, styles, templates, words_for
from jobs.simulate.places import choose_spot
from jobs.simulate.profile import Voice
from jobs.simulate.telling import tell
from schemas.areas import County
from schemas.vocabulary import CATEGORIES

VOICES: dict[str, Voice] = {"found": "grid", "device": "device"}
SPEAKERS: tuple[Voice, ...] = ("spoken", "written")
KINDS = {"asks": "enquiry", "suggests": "suggestion", "found": "inspection", "device": "device_alarm"}
STYLE_WEIGHTS = {"told": 10, "urgent": 3, "calm": 2, "asks": 4, "suggests": 2, "found": 3, "device": 2}


def corpus(seed: int, rows: int, county: County, side: Side = "all") -> pl.DataFrame:
    """Columns text, label (category code), kind, style, is_urgent; categories in equal parts.

    side: "train" and "test" use different templates, so that a score on "test" is not one of memory.
    """
    rng = Random(f"corpus {seed} {side}")
    found = [_row(list(CATEGORIES)[number % len(CATEGORIES)], rng, county, side) for number in range(rows)]
    rng.shuffle(found)
    return pl.DataFrame(found, schema=["text", "label", "kind", "style", "is_urgent"], orient="row")


def _row(category: str, rng: Random, county: County, side: Side) -> tuple[str, str, str, str, bool]:
    known = [style for style in styles(category) if templates(category, style, side)]
    style = rng.choices(known, [STYLE_WEIGHTS[name] for name in known])[0]
    voice = VOICES[style] if style in VOICES else rng.choice(SPEAKERS)
    where, number, given = choose_spot(county, rng).name, personal.phone(rng), words_for(category, rng)
    template = rng.choice(templates(category, style, side))
    said = tell(category, template, voice, rng, where=where, number=number, given=given)
    return said.text, category, KINDS.get(style, rng.choice(("help", "complaint"))), style, style == "urgent"
