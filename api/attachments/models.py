"""What the attachment routes take and give."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.examples import both
from api.shown import Instant, shown
from schemas import records
from schemas.attachments import MAX_PICTURE_BYTES, PICTURE_TYPES

_more: dict[str, Any] = {
    "object_key": (str | None, Field(description="name of the object; null for those who may not open it")),
    "url": (str | None, Field(description="shows the picture, for five minutes; null where there is none for you")),
}
Attachment = shown(records.Attachment, **_more)

_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def _without_phone(name: str) -> str:
    if _PHONE.search(name):
        raise ValueError("the name holds a phone number: give the recording system's own id")
    return name


class Recording(BaseModel):
    """What is known of a recording (录音). The sound stays in the recording system; nothing is made of it."""

    model_config = ConfigDict(extra="forbid")

    object_key: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_./:-]{1,200}$", description="name in the recording system"),
        AfterValidator(_without_phone),
    ]
    began_at: Instant
    seconds: int = Field(ge=0, le=24 * 3600, description="length")


_call = {"object_key": "rec/2026/11/10/a81f.wav", "began_at": "2026-11-10T09:30:00+08:00", "seconds": 95}
RECORDING_EXAMPLES = both(_call, _call)

PICTURE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"the picture's bytes, at most {MAX_PICTURE_BYTES}",
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in PICTURE_TYPES},
    }
}
