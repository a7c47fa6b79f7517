"""Messages of order events as the lake takes them; the way through Kafka: test_streams.py."""

import json

import pytest

from jobs.streaming.collect_order_events import read_message

EVENT = {
    "event_id": "o1.2", "order_id": "o1", "version": 2, "event": "sign", "from_state": "dispatched",
    "to_state": "signed", "unit_code": "police", "role": "department", "reason": None, "outcome": None,
    "finish_due_at": "2026-03-05T15:59:59.000000Z", "occurred_at": "2026-03-02T04:00:00.000000Z",
}  # fmt: skip


def payload(**data: object) -> bytes:
    return json.dumps({"type": "order_event", "data": data}).encode()


def test_a_message_from_before_a_column_is_taken_without_it():
    kind, row = read_message(payload(**EVENT))
    assert (kind, row["finish_rule"], row["pause_cause"]) == ("order_event", None, None)
    assert read_message(payload(**EVENT, pause_cause="weather"))[1]["pause_cause"] == "weather"


@pytest.mark.parametrize("lacks", ["event_id", "finish_due_at"])
def test_a_message_without_what_every_event_has_is_refused(lacks: str):
    with pytest.raises(ValueError, match=lacks):
        read_message(payload(**{name: value for name, value in EVENT.items() if name != lacks}))
