"""The registry of feeds: nine lines, video alarms and grid reports. Adding one: a module, its samples, a line here."""

from schemas.feeds import (
    ambulance_120,
    consumer_12315,
    environment_12369,
    fire_119,
    government_12345,
    grid,
    legal_12348,
    police_110,
    safety_12350,
    traffic_122,
    video,
)
from schemas.feeds.contract import TOPIC_PREFIX, Feed

FEEDS: dict[str, Feed] = {
    module.FEED.code: module.FEED
    for module in (
        police_110, fire_119, ambulance_120, traffic_122, consumer_12315, government_12345, legal_12348, safety_12350,
        environment_12369, video, grid,
    )
}  # fmt: skip


def feed_of_topic(topic: str) -> str:
    """The feed's code: the topic's last part, whether or not such a feed is registered."""
    return topic.removeprefix(TOPIC_PREFIX).rsplit(".", 1)[-1]
