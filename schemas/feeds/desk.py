"""What the command centre notes by hand (登记), as a report of 12345: written for the second version of its contract."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.feeds.government_12345_v2 import FEED

KINDS = {
    code: word for word, code in list(FEED.kinds.items())[::-1] if code in FEED.admits
}  # the contract's first word
CATEGORIES = {code: word for word, code in list(FEED.categories.items())[::-1]}


def desk_payload(source_id: str, noted: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The payload. noted: text, kind (of KINDS), category, and perhaps place, township_code, lat and lon in WGS84.

    A category that the contract has no word for is left out: the classifier reads the text. at: with a zone.
    """
    told = {
        "orderNo": source_id,
        "createdAt": at.isoformat(timespec="microseconds"),
        "type": KINDS[noted["kind"]],
        "category": CATEGORIES.get(noted["category"]),
        "content": noted["text"],
        "address": noted.get("place"),
        "areaCode": noted.get("township_code"),
        "longitude": noted.get("lon"),
        "latitude": noted.get("lat"),
    }
    return {name: value for name, value in told.items() if value is not None}
