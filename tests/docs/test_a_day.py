"""The day in the docs can be lived: the script runs against the real application and a real PostgreSQL."""

from pathlib import Path
from runpy import run_path

from schemas.tables import ORDER_EVENTS
from tests.api.conftest import County, county, postgres

__all__ = ["county", "postgres"]  # fixtures
DOCS = Path(__file__).parents[2] / "docs"


def test_a_department_can_live_its_day(county: County):
    script = run_path(str(DOCS / "a_day.py"))
    said: list[str] = []
    unit, dispatcher = county.client("department", "housing"), county.client("dispatcher")
    orders = script["play"]("housing", unit, dispatcher, said.append)
    assert sorted(order["state"] for order in orders) == ["called_back", "closed", "handling"]
    assert "housing: 待签收 3 件; 紧急 0 件" in said
    assert said[-1] == "housing: 今日 3 件, 已办结 2 件"
    taken = {event["event"] for event in county.rows(ORDER_EVENTS)}
    assert taken >= {"sign", "handle", "ask_extension", "grant_extension", "pause", "resume", "close", "reopen"}
    assert all(word in (DOCS / "day.md").read_text(encoding="utf-8") for word in taken)
