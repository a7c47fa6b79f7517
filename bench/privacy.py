"""`python -m bench.privacy [--texts 3000] [--show 5]`: what redaction leaves readable, and what it takes too much.

Planted texts of the side redaction was made on (train) and of the side it is judged by (test); see
`jobs/simulate/planted.py` for the forms and `jobs/transforms/leaks.py` for what counts as readable.
"""

import argparse
import sys
import time
from collections import Counter

import polars as pl

from jobs.simulate.grammar import Said
from jobs.simulate.planted import KINDS, Side, look_alikes, planted
from jobs.transforms.leaks import is_readable
from jobs.transforms.redaction import redacted

SEED = 9
SIDES: tuple[Side, ...] = ("train", "test")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--texts", type=int, default=3_000, help="texts a side; a quarter as many look-alikes")
    asked.add_argument(
        "--show", type=int, default=0, help="examples of each kind that stayed readable, train side only"
    )
    told = asked.parse_args()
    for side in SIDES:
        _judge(side, told.texts, told.show if side == "train" else 0)
    return 0


def leaks(texts: list[Said]) -> tuple[Counter[str], Counter[str], list[tuple[str, str, str]]]:
    """Pieces planted and pieces still readable, by kind; and of those: kind, text, what came of it."""
    after = _redacted(texts)
    all_, readable, seen = Counter[str](), Counter[str](), []
    for said, kept in zip(texts, after, strict=True):
        for span in said.spans:
            all_[span.kind] += 1
            if is_readable(span.kind, span.value, kept):
                readable[span.kind] += 1
                seen.append((span.kind, said.text, kept))
    return all_, readable, seen


def taken(texts: list[Said]) -> list[tuple[str, str]]:
    """Texts whose harmless figure did not stay, and what came of them."""
    after = _redacted(texts)
    return [(said.text, kept) for said, kept in zip(texts, after, strict=True) if said.spans[0].value not in kept]


def _redacted(texts: list[Said]) -> list[str]:
    return pl.DataFrame({"text": [said.text for said in texts]}).select(redacted(pl.col("text")))["text"].to_list()


def _judge(side: Side, count: int, show: int) -> None:
    texts, harmless = planted(side, SEED, count), look_alikes(side, SEED, count // 4)
    begun = time.process_time()
    all_, readable, seen = leaks(texts)
    spent = time.process_time() - begun
    print(f"{side}: {count:,} texts, {count / spent:,.0f} texts a CPU second with the judging")
    for kind in KINDS:
        share = readable[kind] / all_[kind]
        print(f"  {kind:<16} {all_[kind]:>6,} planted {readable[kind]:>5,} readable {share:>8.2%}")
    gone = taken(harmless)
    print(f"  look-alikes      {len(harmless):>6,} planted {len(gone):>5,} taken    {len(gone) / len(harmless):>8.2%}")
    for kind in KINDS if show else ():
        for _, text, kept in [one for one in seen if one[0] == kind][:show]:
            print(f"    {kind}: {text!r} -> {kept!r}")
    for text, kept in gone[:show]:
        print(f"    taken: {text!r} -> {kept!r}")


if __name__ == "__main__":
    sys.exit(main())
