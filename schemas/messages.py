"""Messages of the topic `ninelines.order_events`: how changes of the store travel back to the lake."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

MessageType = Literal["order_event", "rating"]

# Of order_id and version, which is never used twice: a message that arrives again is known by it.
EVENT_ID = "{}.{}"


def message(type_: MessageType, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of OrderEvent or Rating as JSON values; instants are ISO 8601 in UTC with `Z`, to the microsecond."""
    return {"type": type_, "data": {name: _as_json(value) for name, value in row.items()}}


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value
