"""Whether the lake's tables keep their contracts (数据质量), and Data Docs that tell it in full."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from api.keys.access import Actor, who_may
from api.lake import newest
from api.problems import ProblemError, problems
from api.shown import list_of, shown
from api.store import AppSettings
from schemas.records import TableCheck

router = APIRouter(prefix="/v1/quality", tags=["quality 数据质量"])

PAGE: dict[int | str, dict[str, Any]] = {200: {"description": "A page, or a file of it", "content": {"text/html": {}}}}
Check = shown(TableCheck)
PagePath = Annotated[str, Path(pattern=r"^[ -~]{0,250}$", description="a name that a file can have")]


@router.get("", responses=problems(), response_model=list_of(Check))
def list_checks(settings: AppSettings, _: Annotated[Actor, who_may("quality.read")]) -> Any:
    """The newest check of each table; publish leaves out what is made of the blocked ones."""
    return newest(settings, "ops.quality", "table").to_dicts()


@router.get("/docs/{page:path}", response_class=FileResponse, responses={**problems(404), **PAGE})
def get_data_docs(page: PagePath, settings: AppSettings, _: Annotated[Actor, who_may("quality.read")]) -> FileResponse:
    """Data Docs of Great Expectations: begin with `index.html`. Counts only, never what a row says."""
    site = settings.data_docs.resolve()
    path = (site / (page or "index.html")).resolve()
    if not path.is_relative_to(site) or not path.is_file():
        detail = "There is no such page. The job `quality` writes them every hour; `index.html` is the first."
        raise ProblemError(404, "not-found", "No such page", detail)
    return FileResponse(path)
