"""What engineers see of the pipeline's own health."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from deltalake import write_deltalake

from schemas.forms import to_arrow
from schemas.lake import TABLES
from tests.api.conftest import County

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
HEALTH = {
    "feed": "110", "checked_at": NOW, "state": "ok", "last_message_at": NOW, "alarm_at": NOW + timedelta(minutes=20),
    "usual_gap_minutes": 12.5, "messages_a_day": 1500, "expected_a_day": 1440, "waiting": 0, "waiting_since": None,
    "detail": "",
}  # fmt: skip
CHECK = {
    "table": "gold.links", "run": "r1", "scope": "new", "since_version": None, "until_version": 3, "rows": 9,
    "expectations": 12, "failed": 1, "failures": ["expect_x(score): 1 of 9 rows"], "is_blocked": True,
    "checked_at": NOW,
}  # fmt: skip


def lake_says(county: County, name: str, *rows: dict) -> None:
    record = TABLES[name].record
    frame = record.validate(pl.DataFrame(list(rows), schema=record.create_empty().schema))
    write_deltalake(Path(county.settings.lake_uri, *name.split(".")), to_arrow(frame, record), mode="overwrite")


def test_feed_health_is_the_newest_look_at_each_feed(county: County):
    silent = {"state": "silent", "checked_at": NOW + timedelta(hours=1), "detail": "no message since …"}
    lake_says(county, "ops.feed_health", HEALTH, HEALTH | silent, HEALTH | {"feed": "119"})
    found = county.client("engineer").get("/v1/feeds/health").json()
    assert [(row["feed"], row["state"]) for row in found] == [("110", "silent"), ("119", "ok")]
    assert found[0]["usual_gap_minutes"] == 12.5


def test_checks_are_the_newest_of_each_table(county: County):
    mended = {"run": "r2", "failed": 0, "failures": [], "is_blocked": False, "checked_at": NOW + timedelta(hours=1)}
    lake_says(county, "ops.quality", CHECK, CHECK | mended | {"run": "r3"}, CHECK | {"table": "gold.warnings"})
    found = county.client("engineer").get("/v1/quality").json()
    assert [(row["table"], row["is_blocked"]) for row in found] == [("gold.links", False), ("gold.warnings", True)]
    assert found[1]["failures"] == CHECK["failures"]


def test_before_the_first_look_both_are_empty(county: County):
    client = county.client("auditor")
    assert client.get("/v1/feeds/health").json() == client.get("/v1/quality").json() == []


def test_data_docs_are_served_and_nothing_beside_them(county: County):
    site = county.settings.state_dir / "quality" / "gx" / "uncommitted" / "data_docs" / "local_site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("<h1>Data Docs</h1>")
    (county.settings.state_dir / "caller_key").write_text("secret")
    client = county.client("engineer")
    assert client.get("/v1/quality/docs/index.html").text == "<h1>Data Docs</h1>"
    climb = "%2e%2e/" * 6
    for path in ("missing.html", f"{climb}caller_key", "..%2f..%2f..%2f..%2f..%2f..%2fcaller_key"):
        assert client.get(f"/v1/quality/docs/{path}").status_code == 404
