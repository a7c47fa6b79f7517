"""Is the process up, and can it work?"""

from typing import Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.migrate import is_migrated
from api.problems import ProblemError, problems

router = APIRouter(tags=["health 健康检查"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/health")
def health() -> Health:
    """The process is up; says nothing of the database."""
    return Health()


@router.get("/ready", responses={503: problems()[503]})
def ready(request: Request) -> Health:
    """The database answers and its tables are at this version."""
    store: sa.Engine = request.app.state.store
    with store.connect() as connection:
        if not is_migrated(connection):
            detail = "The store's tables are of another version: run `python -m api.migrate`."
            raise ProblemError(503, "not-migrated", "Not ready", detail)
    return Health()
