"""Figures as the store gives them, with what they mean."""

from typing import Any

import sqlalchemy as sa

from api.keys.access import Actor
from api.metrics.models import Definition, MetricQuery
from api.paging import given, page_of
from schemas.metrics import METRICS, scope_of
from schemas.tables import METRICS as FIGURES

Row = dict[str, Any]


def listed(store: sa.Connection, actor: Actor, query: MetricQuery) -> Row:
    """A page of figures, latest window first. A department sees the county's and its own."""
    found = sa.select(FIGURES).where(_seen_by(actor), *_filters(query))
    page = page_of(store, found, [FIGURES.c.window_start, FIGURES.c.metric, FIGURES.c.scope], query)
    return page | {"items": [row | {"definition": definition(row["metric"])} for row in page["items"]]}


def definition(code: str) -> Definition | None:
    """The catalogue's entry; None for a figure whose metric was taken out."""
    found = METRICS.get(code)
    if found is None:
        return None
    names = set(Definition.model_fields) - {"label_zh", "label_en"}
    words = {name: getattr(found, name) for name in names}
    return Definition(**words, label_zh=found.label.zh, label_en=found.label.en)


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    if actor.role != "department":
        return sa.true()
    assert actor.unit_code
    return FIGURES.c.scope.in_([scope_of("county"), scope_of("unit", actor.unit_code)])


def _filters(query: MetricQuery) -> list[sa.ColumnElement[bool]]:
    c = FIGURES.c
    return given(query, {
        "metric": lambda v: c.metric == v,
        "scope": lambda v: c.scope == v,
        "since": lambda v: c.window_start >= v,
        "until": lambda v: c.window_start < v,
    })  # fmt: skip
