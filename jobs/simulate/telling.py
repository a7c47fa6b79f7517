"""How one report is told: opening, body, remarks, closing, in the voice of its feed."""

from random import Random

from jobs.simulate import personal
from jobs.simulate.grammar import Said, Side, fill, phrases, plain, templates
from jobs.simulate.profile import CALM, URGENT, Voice

PERSONAL, LOOK_ALIKE = 0.30, 0.14  # share of told reports that hold such a remark
STYLE_OF_KIND = {"enquiry": "asks", "suggestion": "suggests", "inspection": "found", "device_alarm": "device"}
CARS = ("traffic_accident", "traffic_order")


def style_for(category: str, kind: str, rng: Random, side: Side = "all") -> str:
    """How a report of this kind sounds. An emergency may be urgent, or only seem so; what has no words of its own is told."""
    wanted = STYLE_OF_KIND.get(kind)
    if wanted:
        return wanted if templates(category, wanted, side) else "told"
    if kind == "complaint":
        return "told"
    chance = rng.random()
    if chance < URGENT.get(category, 0):
        return "urgent"
    return "calm" if chance > 1 - CALM.get(category, 0) else "told"


def tell(
    category: str, template: str, voice: Voice, rng: Random, *, where: str, number: str, given: dict[str, str],
    is_repeat: bool = False,
) -> Said:  # fmt: skip
    """What is said. where may hold marked personal data; number: the caller's phone; given: words that are settled."""
    body = fill(template, category, rng, given | {"where": where})
    if voice == "device":
        return plain(body)
    repeat = rng.choice(phrases("closings", "repeat")) if is_repeat else ""
    parts = [body, *_remarks(category, voice, number, rng)]
    opening, closing = (rng.choice(phrases(group, voice)) for group in ("openings", "closings"))
    return plain(f"{repeat}{opening}{'，'.join(parts)}。{closing}")


def _remarks(category: str, voice: Voice, number: str, rng: Random) -> list[str]:
    """Things said beside the matter. A grid worker notes residents down less often than callers name themselves."""
    if voice == "grid":
        return [personal.remark_on_others(rng)] if rng.random() < PERSONAL / 3 else []
    found = []
    if rng.random() < LOOK_ALIKE:
        found.append(personal.look_alike(rng, voice == "written"))
    if rng.random() < PERSONAL:
        found.append(personal.remark(rng, number, category in CARS))
    return found
