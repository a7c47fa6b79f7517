"""Incidents (事件) with their reports (来件) and the reasons of each link."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.incidents import models, queries
from api.keys.access import Actor, who_may
from api.paging import page_model
from api.problems import problems
from api.store import Reading

router = APIRouter(prefix="/v1/incidents", tags=["incidents 事件"])

Reader = Annotated[Actor, who_may("incidents.read")]


@router.get("", response_model=page_model(models.Incident), responses=problems(400))
def list_incidents(store: Reading, actor: Reader, query: Annotated[models.IncidentQuery, Query()]) -> Any:
    """Incidents, last received first. A department sees those behind its own orders."""
    return queries.listed(store, actor, query)


@router.get("/{incident_id}", response_model=models.IncidentWithReports, responses=problems(404))
def get_incident(incident_id: Annotated[str, Path(max_length=128)], store: Reading, actor: Reader) -> Any:
    """One incident: who told of it, in redacted words, and why each report was linked."""
    return queries.one(store, actor, incident_id)
