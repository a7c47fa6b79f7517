"""What is new of orders (动态): as a list to ask for, or as a stream of server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.happenings import queries
from api.happenings.hub import Hub
from api.happenings.models import MAX_PART, POSITION, Happening, HappeningList, HappeningQuery, Wanted
from api.happenings.queries import BEGINNING, Position
from api.keys.access import Actor, is_known, who_may
from api.problems import ProblemError, problems
from api.store import Reading, reading

router = APIRouter(prefix="/v1/happenings", tags=["happenings 动态"])

LOOK_AGAIN_SECONDS = 15.0  # whether the key still holds; and whatever the hub may have missed
RECONNECT_MS = 3_000

Listener = Annotated[Actor, who_may("orders.read")]


@router.get("", response_model=HappeningList, responses=problems(410))
def list_happenings(store: Reading, actor: Listener, query: Annotated[HappeningQuery, Query()]) -> Any:
    """What happened to orders, the oldest first, for those who ask from time to time; kept for 30 days."""
    position = Position.of(query.after) if query.after else BEGINNING
    queries.require_kept(store, position)
    items = queries.after(store, actor, query, position, query.limit)
    return {"items": items, "next_after": items[-1]["id"] if items else str(position)}


def _begin(
    store: Reading,
    last: Annotated[
        str | None, Header(alias="Last-Event-ID", pattern=POSITION, description="sent by browsers after a break")
    ] = None,
) -> tuple[Position, bool]:
    """Where to go on, and whether anything before it may be lost."""
    if last is None:
        return queries.now(store), False
    try:
        queries.require_kept(store, Position.of(last))
    except ProblemError:
        return queries.now(store), True
    return Position.of(last), False


@router.get("/stream", response_class=EventSourceResponse, responses=problems())
async def stream_happenings(
    request: Request,
    actor: Listener,
    begin: Annotated[tuple[Position, bool], Depends(_begin, scope="function")],
    wanted: Annotated[Wanted, Query()],
) -> AsyncIterator[ServerSentEvent]:
    """What happens to orders, told within about a second (server-sent events; `EventSource` in browsers).

    It begins with `begin`, then tells what is new; with `Last-Event-ID` first what was missed. `reset` says that some
    of that is no longer kept: read the list of orders. Each event's name is the step or `notice`. The stream ends when
    the key is revoked or the server stops; connect again.
    """
    position, is_reset = begin
    hub, engine = request.app.state.hub, request.app.state.store
    name = "reset" if is_reset else "begin"
    yield ServerSentEvent(event=name, data={"after": str(position)}, id=str(position), retry=RECONNECT_MS)
    async for happening in _told(hub, engine, actor, wanted, position):
        yield ServerSentEvent(event=happening.event, data=happening, id=happening.id)


async def _told(
    hub: Hub, engine: sa.Engine, actor: Actor, wanted: Wanted, position: Position
) -> AsyncIterator[Happening]:
    def read() -> list[dict[str, Any]]:
        with reading(engine) as store:
            return queries.after(store, actor, wanted, position, MAX_PART)

    with hub.listening(actor.unit_code) as woken:
        while not hub.is_stopped and await run_in_threadpool(is_known, engine, actor):
            woken.clear()
            rows = await run_in_threadpool(read)
            for row in rows:
                yield Happening(**row)
                position = Position.of(row["id"])
            if len(rows) < MAX_PART:
                await _first(woken)


async def _first(woken: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(woken.wait(), LOOK_AGAIN_SECONDS)
    except TimeoutError:
        return
