"""The secrets behind caller tokens, made once for a lake and rotated by period (ADR 10).

One file, `state_dir/caller_key`, its owner's alone: the first key as plain text, or JSON once there are several. Where
NINELINES_CALLER_KEY is set, it is the first key.
"""

import json
import os
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jobs.context import DataError
from jobs.io.locks import alone
from jobs.settings import Settings
from jobs.transforms.caller_tokens import CallerKey, CallerKeys

FIRST = "1"
FORGOTTEN = "is_forgotten"
Entry = dict[str, Any]  # id, valid_from (ISO day or null), and secret or is_forgotten


def caller_keys(settings: Settings) -> CallerKeys:
    """Every period's key; a first one is made if need be. DataError where the file is broken or open to others."""
    path = _path(settings)
    if not path.exists() and not settings.caller_key:
        _make(path)
    return tuple(_key(entry, settings) for entry in _entries(settings))


def has_keys(settings: Settings) -> bool:
    """Whether a key was made or given; looking makes none."""
    return bool(settings.caller_key) or _path(settings).exists()


def rotate(settings: Settings, valid_from: date, today: date) -> CallerKey:
    """Add a key for what sources receive from a local day on. DataError for a day that is not to come.

    Tokens of today and before were given out under the present keys and must come out the same again.
    """
    caller_keys(settings)  # there is a first one
    with alone(settings.state_dir / "locks", "caller_key"):
        entries = _entries(settings)
        latest = entries[-1]["valid_from"]
        earliest = max(today, date.fromisoformat(latest) if latest else today) + timedelta(days=1)
        if valid_from < earliest:
            raise DataError(f"caller keys: a new key can be valid from {earliest} at the earliest, not {valid_from}")
        number = str(int(entries[-1]["id"]) + 1)
        added = {"id": number, "valid_from": valid_from.isoformat(), "secret": secrets.token_urlsafe(48)}
        _write(_path(settings), [*entries, added])
        return _key(added, settings)


def forget(settings: Settings, key_id: str, today: date, retention_days: int) -> None:
    """Destroy a key whose period ended so long ago that no raw bytes of it are left. DataError where it is not so."""
    with alone(settings.state_dir / "locks", "caller_key"):
        entries = _entries(settings)
        ids = [entry["id"] for entry in entries]
        if key_id not in ids:
            raise DataError(f"caller keys: no key {key_id}; there are {', '.join(ids)}")
        place = ids.index(key_id)
        if place == len(ids) - 1:
            raise DataError(f"caller keys: {key_id} is the newest; rotate first")
        free = date.fromisoformat(entries[place + 1]["valid_from"]) + timedelta(days=retention_days)
        if today <= free:
            raise DataError(f"caller keys: messages of key {key_id}'s period are kept until {free}; forget it later")
        entries[place] = {"id": key_id, "valid_from": entries[place]["valid_from"], FORGOTTEN: True}
        _write(_path(settings), entries)


def _path(settings: Settings) -> Path:
    return settings.state_dir / "caller_key"


def _entries(settings: Settings) -> list[Entry]:
    """What the file says; a first key from the environment is in it without its secret, if at all."""
    path = _path(settings)
    if not path.exists():
        return [{"id": FIRST, "valid_from": None}]
    if path.stat().st_mode & 0o077:
        raise DataError(f"{path} holds a secret and others may read it: chmod 600 {path}")
    text = path.read_bytes().decode("utf-8", "replace").strip()
    if text and not text.startswith("{"):
        return [{"id": FIRST, "valid_from": None, **({} if settings.caller_key else {"secret": text})}]
    try:
        return _checked(json.loads(text)["keys"])
    except (ValueError, KeyError, TypeError):
        why = "without it, callers of before cannot be known again"
        raise DataError(f"{path} is no list of caller keys; put its backup back ({why})") from None


def _checked(entries: list[Entry]) -> list[Entry]:
    """ValueError, KeyError or TypeError where they are not in order."""
    days = [date.fromisoformat(entry["valid_from"]) for entry in entries[1:]]
    ids = [int(entry["id"]) for entry in entries]
    if not ids or entries[0]["valid_from"] is not None or days != sorted(set(days)) or ids != sorted(set(ids)):
        raise ValueError
    if not all(isinstance(entry.get("secret", ""), str) for entry in entries):
        raise ValueError
    return entries


def _key(entry: Entry, settings: Settings) -> CallerKey:
    day = date.fromisoformat(entry["valid_from"]) if entry["valid_from"] else None
    if entry.get(FORGOTTEN):
        return CallerKey(entry["id"], day, None)
    given = settings.caller_key if entry["id"] == FIRST else ""
    secret = given or entry.get("secret")
    if not secret:
        raise DataError(f"caller keys: key {entry['id']} has no secret; was it NINELINES_CALLER_KEY? Set it again")
    return CallerKey(entry["id"], day, secret.encode())


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _fresh(path, secrets.token_urlsafe(48))
    try:
        os.link(fresh, path)  # whole or not at all, and the first one wins
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _write(path: Path, entries: Sequence[Entry]) -> None:
    _fresh(path, json.dumps({"keys": entries}, indent=1)).replace(path)


def _fresh(path: Path, text: str) -> Path:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return fresh
