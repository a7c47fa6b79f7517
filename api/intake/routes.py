"""Pushes from cameras and platforms (推送接入): 202 once the broker has them, so an accepted push is never lost."""

import time
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request

from api.bodies import read_body
from api.intake.events import Event, PushError, Sender, events_of, largest
from api.intake.gateway import Gateway, NoBrokerError, NoTopicError, TooLargeError
from api.intake.models import REQUEST_BODY, AcceptedEvent, Receipt
from api.intake.room import NoRoomError, Room
from api.keys.access import Actor, who_may
from api.problems import ProblemError, problems
from schemas.feeds import contract_of_topic, contracts
from schemas.feeds.contract import TOPIC_PREFIX
from schemas.feeds.contract import Feed as Contract

log = structlog.get_logger()
router = APIRouter(prefix="/intake", tags=["intake 推送接入"])

READ_SECONDS = 10.0  # for a sender to bring its body
SOON, LATER = "1", "5"  # Retry-After, seconds
TITLES = {400: "Not a push that can be read", 413: "Too large", 415: "Unknown media type"}


@router.post("/{feed}", status_code=202, responses=problems(400, 404, 408, 413, 415, 429), openapi_extra=REQUEST_BODY)
async def push(
    request: Request,
    feed: Annotated[str, Path(max_length=20, examples=["video", "grid", "12345.v2"])],
    actor: Annotated[Actor, who_may("intake.push")],
) -> Receipt:
    """Hand messages of one feed in. 202: the broker has them all. 429: send the same push again after Retry-After.

    A push that was repeated is recognised by source and id, so send it again until it is accepted. The contract judges
    what it says later: what cannot be read ends in quarantine, not here.
    """
    contract = _contract(feed)
    sender = _sender(contract, actor)
    begun, room, gateway = time.monotonic(), request.app.state.intake_room, request.app.state.gateway
    try:
        with room.taken(_expected(request)):
            body = await read_body(request, largest(request.headers.get("content-type")), READ_SECONDS)
            events = events_of(request.headers, body, sender)
            places = await gateway.hand_over(contract.topic, events)
    except (ProblemError, PushError, NoRoomError, NoBrokerError, NoTopicError, TooLargeError) as error:
        raise _problem(error, contract) from None
    log.info("push_accepted", feed=contract.code, messages=len(events), ms=round((time.monotonic() - begun) * 1000))
    return Receipt(
        feed=contract.code, accepted=[_accepted(event, place) for event, place in zip(events, places, strict=True)]
    )


def _contract(feed: str) -> Contract:
    found = contract_of_topic(TOPIC_PREFIX + feed)
    if found is None:
        names = [contract.topic.removeprefix(TOPIC_PREFIX) for contract in contracts()]
        raise ProblemError(404, "no-such-feed", "No such feed", f"The feeds are {', '.join(names)}.")
    return found


def _sender(contract: Contract, actor: Actor) -> Sender:
    """Who pushes; a key may push to its own feed, in any version, and to no other."""
    if actor.feed != contract.code or not actor.source:
        detail = f"This key is for the feed {actor.feed}: `ninelines keys create source --feed {contract.code}`."
        raise ProblemError(403, "not-your-feed", "Your key is for another feed", detail)
    return Sender(contract.code, actor.source)


def _expected(request: Request) -> int:
    """Bytes the body will have at most."""
    limit, declared = largest(request.headers.get("content-type")), request.headers.get("content-length", "")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise PushError(415, "unknown-media-type", "Send the body uncompressed.")
    if not declared.isdecimal():
        return limit
    if int(declared) > limit:
        raise PushError(413, "too-large", f"The body has {int(declared)} bytes; send at most {limit}.")
    return int(declared)


def _accepted(event: Event, place: str) -> AcceptedEvent:
    return AcceptedEvent(ce_id=event.attributes["id"], ce_source=event.attributes["source"], raw_id=place)


def _problem(error: Exception, contract: Contract) -> ProblemError:
    """What the sender is told; logged without a word of what was sent."""
    match error:
        case ProblemError():
            found = error
        case PushError():
            found = ProblemError(error.status, error.code, TITLES.get(error.status, "Not taken"), error.detail)
        case NoRoomError():
            found = _again(429, "busy", "Too much at once", "As many pushes are at work as may be.", SOON)
        case NoBrokerError():
            found = _again(429, "no-broker", "Kafka does not answer", "Nothing was acknowledged.", LATER)
        case NoTopicError():
            why = f"Kafka has no topic {contract.topic}: `ninelines up` makes it."
            found = _again(503, "no-topic", "The feed has no topic", why, LATER)
        case _:
            found = ProblemError(413, "too-large", TITLES[413], "Kafka takes no message of this size.")
    log.warning("push_refused", feed=contract.code, status=found.status, code=found.code)
    return found


def _again(status: int, code: str, title: str, why: str, seconds: str) -> ProblemError:
    detail = f"{why} Send the same push again, with the same id, after {seconds} s."
    return ProblemError(status, code, title, detail, headers={"Retry-After": seconds})


def open_gateway(bootstrap: str) -> tuple[Gateway, Room]:
    """The way into Kafka and the bounds on it, one of each a process. Connects with the first push."""
    return Gateway(bootstrap), Room(pushes=512, size=64 * 1024 * 1024)
