"""The bench of the API: its store can be filled, its figures are those of locust."""

from pathlib import Path

from bench.api.filling import fill
from bench.api.load import Call, Seen
from bench.api.telling import Round, table
from bench.results import put
from schemas.tables import INCIDENTS, ORDER_EVENTS, ORDERS, RATINGS
from tests.api.conftest import County, county, postgres

__all__ = ["county", "postgres"]  # fixtures


def test_a_filled_store_answers(county: County):
    fill(county.settings, 1, 200)
    orders = county.rows(ORDERS, "order_id")
    assert len(orders) == 200
    assert len(county.rows(ORDER_EVENTS)) == sum(order["version"] for order in orders)
    assert (len(county.rows(INCIDENTS)), len(county.rows(RATINGS))) == (200, 180)
    dispatcher = county.client("dispatcher")
    assert len(dispatcher.get("/v1/orders", params={"state": "archived", "limit": 200}).json()["items"]) == 170


def test_the_table_counts_lives_and_calls():
    calls = (Call("sign", 100, 0, {5: 94, 60: 5, 70: 1}), Call("life-cycle", 50, 0, {300: 50}))
    told = table([Round(1000, Seen(calls, 10.0, 1.0), {"api": 0.5, "store": 0.1, "load": 0.2}, {"api": 1, "store": 2})])
    assert "| 1,000 | 5.0 | 10 | 0 | 5.0, 1.0, 2.0 | 1, 2 |" in told
    assert "| sign | 5 / 60 / 60 |" in told


def test_a_section_takes_its_own_place_only(tmp_path: Path):
    (results := tmp_path / "RESULTS.md").write_text("# A\n\nold\n\n## b\n\n# C\n\nkept\n")
    put("# A\n\nnew\n", results)
    put("# D\n\nadded", results)
    assert results.read_text() == "# A\n\nnew\n\n# C\n\nkept\n\n# D\n\nadded\n"
