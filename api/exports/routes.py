"""Whole tables to take away: every order that matches, as CSV or Parquet."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from api.exports.writing import ROWS_A_PART, Row, as_csv, as_parquet
from api.keys.access import Actor, who_may
from api.orders.models import OrderFilters
from api.orders.queries import every
from api.problems import problems
from api.store import Now
from schemas.forms import arrow_schema
from schemas.records import Order

router = APIRouter(prefix="/v1/orders", tags=["orders 工单"])

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the file, sent while it is read",
        "content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in MEDIA_TYPES.values()},
    }
}


class ExportQuery(OrderFilters):
    """Which orders, and how they are written."""

    format: Literal["csv", "parquet"] = "csv"
    bom: bool = Field(False, description="of CSV: begin with the mark by which spreadsheet programs know UTF-8")


@router.get("/export", response_class=StreamingResponse, responses={**problems(), **FILE})
def export_orders(
    request: Request, actor: Annotated[Actor, who_may("orders.read")], now: Now, query: Annotated[ExportQuery, Query()]
) -> StreamingResponse:
    """Every order that matches, last dispatched first, as it stood when the file began.

    It is sent while it is read, so a connection that ends early leaves a file without its end: ask again.
    """
    rows = _rows(request.app.state.store, every(actor, query, now))
    schema = arrow_schema(Order)
    parts = as_csv(rows, schema.names, query.bom) if query.format == "csv" else as_parquet(rows, schema)
    name = f'attachment; filename="orders-{now:%Y%m%dT%H%M%SZ}.{query.format}"'
    return StreamingResponse(parts, media_type=MEDIA_TYPES[query.format], headers={"Content-Disposition": name})


def _rows(engine: sa.Engine, query: sa.Select[Any]) -> Iterator[Row]:
    """Through a cursor of the server, which sees one moment."""
    with engine.connect().execution_options(yield_per=ROWS_A_PART) as store:
        for row in store.execute(query).mappings():
            yield dict(row)
