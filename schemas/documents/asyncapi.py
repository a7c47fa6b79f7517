"""The Kafka topics as AsyncAPI 3.0: what feeds send, with CloudEvents headers, and the order events that go out."""

from importlib.metadata import version
from typing import Any

from schemas.documents.contracts import file_name, is_adapted
from schemas.documents.payloads import payload_schema
from schemas.feeds import contracts
from schemas.feeds.contract import Feed
from schemas.forms import json_schema
from schemas.records import OrderEvent, Rating
from schemas.vocabulary import KINDS

Document = dict[str, Any]
KAFKA_BINDING = "0.5.0"
ORDER_EVENTS = "ninelines.order_events"  # jobs.catalog has the same value; a test compares them


def asyncapi() -> Document:
    """The whole document."""
    channels, operations, messages, schemas = {}, {}, {}, {}
    for feed in contracts():
        name = channel_name(feed)
        channels[name] = _channel(feed)
        operations[f"receive_{name}"] = _receive(feed)
        messages[name] = _message(feed)
        schemas[name] = payload_schema(feed)
    channels["order_events"], operations["send_order_events"] = _order_events_channel()
    messages["order_event"] = _order_event()
    schemas |= {"OrderEvent": json_schema(OrderEvent), "Rating": json_schema(Rating), "CloudEventsHeaders": _headers()}
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": {"county": _server()},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _info() -> Document:
    return {
        "title": "Ninelines: intake and order events",
        "version": version("ninelines"),
        "description": "What the nine lines, video platforms and grid workers' platforms send to a county's Ninelines, "
        "and what departments did with the orders. Generated from schemas/feeds; the pages in docs/feeds show samples.",
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "tags": [{"name": "feeds", "description": "来件"}, {"name": "orders", "description": "工单"}],
    }


def _server() -> Document:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The county's Kafka cluster.",
        "variables": {"bootstrap": {"default": "127.0.0.1:19092", "description": "NINELINES_KAFKA_BOOTSTRAP"}},
    }


def channel_name(feed: Feed) -> str:
    return "feed_" + file_name(feed).replace(".", "_")


def _channel(feed: Feed) -> Document:
    name = channel_name(feed)
    return {
        "address": feed.topic,
        "title": f"{feed.name_zh} {feed.name_en}, version {feed.contract_version}",
        "description": f"About {feed.expected_a_day} messages a day. Admitted: "
        f"{', '.join(f'{kind} ({KINDS[kind].zh})' for kind in feed.admits)}. Owner: {feed.owner_unit}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "tags": [{"name": "feeds"}],
        "bindings": {"kafka": {"topic": feed.topic, "bindingVersion": KAFKA_BINDING}},
    }


def _receive(feed: Feed) -> Document:
    name = channel_name(feed)
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": f"Land, clean and account for every message of {feed.name_en}.",
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }


def _message(feed: Feed) -> Document:
    name = channel_name(feed)
    is_json = feed.format == "json" or is_adapted(feed)
    shape = "" if is_json else f" The payload is {feed.format.upper()}; the schema names its fields."
    key = {"type": "string", "description": "The contact's id, so that its revisions stay in order."}
    return {
        "name": name,
        "title": f"{feed.name_zh} {feed.name_en}",
        "summary": f"One payload with one report or several, {feed.format} in {feed.encoding}.{shape}",
        "contentType": feed.content_type,
        "headers": {"$ref": "#/components/schemas/CloudEventsHeaders"},
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}},
        "examples": [{"name": "headers", "headers": _headers_of(feed)}],
    }


def _headers() -> Document:
    """CloudEvents 1.0, Kafka binding, binary mode."""
    texts = {
        "ce_id": "With ce_source it names one delivery.",
        "ce_source": "Who sends, a URI reference.",
        "ce_type": "`ninelines.feed.<code>.received`",
    }
    return {
        "type": "object",
        "description": "CloudEvents 1.0 attributes in binary mode. A message without them is read all the same.",
        "required": ["ce_specversion", *texts],
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            **{name: {"type": "string", "minLength": 1, "description": told} for name, told in texts.items()},
            "ce_time": {"type": "string", "format": "date-time", "description": "When it was sent."},
            "content-type": {"type": "string", "description": "With the charset in which the bytes are written."},
        },
    }


def _headers_of(feed: Feed) -> Document:
    return {
        "ce_specversion": "1.0",
        "ce_id": f"{feed.code}-0001",
        "ce_source": f"/counties/990101/feeds/{feed.code}",
        "ce_type": f"ninelines.feed.{feed.code}.received",
        "ce_time": "2025-03-04T13:40:12Z",
        "content-type": feed.content_type,
    }


def _order_events_channel() -> tuple[Document, Document]:
    channel = {
        "address": ORDER_EVENTS,
        "title": "工单流转 order events",
        "description": "Every step in an order's life and every call-back, from the store's outbox: at least once, "
        "in order per order.",
        "messages": {"order_event": {"$ref": "#/components/messages/order_event"}},
        "tags": [{"name": "orders"}],
        "bindings": {"kafka": {"topic": ORDER_EVENTS, "bindingVersion": KAFKA_BINDING}},
    }
    operation = {
        "action": "send",
        "channel": {"$ref": "#/channels/order_events"},
        "summary": "Publish what departments and dispatchers did.",
        "messages": [{"$ref": "#/channels/order_events/messages/order_event"}],
    }
    return channel, operation


def _order_event() -> Document:
    either = [
        {
            "type": "object",
            "required": ["type", "data"],
            "properties": {"type": {"const": type_}, "data": {"$ref": f"#/components/schemas/{record}"}},
        }
        for type_, record in (("order_event", "OrderEvent"), ("rating", "Rating"))
    ]
    return {
        "name": "order_event",
        "title": "工单事件 order event or call-back",
        "contentType": "application/json",
        "payload": {"oneOf": either},
        "bindings": {"kafka": {"key": {"type": "string", "description": "order_id"}, "bindingVersion": KAFKA_BINDING}},
    }
