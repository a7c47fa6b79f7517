"""One change: who asks, the transaction, the version they saw (If-Match), and the replay of a repeated request."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse

from api.keys.access import Actor, who_may
from api.problems import ProblemError
from api.store import AppSettings, Now, Writing
from jobs.settings import Settings
from schemas.regulation import Regulation, RulesOfDay, load_regulation
from schemas.regulation.calendar import LOCAL
from schemas.tables import IDEMPOTENCY_KEYS


@dataclass(frozen=True)
class Change:
    """What a write route needs. Everything it does is kept together or not at all."""

    store: sa.Connection
    actor: Actor
    now: datetime
    if_match: str | None
    idempotency_key: str | None
    request_hash: str
    settings: Settings

    @property
    def rules(self) -> Regulation:
        """The county's rules of all times."""
        return load_regulation(self.settings.rules_dir)

    @property
    def rules_of_today(self) -> RulesOfDay:
        """Those that hold on the local day of the change; they know its units."""
        return self.rules.on(self.day)

    @property
    def day(self) -> date:
        """The local day, whose rules hold."""
        return self.now.astimezone(ZoneInfo(LOCAL)).date()

    def require_version(self, version: int) -> None:
        """412 where If-Match names another version; without the header anything goes."""
        if self.if_match is None or self.if_match.strip() == "*":
            return
        seen = {tag.strip().removeprefix("W/").strip('"') for tag in self.if_match.split(",")}
        if str(version) not in seen:
            detail = f"You saw version {', '.join(sorted(seen))}, it is {version} now: read it again, then decide."
            raise ProblemError(412, "stale", "Changed by somebody else", detail)

    def answer(self, do: Callable[[], Any], status: int = 200) -> JSONResponse:
        """Do it once and answer with what it gives; a repeated Idempotency-Key gets the first answer again.

        Only successes are remembered: a request that failed changed nothing and may be sent again.
        """
        if self.idempotency_key is None:
            return _as_response(do(), status)
        found = self._first_answer(self.idempotency_key)
        if found is not None:
            return found
        response, body = _as_response(made := do(), status), made.model_dump(mode="json")
        kept = {"status": response.status_code, "headers": _etag_of(made), "body": body}
        self.store.execute(sa.insert(IDEMPOTENCY_KEYS), {**self._id, "request_hash": self.request_hash, **kept})
        return response

    @property
    def _id(self) -> dict[str, Any]:
        return {"caller": self.actor.key_hash, "key": self.idempotency_key}

    def _first_answer(self, key: str) -> JSONResponse | None:
        name = f"{self.actor.key_hash} {key}"
        self.store.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
        row = self.store.execute(sa.select(IDEMPOTENCY_KEYS).filter_by(**self._id)).one_or_none()
        if row is None:
            return None
        if row.request_hash != self.request_hash:
            detail = "This Idempotency-Key came with another request before: use a new key for a new request."
            raise ProblemError(422, "key-reused", "Idempotency-Key used twice", detail)
        return JSONResponse(row.body, row.status, {**row.headers, "Idempotency-Replayed": "true"})


async def _request_hash(request: Request) -> str:
    words = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return hashlib.sha256(words).hexdigest()


@cache
def _changing(action: str) -> Callable[..., Awaitable[Change]]:
    async def change(
        *,
        actor: Annotated[Actor, who_may(action)],
        store: Writing,
        now: Now,
        settings: AppSettings,
        request_hash: Annotated[str, Depends(_request_hash)],
        if_match: Annotated[
            str | None, Header(description="the ETag you saw; 412 when the version is another by now", examples=['"3"'])
        ] = None,
        idempotency_key: Annotated[
            str | None,
            Header(
                max_length=200, description="your own name for this request; sending it again gives the first answer"
            ),
        ] = None,
    ) -> Change:
        return Change(store, actor, now, if_match, idempotency_key, request_hash, settings)

    return change


def changing(action: str) -> Any:
    """The change as a dependency; 401 and 403 as `who_may`."""
    return Depends(_changing(action), scope="function")


def _as_response(made: Any, status: int) -> JSONResponse:
    return JSONResponse(made.model_dump(mode="json"), status, headers=_etag_of(made))


def _etag_of(made: Any) -> dict[str, str]:
    """What can be changed has a version; an answer about many things has none."""
    return {"ETag": etag(made.version)} if hasattr(made, "version") else {}


def etag(version: int) -> str:
    return f'"{version}"'
