"""Device and platform payloads as they were caught: GB/T 28181 and ISAPI alarms, a grid platform's event push."""

from collections.abc import Iterator
from pathlib import Path

from bench.real.packets import Packet, packet

NAME = "payloads"
FEED_OF = {"gb28181": "video", "hikvision": "video", "grid": "grid"}


def deliveries(data: Path) -> Iterator[Packet]:
    """Every file byte for byte, one message each."""
    for folder, feed in FEED_OF.items():
        for path in sorted((data / "payloads" / folder).iterdir()):
            yield packet(NAME, feed, f"{folder}/{path.name}", path.read_bytes())
