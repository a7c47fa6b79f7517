"""Cursor paging: pages hang on the last row seen, so rows that arrive meanwhile move nothing."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from api.problems import ProblemError

MAX_LIMIT = 200


T = TypeVar("T")


class Listed(BaseModel, Generic[T]):
    """One page of a list, newest first."""

    items: list[T]
    next_cursor: str | None = Field(description="send it as `cursor` to get the next page; null on the last page")


def page_model(item: Any) -> Any:
    """The model of one page of such items."""
    return Listed[item]


class Page(BaseModel):
    """Which part of a list is asked for; lists add their filters."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="rows a page")
    cursor: str | None = Field(None, description="`next_cursor` of the page before; leave out for the first page")


def given(
    query: BaseModel, conditions: dict[str, Callable[[Any], sa.ColumnElement[bool]]]
) -> list[sa.ColumnElement[bool]]:
    """The conditions whose filter was given: name of the filter -> what it asks of a row."""
    asked = {name: getattr(query, name) for name in conditions}
    return [conditions[name](value) for name, value in asked.items() if value is not None]


def page_of(store: sa.Connection, query: sa.Select[Any], key: list[sa.Column[Any]], page: Page) -> dict[str, Any]:
    """One page as `Listed` has it, newest first by key; the key's columns are unique together."""
    return page_of_all(store, [query], key, page)


def page_of_all(
    store: sa.Connection, queries: list[sa.Select[Any]], key: list[sa.Column[Any]], page: Page
) -> dict[str, Any]:
    """The same of rows that any of the queries gives, and no two of them.

    The first is read in the order of the page, until it is full. Of the others all rows that match are found first,
    and then sorted: few do, and whoever looks for them in the order of the page may look at every row there is.
    """
    after = []
    if page.cursor:
        seen = [sa.literal(value, column.type) for value, column in zip(_seen(page, key), key, strict=True)]
        after = [sa.tuple_(*key) < sa.tuple_(*seen)]
    parts = [queries[0].where(*after), *(_found_first(query.where(*after)) for query in queries[1:])]
    parts = [_newest(part, key, page) for part in parts]
    whole = parts[0]
    if len(parts) > 1:
        whole = _newest(sa.select(sa.union_all(*(part.subquery().select() for part in parts)).subquery()), key, page)
    rows = [dict(row) for row in store.execute(whole).mappings()]
    shown = rows[: page.limit]
    is_more = len(rows) > page.limit
    return {"items": shown, "next_cursor": _cursor([shown[-1][column.name] for column in key]) if is_more else None}


def _found_first(query: sa.Select[Any]) -> sa.Select[Any]:
    """OFFSET keeps PostgreSQL from looking for its rows in another order."""
    return sa.select(query.offset(sa.literal_column("0")).subquery())


def _newest(query: sa.Select[Any], key: list[sa.Column[Any]], page: Page) -> sa.Select[Any]:
    columns = query.selected_columns
    return query.order_by(*(columns[column.name].desc() for column in key)).limit(page.limit + 1)


def _cursor(values: list[Any]) -> str:
    text = json.dumps([v.isoformat() if isinstance(v, datetime) else v for v in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _seen(page: Page, key: list[sa.Column[Any]]) -> list[Any]:
    assert page.cursor
    try:
        padded = page.cursor + "=" * (-len(page.cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return [_value(value, column) for value, column in zip(values, key, strict=True)]
    except (binascii.Error, ValueError, TypeError) as error:
        detail = "Ask for the first page again, without `cursor`; take cursors only from `next_cursor`."
        raise ProblemError(400, "bad-cursor", "Cursor not understood", detail) from error


def _value(value: Any, column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.DateTime):
        return datetime.fromisoformat(value)
    if not isinstance(value, str) or "\0" in value:
        raise TypeError("the other columns of a cursor are text")
    value.encode()  # half a letter (a lone surrogate) is no text; its error is a ValueError
    return value
