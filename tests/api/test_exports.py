"""Every order that matches, as a file."""

import csv
import io
from datetime import timedelta

import polars as pl
import pytest

from api.exports.writing import as_csv
from schemas.records import Order
from tests.api.conftest import NOON, SOON, County


def test_csv_has_the_columns_of_an_order_and_no_formula(county: County):
    county.has_orders({"text": "=HYPERLINK(0)", "co_unit_codes": ["housing", "donghu"]}, {"order_id": "o2"})
    answer = county.client("dispatcher").get("/v1/orders/export", params={"bom": True})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbforder_id,")
    second, first = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert list(first) == Order.column_names()
    assert (first["text"], first["co_unit_codes"], first["outcome"]) == ("'=HYPERLINK(0)", "housing;donghu", "")
    assert (second["order_id"], second["accepted_at"]) == ("o2", "2026-03-02T04:00:00Z")


def test_parquet_is_the_record(county: County):
    county.has_orders(*({"order_id": f"o{number:05}"} for number in range(2_500)))
    found = pl.read_parquet(county.client("leader").get("/v1/orders/export", params={"format": "parquet"}).content)
    assert found.columns == Order.column_names()
    assert found["order_id"].to_list() == [f"o{number:05}" for number in reversed(range(2_500))]
    assert found["accepted_at"].unique().to_list() == [NOON]


def test_a_unit_takes_away_its_own_orders_only_and_filters_hold(county: County):
    county.has_orders(
        {}, {"order_id": "o2", "unit_code": "housing"}, {"order_id": "o3", "co_unit_codes": ["police"]},
        {"order_id": "o4", "state": "to_dispatch"},
    )  # fmt: skip
    county.has_an_incident()
    unit = county.client("department")
    assert [row["order_id"] for row in _csv(unit.get("/v1/orders/export").text)] == ["o3", "o1"]
    assert _csv(unit.get("/v1/orders/export", params={"feed": "119"}).text) == []
    assert len(_csv(unit.get("/v1/orders/export", params={"feed": "110"}).text)) == 2


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"due_before": (SOON + timedelta(minutes=1)).isoformat()}, []),
        ({"due_from": SOON.isoformat()}, ["o1"]),
        ({"accepted_from": NOON.isoformat(), "accepted_before": (NOON + timedelta(1)).isoformat()}, ["o1"]),
        ({"bbox": "118.0,33.4,118.1,33.5"}, ["o1"]),
        ({"bbox": "119.0,33.4,119.1,33.5"}, []),
        ({"grid": "990101001"}, []),
        ({"parent": "o1"}, []),
        ({"q": "夜间施工"}, ["o1"]),
        ({"q": "施工夜间"}, []),
    ],
)
def test_filters(county: County, asked: dict[str, str], found: list[str]):
    county.has_orders({})
    answer = county.client("dispatcher").get("/v1/orders", params=asked)
    assert [row["order_id"] for row in answer.json()["items"]] == found


def test_nothing_is_a_line_of_names():
    assert b"".join(as_csv([], ["a", "b"], bom=False)) == b"a,b\r\n"


def _csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
