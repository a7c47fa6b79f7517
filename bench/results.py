"""bench/RESULTS.md: a section for each bench, under a heading of the first order."""

import re
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


def put(section: str, results: Path = RESULTS) -> None:
    """Put a section in the place of the one with the same heading, or at the end."""
    heading, ended = section.split("\n", 1)[0], f"{section.rstrip()}\n"
    before = re.split(r"^(?=# )", results.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts = [part.rstrip() + "\n" for part in before if part.strip()]
    found = [number for number, part in enumerate(parts) if part.startswith(f"{heading}\n")]
    place = found[0] if found else len(parts)
    results.write_text("\n".join([*parts[:place], ended, *parts[place + 1 :]]), encoding="utf-8")
