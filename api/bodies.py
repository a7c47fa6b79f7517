"""The body of a request as bytes, never more of it than allowed, and not for longer than a sender may take."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from api.problems import ProblemError


async def read_body(request: Request, limit: int, seconds: float) -> bytes:
    """The body. ProblemError 413 beyond so many bytes, 408 after so many seconds, 400 where the connection ends."""
    declared, found = request.headers.get("content-length", ""), bytearray()
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                found += chunk
                if len(found) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        raise ProblemError(
            408, "slow-body", "The body did not come", f"It did not come within {seconds:.0f} s."
        ) from None
    except ClientDisconnect:
        raise ProblemError(400, "cut-off", "The connection ended", "It ended before the body did.") from None
    return bytes(found)


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, "too-large", "Too large", f"The body is too large; send at most {limit} bytes.")
