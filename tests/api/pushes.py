"""Requests of the intake as tests need them."""

from schemas.feeds import FEEDS

ALARM = next(sample.payload for sample in FEEDS["video"].samples if "Hikvision, version 2.0" in sample.name)
BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "7",
    "ce-source": "/cams",
    "ce-type": "alarm",
    "content-type": "application/xml",
}
STRUCTURED = {"specversion": "1.0", "id": "7", "source": "/cams", "type": "alarm"}
CLOUD = {"content-type": "application/cloudevents+json"}
