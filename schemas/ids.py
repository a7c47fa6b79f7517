"""Ids that follow from what they name, so that whoever comes first and whoever comes later finds the same one."""

from hashlib import sha256


def report_id(feed: str, source_id: str) -> str:
    """The id of a contact: the same for all its revisions."""
    return f"r-{_short(f'{feed}|{source_id}')}"


def incident_id(first_report_id: str) -> str:
    """The id of the incident that a report opens: the same wherever and whenever it is computed."""
    return f"i-{_short(first_report_id)}"


def order_id(incident: str) -> str:
    """An incident has one order, whose id follows from the incident's."""
    return f"o-{incident.removeprefix('i-')}"


def _short(words: str) -> str:
    return sha256(words.encode()).hexdigest()[:20]
