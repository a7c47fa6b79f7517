"""Figures (指标): value, numerator, denominator, window and definition."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.keys.access import Actor, who_may
from api.metrics import models, queries
from api.paging import page_model
from api.problems import problems
from api.store import Reading
from schemas.metrics import METRICS

router = APIRouter(prefix="/v1/metrics", tags=["metrics 指标"])

Reader = Annotated[Actor, who_may("metrics.read")]


@router.get("", response_model=page_model(models.Metric), responses=problems(400))
def list_metrics(store: Reading, actor: Reader, query: Annotated[models.MetricQuery, Query()]) -> Any:
    """Figures, latest window first. `value` is null when undefined: unknown, never 0 or 100 %."""
    return queries.listed(store, actor, query)


@router.get("/definitions", responses=problems())
def list_definitions(_: Reader) -> list[models.Definition]:
    """The metric catalogue: what each figure means."""
    return [found for code in METRICS if (found := queries.definition(code))]
