"""Who asks: the actor behind an API key, and the check of the actor's right."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.audit.recording import Recorder
from api.keys.known import Known
from api.keys.making import hash_of
from api.keys.rights import RIGHTS, may
from api.problems import ProblemError
from api.store import reading
from schemas.tables import API_KEYS

_bearer = HTTPBearer(auto_error=False, description="API key: `Authorization: Bearer nl_…`")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="API key")


@dataclass(frozen=True)
class Actor:
    """A role, never a person."""

    key_hash: str
    role: str
    unit_code: str | None
    feed: str | None = None  # of a source
    source: str | None = None  # of a source: its name


def _actor(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    header: Annotated[str | None, Depends(_header)],
) -> Actor:
    key = bearer.credentials if bearer else header
    found = _found(request, hash_of(key)) if key else None
    if found is None:
        what = "This key is not known or was revoked." if key else "No key was sent."
        detail = f"{what} Send `Authorization: Bearer nl_…`; a key is made with `ninelines keys create ROLE`."
        raise ProblemError(401, "no-key", "No valid API key", detail)
    if found.role != "source" and not request.app.state.pace.allows(found.key_hash):  # sources: `api.intake`
        detail = "This key asks too often. Wait a second; ask for longer pages, or listen to /v1/happenings/stream."
        raise ProblemError(429, "too-often", "Too many requests", detail, headers={"Retry-After": "1"})
    _enter(request, found)
    return found


def _enter(request: Request, actor: Actor) -> None:
    """A place in the access log; the entry is written when the request has ended."""
    recorder: Recorder | None = request.app.state.recorder
    if recorder is None:
        return
    if not recorder.take_place():
        detail = "The access log takes no entries, and nobody is served without one. Send it again in some seconds."
        raise ProblemError(503, "no-access-log", "The access log is full", detail, headers={"Retry-After": "5"})
    who = {"at": datetime.now(UTC), "role": actor.role, "unit_code": actor.unit_code, "key_id": actor.key_hash[:12]}
    request.state.entered = lambda what: recorder.put(who | what)


def _found(request: Request, key_hash: str) -> Actor | None:
    known: Known[Actor] = request.app.state.known
    return known.get(key_hash, lambda: _stored(request.app.state.store, key_hash))


def _stored(engine: sa.Engine, key_hash: str) -> Actor | None:
    names = ("key_hash", "role", "unit_code", "feed", "source")
    query = sa.select(*(API_KEYS.c[name] for name in names))
    with reading(engine) as store:
        row = store.execute(query.where(API_KEYS.c.key_hash == key_hash, API_KEYS.c.revoked_at.is_(None))).one_or_none()
    return Actor(*row) if row else None


def is_known(engine: sa.Engine, actor: Actor) -> bool:
    """Whether the actor's key still holds; for what goes on after it was let in."""
    return _stored(engine, actor.key_hash) is not None


def require_right(actor: Actor, action: str) -> None:
    """403 unless the actor's role may do it."""
    if not may(actor.role, action):
        detail = f"The role {actor.role} may not do {action}; it needs a key of: {', '.join(RIGHTS[action])}."
        raise ProblemError(403, "not-your-role", "Your role may not do this", detail)


@cache
def _with_right(action: str) -> Callable[..., Awaitable[Actor]]:
    if action not in RIGHTS:
        raise KeyError(f"{action} is not in api.keys.rights.RIGHTS")

    async def allowed(actor: Annotated[Actor, Depends(_actor)]) -> Actor:
        require_right(actor, action)
        return actor

    return allowed


def who_may(action: str) -> Any:
    """The actor as a dependency; 401 without a valid key, 403 without the right."""
    return Depends(_with_right(action))
