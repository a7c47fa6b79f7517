"""API keys: made once, shown once, kept as hashes."""

import hashlib
import hmac
import secrets

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from schemas.tables import API_KEYS

PREFIX = "nl_"


def random_key() -> str:
    """A new key of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def demo_key(secret: str, role: str, unit_code: str | None) -> str:
    """The same key each time for one secret, role and unit: a second demo makes no second key."""
    words = f"{role}\n{unit_code or ''}"
    return PREFIX + hmac.new(secret.encode(), words.encode(), hashlib.sha256).hexdigest()


def hash_of(key: str) -> str:
    """What the store keeps. Plain SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()


def register(
    store: sa.Connection,
    key: str,
    role: str,
    unit_code: str | None = None,
    *,
    feed: str | None = None,
    source: str | None = None,
) -> None:
    """Let this key act as the role; a department's key needs its unit, a source's its feed and name.

    Registering it again changes nothing.
    """
    values = {"key_hash": hash_of(key), "role": role, "unit_code": unit_code, "feed": feed, "source": source}
    store.execute(insert(API_KEYS).values(values).on_conflict_do_nothing())
