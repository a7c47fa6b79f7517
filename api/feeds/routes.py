"""The feeds (来源): the public part of their contracts."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.keys.access import Actor, who_may
from api.lake import newest
from api.problems import problems
from api.shown import list_of, shown
from api.store import AppSettings
from schemas.feeds import contracts
from schemas.feeds.contract import Feed as Contract
from schemas.records import FeedHealth

router = APIRouter(prefix="/v1/feeds", tags=["feeds 来源"])


class Feed(BaseModel):
    """What a feed promises."""

    code: str
    name_zh: str
    name_en: str
    format: str
    encoding: str
    admits: list[str] = Field(description="kinds it may send; others are quarantined")
    owner_unit: str
    time_zone: str
    coordinate_system: str
    retention_days: int = Field(description="of the raw bytes")
    contract_version: str
    accepted_fields: list[str] = Field(description="canonical fields it fills; anything else it sends is not stored")


@router.get("", responses=problems())
def list_feeds(_: Annotated[Actor, who_may("feeds.read")]) -> list[Feed]:
    """The contracts of the eleven feeds: nine lines, video alarms and grid reports; later versions at the end."""
    return [_public(contract) for contract in contracts()]


@router.get("/health", responses=problems(), response_model=list_of(shown(FeedHealth)))
def list_feed_health(settings: AppSettings, _: Annotated[Actor, who_may("feeds.health")]) -> Any:
    """How each feed did when it was last looked at: silent, or waiting for us, or well. Empty before the first look."""
    return newest(settings, "ops.feed_health", "feed").to_dicts()


def _public(contract: Contract) -> Feed:
    names = set(Feed.model_fields) - {"accepted_fields", "admits"}
    words = {name: getattr(contract, name) for name in names}
    return Feed(**words, admits=list(contract.admits), accepted_fields=sorted(contract.mapping))
