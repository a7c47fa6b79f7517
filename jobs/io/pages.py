"""Generated pages: one tree of values as HTML for people and as JSON for machines."""

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parents[1] / "templates"


def write(tree: dict[str, Any], template: str, folder: Path, name: str) -> list[Path]:
    """`<name>.html` and `<name>.json` in the folder; each appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"html": render(tree, template), "json": json.dumps(tree, ensure_ascii=False, indent=2) + "\n"}
    files = [folder / f"{name}.{form}" for form in texts]
    for file, text in zip(files, texts.values(), strict=True):
        half = file.with_suffix(".half")
        half.write_text(text, encoding="utf-8")
        half.replace(file)
    return files


def render(tree: dict[str, Any], template: str) -> str:
    """One HTML page without outside files. A value that the template names and the tree lacks is an error."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template(template).render(tree)
