"""Who may do what: the one table of rights, by action."""

from typing import Final

EVERYBODY: Final = ("engineer", "dispatcher", "department", "analyst", "leader", "auditor")

# A department acts on and sees its own orders only (`api.orders.queries.visible`).
RIGHTS: Final[dict[str, tuple[str, ...]]] = {
    "orders.read": ("dispatcher", "department", "leader", "auditor"),
    "orders.sign": ("department",),
    "orders.handle": ("department",),
    "orders.extend": ("department", "dispatcher"),
    "orders.send_back": ("department",),
    "orders.close": ("department",),
    "orders.call_back": ("dispatcher",),
    "orders.reopen": ("dispatcher",),
    "orders.dispatch": ("dispatcher",),
    "incidents.read": ("dispatcher", "department", "analyst", "leader", "auditor"),
    "warnings.read": ("dispatcher", "analyst", "leader", "auditor"),
    "warnings.review": ("analyst",),
    "metrics.read": EVERYBODY,
    "reports.read": ("dispatcher", "analyst", "leader", "auditor"),
    "feeds.read": EVERYBODY,
}


def may(role: str, action: str) -> bool:
    """Whether the role has the right; an action that is not in the table is nobody's."""
    return role in RIGHTS.get(action, ())
