"""Who may do what: the one table of rights, by action."""

from typing import Final

from schemas.order_life import CENTRE, LIFE

EVERYBODY: Final = ("engineer", "dispatcher", "department", "analyst", "leader", "auditor")

# A department acts on and sees its own orders only (`api.orders.queries.visible`).
RIGHTS: Final[dict[str, tuple[str, ...]]] = {
    "orders.read": ("dispatcher", "department", "leader", "auditor"),
    "orders.register": CENTRE,
    **{f"orders.{step.event}": step.roles for step in LIFE.values()},
    "orders.bulk": tuple(sorted({role for step in LIFE.values() for role in step.roles})),  # and the right to the step
    "attachments.read": ("dispatcher", "department", "auditor"),
    "attachments.open": ("dispatcher", "department"),  # a link to the picture itself
    "attachments.add": ("dispatcher", "department"),
    "recordings.add": ("dispatcher",),
    "recordings.open": ("dispatcher",),  # the name by which the recording system plays it
    "notices.read": ("dispatcher", "department", "leader", "auditor"),
    "webhooks.keep": ("engineer",),  # who says where our messages go
    "webhooks.read": ("engineer", "department", "auditor"),
    "webhooks.mend": ("engineer", "department"),
    "incidents.read": ("dispatcher", "department", "analyst", "leader", "auditor"),
    "warnings.read": ("dispatcher", "analyst", "leader", "auditor"),
    "warnings.review": ("analyst",),
    "metrics.read": EVERYBODY,
    "reports.read": ("dispatcher", "analyst", "leader", "auditor"),
    "rules.try": ("engineer", "dispatcher", "leader", "auditor"),
    "scorecards.read": EVERYBODY,
    "feeds.read": EVERYBODY,
    "feeds.health": ("engineer", "auditor"),
    "quality.read": ("engineer", "auditor"),
    "intake.push": ("source",),  # and to its own feed only (`api.intake.routes`)
}


def may(role: str, action: str) -> bool:
    """Whether the role has the right; an action that is not in the table is nobody's."""
    return role in RIGHTS.get(action, ())
