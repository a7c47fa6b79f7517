"""Webhooks: a unit's own system is told what is new of its orders (`docs/webhooks.md`)."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request
from fastapi.responses import JSONResponse, Response

from api.examples import both
from api.keys.access import Actor, who_may
from api.orders.taking import known_unit
from api.problems import problems
from api.shown import list_of
from api.store import Now, Reading, Writing
from api.webhooks import keeping
from api.webhooks.models import Attempt, DeadLetter, MadeWebhook, NewWebhook, Webhook
from api.writing import Change, changing

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks 推送"])

WebhookId = Annotated[str, Path(max_length=64)]
Reader = Annotated[Actor, who_may("webhooks.read")]
Mender = Annotated[Actor, who_may("webhooks.mend")]
EXAMPLES = both(
    {"unit_code": "housing", "url": "https://oa.housing.example/ninelines"},
    {"unit_code": "housing", "url": "https://oa.housing.example/ninelines", "events": ["dispatch", "remind", "notice"]},
)


@router.post("", status_code=201, response_model=MadeWebhook, responses=problems())
def create_webhook(
    change: Annotated[Change, changing("webhooks.keep")],
    body: Annotated[NewWebhook, Body(openapi_examples=EXAMPLES)],
) -> JSONResponse:
    """Tell this address what happens to the unit's orders from now on. The answer shows the secret, this once."""
    known_unit(change.rules_of_today, "body.unit_code", body.unit_code)
    keeping.require_safe(body.url, change.settings.webhooks_over_http)
    return change.answer(lambda: MadeWebhook(**keeping.create(change.store, body)), 201)


@router.get("", response_model=list_of(Webhook), responses=problems())
def list_webhooks(store: Reading, actor: Reader) -> Any:
    """The webhooks and how they fare; a department sees those of its unit."""
    return keeping.listed(store, actor)


@router.get("/{webhook_id}", response_model=Webhook, responses=problems(404))
def get_webhook(webhook_id: WebhookId, store: Reading, actor: Reader) -> Any:
    """One webhook."""
    return keeping.one(store, actor, webhook_id)


@router.delete("/{webhook_id}", status_code=204, response_class=Response, responses=problems(404))
def remove_webhook(webhook_id: WebhookId, store: Writing, actor: Annotated[Actor, who_may("webhooks.keep")]) -> None:
    """Tell this address nothing more."""
    keeping.remove(store, actor, webhook_id)


@router.post("/{webhook_id}/resume", response_model=Webhook, responses=problems(404))
def resume_webhook(webhook_id: WebhookId, store: Writing, actor: Mender) -> Any:
    """Try at once what waits; one that was stopped goes on where it was."""
    return keeping.resume(store, actor, webhook_id)


@router.post("/{webhook_id}/test", response_model=Attempt, responses=problems(404))
def try_webhook(request: Request, webhook_id: WebhookId, actor: Mender, now: Now) -> Any:
    """Send a message of the type `test` now, and tell what was answered."""
    return keeping.try_out(request.app.state.store, actor, webhook_id, now.isoformat())


@router.get("/{webhook_id}/dead-letters", response_model=list_of(DeadLetter), responses=problems(404))
def list_dead_letters(webhook_id: WebhookId, store: Reading, actor: Reader) -> Any:
    """Messages that the other system refused, the oldest first."""
    return keeping.dead_letters(store, actor, webhook_id)


@router.post("/{webhook_id}/dead-letters/{happening_id}/send", response_model=Attempt, responses=problems(404))
def send_dead_letter(
    request: Request, webhook_id: WebhookId, happening_id: Annotated[int, Path(ge=1, lt=2**63)], actor: Mender
) -> Any:
    """Send a dead letter once more; where it is taken, it is gone from the list."""
    return keeping.send_dead(request.app.state.store, actor, webhook_id, happening_id)
