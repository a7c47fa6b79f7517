"""Logs as JSON lines on standard error: one event name, named fields, no values of requests."""

import logging
import sys
import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

FOUND = (409, 412)  # refusals that say how the order stands


def configure() -> None:
    """Tracebacks without local variables: those hold what callers said."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    # The server's own lines hold paths and queries as they were sent; `AccessLog` writes them without.
    logging.getLogger("uvicorn.access").disabled = True


class AccessLog:
    """One line a request: method, route (not the path, which may name people), status, milliseconds.

    Requests of somebody known also get an entry in the chain (`api.audit`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun, status = time.monotonic(), 0
        scope.setdefault("state", {})

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            spent = round((time.monotonic() - begun) * 1000)
            log.info("request", method=scope["method"], route=route_of(scope), status=status, ms=spent)
            if entered := scope["state"].get("entered"):
                entered(_entry(scope, status, spent))


def _entry(scope: Scope, status: int, ms: int) -> dict[str, Any]:
    """What the chain keeps of a request, but for who asked. Of an order that was found its number.

    What somebody sent in its place is not kept: it may be a caller's number.
    """
    order_id = scope.get("path_params", {}).get("order_id") if status < 400 or status in FOUND else None
    return {"method": scope["method"], "route": route_of(scope), "order_id": order_id, "status": status, "ms": ms}


def route_of(scope: Scope) -> str:
    """The path as the route declares it; `-` where no route was found."""
    return getattr(scope.get("route"), "path", "-")
