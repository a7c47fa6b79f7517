"""An analyst's decision on a warning. It can be changed: who decides later knows more."""

import sqlalchemy as sa

from api.problems import ProblemError
from api.warnings.queries import Row, one
from api.writing import Change
from schemas.tables import WARNINGS
from schemas.vocabulary import WARNING_STATES


def review(change: Change, warning_id: str, state: str, reason: str | None) -> Row:
    """The warning as acknowledged or dismissed. 404, 412, 409 in this order, before anything is changed."""
    warning = one(change.store, warning_id, is_held=True)
    change.require_version(warning["version"])
    if warning["state"] == state:
        detail = f"The warning is {state} ({WARNING_STATES[state].zh}) already; there is nothing to do."
        other = [step for step, leads_to in STEPS.items() if leads_to != state]
        raise ProblemError(409, "step-not-allowed", "Step not allowed", detail, allowed_next=other)
    changes = {"state": state, "reason": reason, "reviewed_at": change.now, "version": warning["version"] + 1}
    change.store.execute(sa.update(WARNINGS).filter_by(warning_id=warning_id).values(changes))
    return warning | changes


STEPS = {"acknowledge": "acknowledged", "dismiss": "dismissed"}
