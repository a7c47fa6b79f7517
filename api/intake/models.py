"""What the intake answers, and how its requests look in OpenAPI."""

from typing import Any

from pydantic import BaseModel, Field

from api.examples import both
from api.intake.events import BATCH, STRUCTURED


class AcceptedEvent(BaseModel):
    """One message that the broker has. With the same ce_source and ce_id it is the same delivery."""

    ce_id: str = Field(description="as sent; of a plain body the SHA-256 of its bytes", examples=["9f2c…"])
    ce_source: str = Field(description="as sent; of a plain body the name of the key's source")
    raw_id: str = Field(description="topic/partition/offset", examples=["ninelines.feed.video/0/1042"])


class Receipt(BaseModel):
    """Every message of the push, on the broker's disk."""

    feed: str
    accepted: list[AcceptedEvent]


_ALARM = (
    '<EventNotificationAlert version="2.0"><macAddress>02:00:00:00:00:17</macAddress><channelID>1</channelID>'
    "<dateTime>2026-03-02T22:05:11+08:00</dateTime><activePostCount>1</activePostCount><eventType>fielddetection</eventType>"
    "<eventState>active</eventState></EventNotificationAlert>"
)
_FINDING = {
    "rec_id": 30417,
    "create_time": "2026-03-02 09:12:40",
    "sub_type_name": "暴露垃圾",
    "event_desc": "垃圾未清运",
}
_EVENT = {
    "specversion": "1.0", "id": "30417", "source": "/grid/yunchuan", "type": "event.reported",
    "datacontenttype": "application/json", "data": [_FINDING],
}  # fmt: skip
REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One message as the source sends it (with `ce-*` headers: CloudEvents binary mode), "
        "or CloudEvents in structured or batch mode.",
        "content": {
            "application/xml": {"schema": {"type": "string"}, "example": _ALARM},
            "application/json": {
                "schema": {},
                "examples": both([_FINDING], [_FINDING | {"event_desc": "rubbish behind the market"}]),
            },
            "multipart/form-data": {"schema": {"type": "string", "format": "binary"}},
            STRUCTURED: {"schema": {"type": "object"}, "example": _EVENT},
            BATCH: {"schema": {"type": "array", "items": {"type": "object"}}, "example": [_EVENT]},
        },
    },
    "parameters": [
        {"name": f"ce-{name}", "in": "header", "required": False, "schema": {"type": "string"}, "description": words}
        for name, words in (
            ("specversion", "CloudEvents binary mode: `1.0`; then id, source and type as well"),
            ("id", "with the source, one delivery: a repeated push is told from a new one"),
            ("source", "who says it"),
            ("type", "what happened"),
        )
    ],
}
