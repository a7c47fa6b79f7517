"""The rules folder for the real sets, made at run time: their townships under made-up codes, a government for each."""

import re
import shutil
from pathlib import Path

from schemas.areas import RULES

CODE = "990901"
ONE_TOWNSHIP = re.compile(r'^township = "\d{9}"', re.MULTILINE)


def write_rules(folder: Path, townships: list[str]) -> None:
    """Copy the rules of the repo, without what names a township of its county, and add the given townships."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in RULES.glob("*.toml"):
        shutil.copy(path, folder / path.name)
    codes = {name: f"{CODE}{number:03d}" for number, name in enumerate(townships, start=1)}
    (folder / "areas.toml").write_text(_areas(codes), encoding="utf-8")
    for name in ("routing", "units"):
        (folder / f"{name}.toml").write_text(_for_any_township(RULES / f"{name}.toml"), encoding="utf-8")
    with (folder / "units.toml").open("a", encoding="utf-8") as file:
        file.write(_governments(codes))


def _areas(codes: dict[str, str]) -> str:
    head = f'[county]\ncode = "{CODE}"\nname = "real data"\n'
    return head + "".join(f'\n[[township]]\ncode = "{code}"\nname = "{name}"\n' for name, code in codes.items())


def _governments(codes: dict[str, str]) -> str:
    return "".join(
        f'\n[[unit]]\nname = "government_{code}"\nname_zh = "{name}"\nname_en = "government of {name}"\n'
        f'yearly_volume = 3000\ntownship = "{code}"\n'
        for name, code in codes.items()
    )


def _for_any_township(path: Path) -> str:
    """The file's entries that name no township by its code."""
    blocks = re.split(r"(?m)^(?=\[\[)", path.read_text(encoding="utf-8"))
    return "".join(block for block in blocks if not ONE_TOWNSHIP.search(block))
