"""The contracts as files for others: `python -m schemas.publishing` writes `schemas/published/`,
`docs/feeds/` and `docs/orders/`.

A test fails when they are stale, so a change of a contract shows in the diff. What would break a promise that is
published already is refused: it needs a version of its own.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas import records
from schemas.documents import contracts as of_feeds
from schemas.documents import odcs, pages
from schemas.documents.asyncapi import asyncapi
from schemas.documents.order_life import life_page
from schemas.documents.payloads import payload_schema
from schemas.feeds import contracts
from schemas.forms import json_schema
from schemas.lake import TABLES

ROOT = Path(__file__).parents[1]
FOLDERS = ("schemas/published", "docs/feeds", "docs/orders")  # hold nothing else
DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


class BrokenPromiseError(Exception):
    """A contract that others rely on would change under its old version."""


def documents() -> dict[str, str]:
    """Every published file: path inside the repository -> its text."""
    found = {"schemas/published/asyncapi.yaml": _yaml(asyncapi()), "docs/feeds/README.md": pages.index_page()}
    found["docs/orders/README.md"] = life_page()
    for name in records.__all__:
        found[f"schemas/published/json_schema/{name}.json"] = _json(DIALECT | json_schema(getattr(records, name)))
    for feed in contracts():
        name = of_feeds.file_name(feed)
        found[f"schemas/published/contracts/{name}.json"] = _json(of_feeds.contract_data(feed))
        found[f"schemas/published/payloads/{name}.json"] = _json(DIALECT | payload_schema(feed))
        found[f"docs/feeds/{name}.md"] = pages.feed_page(feed)
    for table in TABLES.values():
        found[f"schemas/published/odcs/{table.name}.yaml"] = _yaml(odcs.data_contract(table))
    return found


def published(root: Path = ROOT) -> dict[str, str]:
    """What lies in the folders now."""
    paths = (path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def publish(root: Path = ROOT) -> None:
    """Write all documents and remove what is no longer published. BrokenPromiseError, and nothing written, where
    a published version would no longer hold."""
    wanted, there = documents(), published(root)
    if broken := list(broken_promises(there, wanted)):
        raise BrokenPromiseError("\n".join(broken))
    for name in sorted(set(there) - set(wanted)):
        (root / name).unlink()
    for name, text in wanted.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def broken_promises(old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    """What readers or senders who rely on the old files would lose, by file."""
    for name in sorted(set(old) & set(new)):
        if "/contracts/" in name:
            found = of_feeds.broken_promises(json.loads(old[name]), json.loads(new[name]))
        elif "/odcs/" in name:
            before, after = _parsed(old[name]), _parsed(new[name])
            is_same = before["version"].partition(".")[0] == after["version"].partition(".")[0]
            found = odcs.broken_promises(before, after) if is_same else []
        else:
            continue
        yield from (f"{name}: {what}" for what in found)


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _yaml(document: Any) -> str:
    import yaml

    class Plain(yaml.SafeDumper):
        """Repeats what is said twice instead of pointing at it."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(document, Dumper=Plain, allow_unicode=True, sort_keys=False, width=120)


def _parsed(text: str) -> Any:
    import yaml

    return yaml.safe_load(text)


if __name__ == "__main__":
    try:
        publish()
    except BrokenPromiseError as error:
        sys.exit(
            f"{error}\nGive the feed a new version (a Feed of its own), or raise the first number of the table's "
            "version. Where nobody has the published file yet, delete it and publish again."
        )
