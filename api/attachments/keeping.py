"""Attachments in the store: sent twice, kept once; shown as far as the asker may see."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from api.attachments.bucket import Bucket
from api.attachments.models import Recording
from api.attachments.pictures import NotAPictureError, without_metadata
from api.keys.access import Actor
from api.keys.rights import may
from api.orders.queries import Row, one
from api.problems import ProblemError
from schemas.attachments import RETENTION, picture_key
from schemas.tables import ATTACHMENTS

OPENING = {"picture": "attachments.open", "recording": "recordings.open"}  # the right to open each kind


@dataclass(frozen=True)
class Sent:
    """A picture as it was sent."""

    payload: bytes
    media_type: str


@dataclass(frozen=True)
class Desk:
    """Who handles attachments, where, and when. store: a connection is taken for a moment, not for a picture's way."""

    actor: Actor
    store: sa.Engine
    bucket: Bucket
    now: datetime


def add_picture(desk: Desk, order_id: str, sent: Sent) -> Row:
    """Store the picture, then its row: what is cut short between the two is an object that maintenance removes."""
    attachment_id = _id(order_id, sent.payload)
    known = _of_order(desk, order_id, attachment_id)
    if known and known[0]["lost_at"] is None:
        return _shown(desk, known[0])
    payload, key = _clean(sent), picture_key(order_id, attachment_id, sent.media_type)
    desk.bucket.put(key, payload, sent.media_type)
    said = {"media_type": sent.media_type, "size_bytes": len(payload), "sha256": hashlib.sha256(payload).hexdigest()}
    who = {"attachment_id": attachment_id, "order_id": order_id, "kind": "picture", "object_key": key}
    return _shown(desk, _kept(desk, who | said))


def add_recording(desk: Desk, order_id: str, recording: Recording) -> Row:
    """Note a recording that lies in the recording system."""
    said = recording.model_dump() | {"order_id": order_id, "kind": "recording"}
    return _shown(desk, _kept(desk, said | {"attachment_id": _id(order_id, recording.object_key.encode())}))


def listed(desk: Desk, order_id: str) -> list[Row]:
    """What is attached to the order and has not expired, the first first."""
    return [_shown(desk, row) for row in _of_order(desk, order_id) if row["expires_at"] > desk.now]


def _of_order(desk: Desk, order_id: str, attachment_id: str | None = None) -> list[Row]:
    """404 for an order that the actor may not see."""
    query = sa.select(ATTACHMENTS).filter_by(order_id=order_id)
    if attachment_id:
        query = query.filter_by(attachment_id=attachment_id)
    ordered = query.order_by(ATTACHMENTS.c.uploaded_at, ATTACHMENTS.c.attachment_id)
    with desk.store.connect() as connection:
        one(connection, desk.actor, order_id)
        return [dict(row) for row in connection.execute(ordered).mappings()]


def _kept(desk: Desk, said: Row) -> Row:
    """The row as it is in the store now: an earlier one stays, but for a picture that was lost and is there again."""
    row = said | {
        "role": desk.actor.role,
        "unit_code": desk.actor.unit_code,
        "uploaded_at": desk.now,
        "expires_at": desk.now + RETENTION[said["kind"]],
    }
    once = insert(ATTACHMENTS).values(row)
    found = once.on_conflict_do_update(index_elements=["attachment_id"], set_={"lost_at": None}).returning(ATTACHMENTS)
    with desk.store.begin() as connection:
        one(connection, desk.actor, row["order_id"])
        return dict(connection.execute(found).mappings().one())


def _shown(desk: Desk, row: Row) -> Row:
    """Who may not open it is told that it is there, no more."""
    if not may(desk.actor.role, OPENING[row["kind"]]):
        return row | {"object_key": None, "url": None}
    is_there = row["kind"] == "picture" and row["lost_at"] is None
    return row | {"url": desk.bucket.link(row["object_key"]) if is_there else None}


def _clean(sent: Sent) -> bytes:
    try:
        return without_metadata(sent.payload, sent.media_type)
    except NotAPictureError as error:
        raise ProblemError(422, "not-a-picture", "Not a picture that can be kept", f"{error}.") from error


def _id(order_id: str, sent: bytes) -> str:
    return hashlib.sha256(order_id.encode() + b"\n" + sent).hexdigest()[:32]
