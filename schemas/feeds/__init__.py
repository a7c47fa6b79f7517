"""The registry of feeds: nine lines, video alarms and grid reports. Adding one: a module, its samples, a line here."""

import re

from schemas.feeds import (
    ambulance_120,
    consumer_12315,
    environment_12369,
    fire_119,
    government_12345,
    government_12345_v2,
    grid,
    legal_12348,
    police_110,
    safety_12350,
    traffic_122,
    video,
)
from schemas.feeds.contract import TOPIC_PREFIX, Feed

# Every feed by its code, in the version that travels on the feed's own topic.
FEEDS: dict[str, Feed] = {
    module.FEED.code: module.FEED
    for module in (
        police_110, fire_119, ambulance_120, traffic_122, consumer_12315, government_12345, legal_12348, safety_12350,
        environment_12369, video, grid,
    )
}  # fmt: skip

# Later versions by topic: read beside the first until nobody sends the first any more.
LATER_VERSIONS: dict[str, Feed] = {module.FEED.topic: module.FEED for module in (government_12345_v2,)}

VERSION_SUFFIX = re.compile(r"\.v[0-9]+$")


def contracts() -> list[Feed]:
    """Every contract that is read, feeds in their order, then the later versions."""
    return [*FEEDS.values(), *LATER_VERSIONS.values()]


def contract_of_topic(topic: str) -> Feed | None:
    """The contract under which a topic's messages are read; None where no such feed or version is registered."""
    return LATER_VERSIONS.get(topic) or FEEDS.get(topic.removeprefix(TOPIC_PREFIX))


def feed_of_topic(topic: str) -> str:
    """The feed's code, without prefix and version, whether or not such a feed is registered."""
    return VERSION_SUFFIX.sub("", topic.removeprefix(TOPIC_PREFIX))
