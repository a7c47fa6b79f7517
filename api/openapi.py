"""`python -m api.openapi > tests/api/openapi.json`: the API's description, as the golden file keeps it."""

import json
import sys

from api.app import create_app
from jobs.settings import Settings


def document() -> str:
    """OpenAPI as JSON text. Needs no store."""
    found = create_app(Settings(), is_relaying=False).openapi()
    return json.dumps(found, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
