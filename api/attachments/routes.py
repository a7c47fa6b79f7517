"""Attachments (附件) of an order: pictures, and what is known of recordings."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Request

from api.attachments import keeping
from api.attachments.keeping import Desk, Sent
from api.attachments.models import PICTURE_BODY, RECORDING_EXAMPLES, Attachment, Recording
from api.bodies import read_body
from api.keys.access import Actor, who_may
from api.problems import ProblemError, problems
from api.shown import list_of
from api.store import Now
from schemas.attachments import MAX_PICTURE_BYTES, PICTURE_TYPES

router = APIRouter(prefix="/v1/orders/{order_id}", tags=["attachments 附件"])

READ_SECONDS = 60.0  # for a phone in the field to bring its picture


async def _sent(request: Request) -> Sent:
    """The body, never more of it than allowed. It is read before a connection to the store is taken."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in PICTURE_TYPES:
        detail = f"Send the picture's bytes as {', '.join(PICTURE_TYPES)}."
        raise ProblemError(415, "unknown-media-type", "Unknown media type", detail)
    return Sent(await read_body(request, MAX_PICTURE_BYTES, READ_SECONDS), media_type)


@cache
def _desk(action: str) -> Callable[..., Desk]:
    def desk(request: Request, actor: Annotated[Actor, who_may(action)], now: Now) -> Desk:
        state = request.app.state
        return Desk(actor, state.store, state.bucket, now)

    return desk


def _desk_for(action: str) -> Any:
    """The desk as a dependency; 401 and 403 as `who_may`, before anything else of the request is looked at."""
    return Depends(_desk(action))


OrderId = Annotated[str, Path(max_length=128, description="the order's number")]


@router.get("/attachments", response_model=list_of(Attachment), responses=problems(404))
def list_attachments(desk: Annotated[Desk, _desk_for("attachments.read")], order_id: OrderId) -> Any:
    """What is attached, the first first, with links for those who may open it."""
    return keeping.listed(desk, order_id)


@router.post(
    "/attachments",
    status_code=201,
    response_model=Attachment,
    responses=problems(400, 404, 408, 413, 415),
    openapi_extra=PICTURE_BODY,
)
def add_picture(
    desk: Annotated[Desk, _desk_for("attachments.add")], order_id: OrderId, sent: Annotated[Sent, Depends(_sent)]
) -> Any:
    """Attach a picture: the body is its bytes. What the camera wrote beside the pixels is removed.

    The same picture sent again is kept once, so send it until it is accepted.
    """
    return keeping.add_picture(desk, order_id, sent)


@router.post("/recordings", status_code=201, response_model=Attachment, responses=problems(404))
def add_recording(
    desk: Annotated[Desk, _desk_for("recordings.add")],
    order_id: OrderId,
    recording: Annotated[Recording, Body(openapi_examples=RECORDING_EXAMPLES)],
) -> Any:
    """Note a recording of the call: its name in the recording system, when it began and how long it is."""
    return keeping.add_recording(desk, order_id, recording)
