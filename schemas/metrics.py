"""The metric catalogue: what each figure means. API, exports and the daily report read these and `gold.metrics` only.

A share is null when its denominator is 0: unknown, never 0 or 100 %. A count has the denominator 1.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.vocabulary import Term

Scope = Literal["county", "unit", "township", "feed", "category", "event_grade", "handling_level", "duty_tier"]
ORDER_SCOPES: tuple[Scope, ...] = ("county", "unit", "township")
CUT_SCOPES: tuple[Scope, ...] = (*ORDER_SCOPES, "category", "event_grade", "handling_level", "duty_tier")
INTAKE_SCOPES: tuple[Scope, ...] = ("county", "feed")

ACCEPTED = (
    "orders accepted in the window (accepted_at: the incident's first receipt); without sub-orders (分办) and without "
    "orders merged into another (并入)"
)
RECEIVED = "reports received in the window (received_at)"
FINISHED = "batches of the clean job finished in the window"
VALID = "orders of the window whose last call-back was valid (有效回访: the caller was reached and answered)"
LAST_ONLY = "only the last call-back of an order counts; orders without a call-back do not"
PAUSED = (
    "finish_due_at has the paused time on top, counted as the limit counts; of an order that is paused (挂起) it had "
    "passed if it had when the clock stopped"
)
NO_ORDER = Term("无可统计工单", "no order to count")
NO_CALL_BACK = Term("无回访", "no call-back")
NO_VALID_CALL_BACK = Term("无有效回访", "no valid call-back")


@dataclass(frozen=True)
class Definition:
    """One metric in words. version changes with any change of meaning; it is stored beside each figure."""

    code: str
    label: Term
    kind: Literal["count", "share"]
    numerator: str
    denominator: str
    window: str
    scopes: tuple[Scope, ...]
    exclusions: str = "none"
    undefined: str = "never: nothing counted is 0"
    undefined_label: Term | None = None  # what people read in place of an undefined figure
    version: str = "1"


def _count(
    code: str, label: Term, counted: str, window: str, scopes: tuple[Scope, ...], *, version: str = "1"
) -> Definition:
    return Definition(code, label, "count", counted, "1", window, scopes, version=version)


def _of_orders(
    code: str, label: Term, *, numerator: str, denominator: str, exclusions: str = "none", version: str = "1"
) -> Definition:
    undefined = "no order of the window is in the denominator"
    return Definition(
        code, label, "share", numerator, denominator, ACCEPTED, ORDER_SCOPES, exclusions, undefined, NO_ORDER, version
    )


def _of_call_backs(code: str, label: Term, numerator: str) -> Definition:
    undefined = "no valid call-back among the orders of the window"
    return Definition(
        code, label, "share", numerator, VALID, ACCEPTED, ORDER_SCOPES, LAST_ONLY, undefined, NO_VALID_CALL_BACK, "2"
    )


METRICS: dict[str, Definition] = {
    metric.code: metric
    for metric in (
        _count(
            "reports",
            Term("来件量", "reports"),
            "reports, each at its newest revision",
            RECEIVED,
            ("county", "feed", "township"),
        ),
        _count("rows_in", Term("接入条数", "rows in"), "rows that came in", FINISHED, INTAKE_SCOPES),
        _count("rows_clean", Term("合格条数", "clean rows"), "rows that became reports", FINISHED, INTAKE_SCOPES),
        _count(
            "rows_redelivered",
            Term("重复投递条数", "redelivered rows"),
            "rows that said exactly what an earlier one said",
            FINISHED,
            INTAKE_SCOPES,
        ),
        _count(
            "rows_quarantined",
            Term("隔离条数", "quarantined rows"),
            "rows that broke their feed's contract",
            FINISHED,
            INTAKE_SCOPES,
        ),
        _count("orders", Term("工单量", "orders"), "orders", ACCEPTED, CUT_SCOPES, version="2"),
        _count(
            "urgent_orders",
            Term("紧急工单量", "urgent orders"),
            "orders marked urgent",
            ACCEPTED,
            CUT_SCOPES,
            version="2",
        ),
        _count(
            "overdue_orders",
            Term("超期未办结量", "overdue orders"),
            "orders that do not stand closed and whose finish_due_at had passed when counted, those handed "
            f"to another line (移交) left out; {PAUSED}",
            ACCEPTED,
            CUT_SCOPES,
            version="3",
        ),
        _of_orders(
            "signed_in_time_rate",
            Term("按时签收率", "signed in time"),
            numerator="of these, orders first signed for at or before sign_due_at",
            denominator="orders of the window that were signed for, or whose sign_due_at had passed",
            exclusions="orders still inside their time and not signed for; orders handed to another line (移交)",
            version="2",
        ),
        _of_orders(
            "closed_in_time_rate",
            Term("按时办结率", "closed in time"),
            numerator="of these, orders that stand closed, last closed at or before finish_due_at",
            denominator="orders of the window that stand closed, or whose finish_due_at (as extended) had passed; "
            f"{PAUSED}",
            exclusions="orders still inside their time and not closed; orders handed to another line (移交)",
            version="3",
        ),
        _of_orders(
            "send_back_rate",
            Term("退单率", "sent back"),
            numerator="orders sent back at least once",
            denominator="all orders of the window; by unit: of the unit that the rules chose",
            version="2",
        ),
        Definition(
            "valid_call_back_rate",
            Term("有效回访率", "valid call-backs"),
            "share",
            VALID,
            "orders of the window that were called back",
            ACCEPTED,
            ORDER_SCOPES,
            LAST_ONLY,
            "no order of the window was called back",
            NO_CALL_BACK,
            version="2",
        ),
        _of_call_backs(
            "response_rate", Term("响应率", "response rate"), "of these, orders whose unit contacted the caller"
        ),
        _of_call_backs(
            "solved_rate", Term("解决率", "solved rate"), "of these, orders whose caller said it was solved"
        ),
        _of_call_backs(
            "satisfaction_rate",
            Term("满意率", "satisfaction rate"),
            "of these, orders whose caller was satisfied or mostly satisfied (满意, 基本满意)",
        ),
    )
}

THREE_RATES = ("response_rate", "solved_rate", "satisfaction_rate")
INTAKE_ACCOUNT = ("rows_in", "rows_clean", "rows_redelivered", "rows_quarantined")


def scope_of(scope: Scope, code: str = "") -> str:
    """How a scope is written in `gold.metrics`: `county`, or `unit:<code>` and so on."""
    return f"{scope}:{code}" if code else scope
