"""The contracts as files for others: `python -m schemas.publishing` writes them to `schemas/published/`.

A test fails when the folder is stale, so a change of a contract shows in the diff.
"""

import json
from pathlib import Path

from schemas import records
from schemas.forms import json_schema

PUBLISHED = Path(__file__).parent / "published"


def documents() -> dict[str, str]:
    """Every published file: path inside `schemas/published/` -> its text."""
    found = {}
    for name in records.__all__:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **json_schema(getattr(records, name))}
        found[f"json_schema/{name}.json"] = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    return found


def publish(folder: Path = PUBLISHED) -> None:
    """Write all documents and remove what is no longer published."""
    wanted = documents()
    for path in sorted(folder.rglob("*.json")):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    publish()
