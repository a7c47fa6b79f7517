"""What the servers and the jobs they start are told, and the secrets made once for this state folder."""

import os
import secrets
from pathlib import Path


def secret(path: Path) -> str:
    """The secret kept in this file, readable by its owner only; made the first time it is asked for."""
    if not path.exists():
        keep_private(path, secrets.token_urlsafe(48))
    return path.read_text()


def keep_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
