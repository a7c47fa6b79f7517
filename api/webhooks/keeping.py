"""Webhooks in the store; a department finds those of its unit."""

import base64
import secrets
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from api.happenings import queries
from api.keys.access import Actor
from api.orders.taking import wrong
from api.problems import ProblemError
from api.webhooks.models import NewWebhook
from api.webhooks.sending import Answer, message_id, open_client, send
from schemas.tables import DEAD_LETTERS, WEBHOOKS

Row = dict[str, Any]


def require_safe(url: str, may_be_http: bool) -> None:
    """422 for an address without TLS, unless that is allowed."""
    if urlsplit(url).scheme == "http" and not may_be_http:
        raise wrong("body.url", "begins with http: give https, or set NINELINES_WEBHOOKS_OVER_HTTP=true")


def create(store: sa.Connection, body: NewWebhook) -> Row:
    """A new webhook, with its secret; it is told what happens from now on."""
    told = queries.now(store)
    row = {
        "webhook_id": secrets.token_hex(8),
        **body.model_dump(),
        "secret": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "state": "active",
        "xact": told.xact,
        "happening_id": told.happening_id,
    }
    return dict(store.execute(sa.insert(WEBHOOKS).values(row).returning(WEBHOOKS)).mappings().one()) | {
        "dead_letters": 0
    }


def listed(store: sa.Connection, actor: Actor) -> list[Row]:
    """Those that the actor may see, by unit."""
    found = _select().where(_seen_by(actor)).order_by(WEBHOOKS.c.unit_code, WEBHOOKS.c.created_at)
    return [dict(row) for row in store.execute(found).mappings()]


def one(store: sa.Connection, actor: Actor, webhook_id: str) -> Row:
    """The webhook; 404 for those the actor may not see."""
    found = store.execute(_select().where(WEBHOOKS.c.webhook_id == webhook_id, _seen_by(actor))).mappings()
    if (row := found.one_or_none()) is None:
        raise ProblemError(404, "not-found", "No such webhook", "See GET /v1/webhooks for those there are.")
    return dict(row)


def remove(store: sa.Connection, actor: Actor, webhook_id: str) -> None:
    """It is told nothing more; its dead letters go with it."""
    one(store, actor, webhook_id)
    store.execute(sa.delete(WEBHOOKS).filter_by(webhook_id=webhook_id))


def resume(store: sa.Connection, actor: Actor, webhook_id: str) -> Row:
    """Try at once what waits; one that was stopped is active again and goes on where it was."""
    one(store, actor, webhook_id)
    attempts = sa.func.greatest(WEBHOOKS.c.attempts, 1)  # so that the deliverer looks at it
    fresh = {"state": "active", "failing_since": None, "next_at": sa.func.now(), "attempts": attempts}
    store.execute(sa.update(WEBHOOKS).filter_by(webhook_id=webhook_id).values(fresh))
    return one(store, actor, webhook_id)


def dead_letters(store: sa.Connection, actor: Actor, webhook_id: str) -> list[Row]:
    """What it refused, the oldest first."""
    one(store, actor, webhook_id)
    found = sa.select(DEAD_LETTERS).filter_by(webhook_id=webhook_id).order_by(DEAD_LETTERS.c.happening_id)
    return [dict(row) for row in store.execute(found.limit(1_000)).mappings()]


def send_dead(engine: sa.Engine, actor: Actor, webhook_id: str, happening_id: int) -> Row:
    """Send a dead letter once more; it is gone when it is taken. 404 where there is none."""
    with engine.connect() as store:
        hook = one(store, actor, webhook_id)
        letter = sa.select(DEAD_LETTERS.c.message).filter_by(webhook_id=webhook_id, happening_id=happening_id)
        message = store.scalar(letter)
    if message is None:
        raise ProblemError(404, "not-found", "No such dead letter", "See the webhook's dead letters; it may be sent.")
    answer = _sent(hook, message_id(happening_id), message)
    if answer.outcome == "taken":
        with engine.begin() as store:
            store.execute(sa.delete(DEAD_LETTERS).filter_by(webhook_id=webhook_id, happening_id=happening_id))
    return {"is_taken": answer.outcome == "taken", "told": answer.told}


def try_out(engine: sa.Engine, actor: Actor, webhook_id: str, at: str) -> Row:
    """Send a message that says nothing, to see whether it is taken. at: now, as RFC 3339 writes it."""
    with engine.connect() as store:
        hook = one(store, actor, webhook_id)
    message = {"type": "test", "timestamp": at, "data": {"webhook_id": webhook_id}}
    answer = _sent(hook, f"msg_test_{secrets.token_hex(6)}", message)
    return {"is_taken": answer.outcome == "taken", "told": answer.told}


def _sent(hook: Row, id_: str, message: Row) -> Answer:
    with open_client() as client:
        return send(client, hook["url"], hook["secret"], id_, message)


def _select() -> sa.Select[Any]:
    dead = sa.select(sa.func.count()).where(DEAD_LETTERS.c.webhook_id == WEBHOOKS.c.webhook_id).scalar_subquery()
    return sa.select(WEBHOOKS, dead.label("dead_letters"))


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    return WEBHOOKS.c.unit_code == actor.unit_code if actor.role == "department" else sa.true()
