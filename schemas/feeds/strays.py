"""Messages on topics that no contract covers, and what becomes of them."""

from dataclasses import dataclass

from schemas.feeds.contract import Sample, topic_of


@dataclass(frozen=True)
class Stray:
    """A sample on a topic of its own. feed: the code under which it is set aside."""

    topic: str
    feed: str
    sample: Sample


_ENQUIRY = '{"id": "R-1", "time": "2025-03-04 10:00:00", "content": "咨询社保"}'.encode()

STRAYS = (
    Stray(topic_of("12333", 1), "12333", Sample("a line that the county has not joined", _ENQUIRY, ("unknown_feed",))),
    Stray(topic_of("12333", 2), "12333", Sample("a later version of it", _ENQUIRY, ("unknown_feed",))),
    Stray(topic_of("110", 9), "110", Sample("a version that nobody registered", _ENQUIRY, ("unknown_version",))),
)
