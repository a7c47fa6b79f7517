"""Errors as RFC 9457 problem details: what is wrong, where, and what to do."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from api.logs import route_of

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One value of the request that cannot be taken."""

    where: str = Field(examples=["body.outcome", "query.limit"])
    what: str


class Problem(BaseModel):
    """RFC 9457. `type` is a stable code for programs; `detail` says what to do."""

    type: str = Field(examples=["urn:ninelines:problem:step-not-allowed"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="path of the request")
    allowed_next: list[str] | None = Field(None, description="steps the order allows now")
    errors: list[FieldError] | None = None


class ProblemError(Exception):
    """Ends a request with a problem. Further fields of Problem go into more."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.title, self.detail, self.more = status, code, title, detail, more
        self.headers = headers


def invalid(errors: list[dict[str, Any]]) -> ProblemError:
    """422 for what pydantic found. Names the place and the fault, never the value: it may hold what a caller said."""
    found = [FieldError(where=".".join(map(str, one["loc"])), what=one["msg"]) for one in errors]
    code, title, detail = _EXAMPLES[422]
    return ProblemError(422, code, title, detail, errors=found)


def as_problem(error: ProblemError, path: str) -> Problem:
    """The problem as a part of an answer about many things; path: of the request."""
    type_ = f"urn:ninelines:problem:{error.code}"
    return Problem(type=type_, title=error.title, status=error.status, detail=error.detail, instance=path, **error.more)


_EXAMPLES: dict[int, tuple[str, str, str]] = {
    400: ("bad-cursor", "Cursor not understood", "Ask for the first page again, without `cursor`."),
    401: ("no-key", "No valid API key", "Send `Authorization: Bearer nl_…`; `ninelines keys create ROLE` makes a key."),
    403: ("not-your-role", "Your role may not do this", "A leader may not do orders.sign: send a key of department."),
    404: ("not-found", "No such order", "Check the number; a department sees its own orders only."),
    408: ("slow-body", "The body did not come", "Send the whole body within 10 s."),
    409: ("step-not-allowed", "Step not allowed", "The order is dispatched (待签收): sign for it first (签收)."),
    410: ("gone", "No longer kept", "Read your list of orders, then go on without this place."),
    412: ("stale", "Changed by somebody else", "You saw version 1, it is 2 now: read it again, then decide."),
    413: ("too-large", "Too large", "The body has 2000000 bytes; send at most 1048576."),
    415: ("unknown-media-type", "Unknown media type", "Send the body uncompressed."),
    422: ("invalid", "The request cannot be understood", "Correct the values named in `errors`, then send it again."),
    429: ("too-often", "Too many requests", "This key asks too often. Wait a second."),
    503: ("no-store", "The store is not reachable", "Send the request again later. If it lasts: `ninelines status`."),
}  # fmt: skip


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route says about its errors in OpenAPI; every route may answer 401, 403, 422, 429 and 503."""
    return {status: {"$ref": f"#/components/responses/{status}"} for status in (*statuses, 401, 403, 422, 429, 503)}


def install(app: FastAPI) -> None:
    """Answer every error, also those of the framework, with a problem."""
    app.add_exception_handler(ProblemError, _ours)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DataError, _not_storable)
    app.add_exception_handler(OperationalError, _no_store)
    app.add_exception_handler(Exception, _unexpected)
    _describe(app)


def _describe(app: FastAPI) -> None:
    """Put the problems into the OpenAPI document once, where the routes point to them."""
    of_the_routes = app.openapi

    def openapi() -> dict[str, Any]:
        document = of_the_routes()
        parts = document["components"]
        ref = "#/components/schemas/{model}"
        schema = Problem.model_json_schema(ref_template=ref)
        parts["schemas"] |= {**schema.pop("$defs"), "Problem": schema}
        parts["responses"] = {str(status): _documented(status) for status in _EXAMPLES}
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _documented(status: int) -> dict[str, Any]:
    code, title, detail = _EXAMPLES[status]
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "example": _problem(status, code, title, detail, "/v1/orders/9f2c"),
    }
    return {"description": title, "content": {MEDIA_TYPE: content}}


def _answer(request: Request, status: int, code: str, title: str, detail: str, **more: Any) -> JSONResponse:
    headers = more.pop("headers", None)
    body = _problem(status, code, title, detail, request.url.path, **more)
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def _problem(status: int, code: str, title: str, detail: str, path: str, **more: Any) -> dict[str, Any]:
    type_ = f"urn:ninelines:problem:{code}"
    problem = Problem(type=type_, title=title, status=status, detail=detail, instance=path, **more)
    return problem.model_dump(exclude_none=True)


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else error.headers
    return _answer(request, error.status, error.code, error.title, error.detail, headers=headers, **error.more)


def _of_the_framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # what FastAPI says of a body whose bytes are no text
        return _answer(request, 422, "invalid", _EXAMPLES[422][1], "Send the body as JSON in UTF-8.")
    code, title, detail = {
        404: ("no-such-path", "No such path", "See /openapi.json for the paths there are."),
        405: ("no-such-method", "No such method here", "See the Allow header for the methods of this path."),
    }.get(error.status_code, ("http", str(error.detail), "Correct the request, then send it again."))
    return _answer(request, error.status_code, code, title, detail, headers=error.headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return _ours(request, invalid(list(error.errors())))


def _not_storable(request: Request, error: Exception) -> JSONResponse:
    """What no column can hold, in text that every other check lets through: a zero byte, a moment before our era."""
    log.warning("value_refused", route=route_of(request.scope), error=type(error).__name__)
    detail = (
        "A text holds a zero byte, or a number or an instant is beyond what can be kept. Correct it, then send again."
    )
    return _answer(request, 422, "invalid", _EXAMPLES[422][1], detail)


def _no_store(request: Request, error: Exception) -> JSONResponse:
    log.error("store_unreachable", route=route_of(request.scope), error=type(error).__name__)
    code, title, detail = _EXAMPLES[503]
    return _answer(request, 503, code, title, detail, headers={"Retry-After": "5"})


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error(
        "request_failed",
        route=route_of(request.scope),
        method=request.method,
        error=type(error).__name__,
        exc_info=error,
    )
    detail = "This is our fault, not yours; nothing was changed. Tell the engineers the time and the path."
    return _answer(request, 500, "unexpected", "Something went wrong", detail)
