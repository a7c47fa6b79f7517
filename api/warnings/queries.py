"""Warnings as the store gives them."""

from typing import Any

import sqlalchemy as sa

from api.paging import given, page_of
from api.problems import ProblemError
from api.warnings.models import WarningQuery
from schemas.tables import WARNINGS

Row = dict[str, Any]


def listed(store: sa.Connection, query: WarningQuery) -> Row:
    """A page of the warnings that match, latest period first."""
    found = sa.select(WARNINGS).where(*_filters(query))
    return page_of(store, found, [WARNINGS.c.period_at, WARNINGS.c.warning_id], query)


def one(store: sa.Connection, warning_id: str, is_held: bool = False) -> Row:
    """The warning, held against other writers if asked; ProblemError 404 where there is none."""
    query = sa.select(WARNINGS).filter_by(warning_id=warning_id)
    row = store.execute(query.with_for_update() if is_held else query).mappings().one_or_none()
    if row is None:
        raise ProblemError(404, "not-found", "No such warning", f"There is no warning {warning_id!r}.")
    return dict(row)


def _filters(query: WarningQuery) -> list[sa.ColumnElement[bool]]:
    c = WARNINGS.c
    return given(query, {
        "state": lambda v: c.state == v,
        "period": lambda v: c.period == v,
        "category": lambda v: c.category == v,
        "township": lambda v: c.township_code == v,
        "since": lambda v: c.period_at >= v,
        "until": lambda v: c.period_at < v,
    })  # fmt: skip
