"""Other rules on a past period: what changes is told, and nothing in the lake is."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from infra.commands import whatif
from jobs.batch import whatif as job
from jobs.context import Context, DataError
from jobs.io.lake import open_table
from jobs.settings import ROOT, Settings
from jobs.transforms.assigning import assign
from jobs.transforms.comparing import compare
from jobs.transforms.pausing import with_pauses
from schemas.lake import TABLES
from schemas.records import Report
from schemas.regulation import Regulation, load_regulation
from tests.transforms.decided import MONDAY, classification, classifications, event, events, incidents, links

APP = typer.Typer(pretty_exceptions_enable=False)
whatif.register(APP)
PERIOD = ["--from", "2026-03-02", "--to", "2026-03-03"]


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A noise and a call that somebody broke in, both of Monday."""
    monkeypatch.setenv("NINELINES_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("NINELINES_LAKE", "")
    context = Context(Settings(), MONDAY + timedelta(days=30))
    told = [{"category": "noise", "text": "楼下太吵"}, {"category": "other", "text": "屋外有怪声", "kind": "help"}]
    context.lake.append_new("gold.incidents", incidents(*told))
    context.lake.append_new("gold.links", links(**{"r-0": "i-0", "r-1": "i-1"}))
    context.lake.append_new("gold.classifications", classifications(
        classification("r-0", "noise"), classification("r-1", "other")
    ))  # fmt: skip
    context.lake.append_new("silver.reports", pl.concat([_report("r-0", "楼下太吵"), _report("r-1", "屋外有怪声")]))
    return context


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rules, to change."""
    return Path(shutil.copytree(ROOT / "schemas" / "rules", tmp_path / "rules"))


def test_the_same_rules_change_nothing(lake: Context, rules: Path):
    done = run(rules, *PERIOD)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == "2 orders decided twice, 0 change"


def test_another_unit_is_told_with_its_reason_and_the_lake_stays_as_it_is(lake: Context, rules: Path, tmp_path: Path):
    before = _versions(lake)
    each = 'categories = ["{}"]\ntownship = "each"'
    change(rules, "routing.toml", each.format("noise"), each.format("noise_"))
    assert "categories" in run(rules, *PERIOD).output  # a category nobody knows
    change(rules, "routing.toml", '["noise_"]', '["other"]')
    done = run(rules, *PERIOD, "--out", tmp_path / "changed.csv")
    assert "2 orders decided twice, 2 change" in done.output
    assert "unit_code       ecology" in done.output
    assert "(gains 1, loses 0)" in done.output
    changed = pl.read_csv(tmp_path / "changed.csv")
    assert changed.filter(order_id="o-0").select("new_unit_code").item() == "ecology"
    assert _versions(lake) == before


def test_new_words_of_urgency_reach_reports_that_were_classified_before(lake: Context, rules: Path):
    with (rules / "urgency.toml").open("a") as file:
        file.write('\n[[sign]]\nname = "prowler"\npattern = "屋外有怪声"\n')
    done = run(rules, *PERIOD)
    assert "2 orders decided twice, 1 change" in done.output
    assert "is_urgent False -> True" in done.output
    assert "prowler:屋外有怪声" in done.output


def test_longer_limits_move_due_times_and_the_overdue_share(lake: Context, rules: Path):
    present = _decided(lake, load_regulation())
    for days in (7, 5, 3):
        change(rules, "deadlines.toml", f"working_days = {days}\n", f"working_days = {days + 1}\n")
    others = _decided(lake, load_regulation(rules))
    late = max(present["finish_due_at"]) + timedelta(hours=9)  # after the present limit, before the new one
    closed = pl.concat(
        events(event(order, 1, "close", "closed", "2026-03-02 10:00")).with_columns(
            occurred_at=pl.lit(late).cast(pl.Datetime("us", "UTC"))
        )
        for order in present["order_id"]
    )
    found = compare(present, others, closed, lake.now)
    assert (found.later, found.earlier) == ((2, 24.0), (0, None))
    assert found.overdue[0] == 1.0
    assert found.overdue[1] is not None
    assert found.overdue[1] < 1.0
    stands = events(*(event(order, 1, "pause", "paused", "2026-03-02 10:00") for order in present["order_id"]))
    assert compare(present, others, stands, late).overdue == (0.0, 0.0), "paused in time, and the clock stands"
    steps = [("pause", "paused", "2026-03-02 10:00"), ("resume", "handling", "2026-03-03 10:00")]
    once = events(*(event(order, n, *step) for order in present["order_id"] for n, step in enumerate(steps, 1)))
    kept = with_pauses(present, once, load_regulation()).join(others, on="order_id", suffix="_other")
    assert (kept["finish_due_at"] == kept["finish_due_at_other"]).all(), "a day longer as a rule, or by a pause"
    assert kept["paused"].unique().to_list() == ["1 working days"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "2020-01-01", "--to", "2020-01-02"], "no incident was first received"),
        (["--from", "monday", "--to", "2020-01-02"], "is no ISO time"),
    ],
)
def test_what_is_wrong_is_told(lake: Context, rules: Path, words: list[str], message: str):
    done = run(rules, *words)
    assert (done.exit_code, message in done.output) == (2, True), done.output


def test_broken_rules_are_told_with_file_and_entry(lake: Context, rules: Path):
    change(rules, "routing.toml", 'unit = "ecology"', 'unit = "nobody"')
    done = run(rules, *PERIOD)
    assert done.exit_code == 2
    assert "routing.toml" in done.output
    assert "nobody" in done.output


def change(rules: Path, file: str, old: str, new: str, at_least: int = 1) -> None:
    text = (rules / file).read_text()
    assert text.count(old) >= at_least
    (rules / file).write_text(text.replace(old, new))
    load_regulation.cache_clear()


def run(*words: object):
    return CliRunner().invoke(APP, [str(word) for word in words])


def _report(report_id: str, text: str) -> pl.DataFrame:
    told = {
        "report_id": report_id, "feed": "12345", "kind": "complaint", "text": text, "revision": 0, "item_no": 0,
        "received_at": MONDAY, "updated_at": MONDAY, "landed_at": MONDAY, "day": MONDAY.date(),
        **dict.fromkeys(("content_hash", "raw_id", "source_id", "contract_version"), report_id),
    }  # fmt: skip
    empty = dict.fromkeys(Report.column_names())
    return Report.validate(pl.DataFrame([empty | told], schema_overrides=Report.create_empty().schema))


def test_the_job_gives_the_comparison_as_json(lake: Context, rules: Path):
    change(rules, "deadlines.toml", "working_days = 7\n", "working_days = 8\n")
    day = (MONDAY - timedelta(hours=9), MONDAY + timedelta(hours=15))
    context = Context(lake.settings, lake.now, *day, options=(f"rules={rules}", "examples=1"))
    found = json.loads(json.dumps(job.run(context)))
    assert (found["orders"], found["due_later"]["orders"]) == (2, found["changed"])
    assert len(found["examples"]) == 1
    with pytest.raises(DataError, match="rules=FOLDER are needed"):
        job.run(Context(lake.settings, lake.now, *day))


def _decided(lake: Context, rules: Regulation) -> pl.DataFrame:
    incidents, links, classifications = (
        lake.lake.read(f"gold.{name}") for name in ("incidents", "links", "classifications")
    )
    return assign(incidents, links, classifications, rules)


def _versions(lake: Context) -> dict[str, int]:
    found = {name: open_table(lake.lake.uri, name) for name in TABLES}
    return {name: table.version() for name, table in found.items() if table is not None}
