"""The DAG files: they import, wire the catalogue's jobs, and tell what to do when they fail."""

import ast
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from jobs.catalog import JOBS

DAGS = Path(__file__).resolve().parents[2] / "dags"
# by a person or the API, and as services: `ninelines run decide --continuous`
BY_HAND = {"import_history", "decide", "express", "whatif"}
CHAINS = {
    "catch_up": ["land", "clean", "link"],
    "order_events": ["escalate", "collect_order_events"],
    "decide": ["classify", "assign", "publish"],
    "warn_hourly": ["warn_hour", "publish"],
    "warn_daily": ["warn_day", "publish"],
    "metrics_daily": ["collect_order_events", "metrics", "daily_report", "scorecards", "publish"],
    "quality": ["quality"],
    "quality_nightly": ["quality"],
    "watch_feeds": ["watch_feeds"],
    "maintain": ["relink", "maintain"],
    "duty_tiers": ["duty_tiers"],
    "relearn": ["relearn"],
    "reconcile": ["orders_daily", "reconcile"],
}


def test_every_dag_file_imports(bag):
    assert bag.import_errors == {}
    assert set(bag.dags) == set(CHAINS)


@pytest.mark.parametrize(("dag_id", "jobs"), CHAINS.items())
def test_jobs_run_one_after_the_other(bag, dag_id, jobs):
    dag = bag.dags[dag_id]
    assert [task.task_id for task in dag.topological_sort()] == jobs
    assert all(dag.get_task(later).upstream_task_ids == {job} for job, later in pairwise(jobs))


def test_every_job_of_the_catalogue_is_run_by_a_dag_or_by_hand(bag):
    assert {task.job for dag in bag.dags.values() for task in dag.tasks} | BY_HAND == set(JOBS)


@pytest.mark.parametrize("dag_id", CHAINS)
def test_each_dag_says_what_to_do_when_it_fails(bag, dag_id):
    text = bag.dags[dag_id].doc_md
    assert "## When it fails\n\n1. " in text
    assert all(f"`{table}`" in text for job in CHAINS[dag_id] for table in JOBS[job].reads + JOBS[job].writes)


@pytest.mark.parametrize("dag_id", CHAINS)
def test_each_dag_runs_one_at_a_time_in_local_time_and_has_limits(bag, dag_id):
    dag = bag.dags[dag_id]
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert all(task.retries and task.execution_timeout for task in dag.tasks)
    assert "Asia/Shanghai" in str(dag.timetable)


@pytest.mark.parametrize("dag_id", CHAINS)
def test_a_stage_without_news_does_not_hold_up_the_next(bag, dag_id):
    assert all(task.trigger_rule == "none_failed" for task in bag.dags[dag_id].tasks)


def test_decide_starts_when_link_has_written_incidents(bag):
    written = {asset.name for asset in bag.dags["catch_up"].get_task("link").outlets}
    awaited = {asset.name for asset in bag.dags["decide"].timetable.asset_condition.objects}
    assert awaited == {"gold.incidents"} <= written


@pytest.mark.parametrize("file", sorted(DAGS.glob("*.py")), ids=lambda file: file.stem)
def test_a_dag_file_imports_the_catalogue_and_neither_spark_nor_our_records(file):
    names = set(imported(ast.parse(file.read_text())))
    packages = {name.split(".")[0] for name in names} - sys.stdlib_module_names
    assert packages <= {"airflow", "pendulum", "dags", "jobs"}
    assert {name for name in names if name.startswith("jobs")} <= {"jobs.catalog"}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
