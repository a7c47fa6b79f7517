"""Whole DAG runs by Airflow itself, on a database of their own, with a stand-in for the jobs' interpreter."""

import pytest


def states(run) -> dict[str, str]:
    return {task.task_id: str(task.state) for task in run.get_task_instances()}


def test_decide_runs_its_three_jobs_in_order(runnable, interpreter):
    run = runnable.dags["decide"].test()
    assert run.state == "success"
    assert interpreter.calls == ["classify", "assign", "publish"]
    assert states(run) == dict.fromkeys(("classify", "assign", "publish"), "success")


def test_a_stage_without_news_is_skipped_and_the_rest_still_runs(runnable, interpreter, monkeypatch):
    monkeypatch.setenv("STUB_EXIT_land", "99")
    run = runnable.dags["catch_up"].test()
    assert interpreter.calls == ["land", "clean", "link"]
    assert states(run) == {"land": "skipped", "clean": "success", "link": "success"}


def test_wrong_data_stops_the_chain_at_once(runnable, interpreter, monkeypatch):
    monkeypatch.setenv("STUB_EXIT_classify", "2")
    run = runnable.dags["decide"].test()
    assert run.state == "failed"
    assert interpreter.calls == ["classify"]
    assert states(run) == {"classify": "failed", "assign": "upstream_failed", "publish": "upstream_failed"}


def test_the_hourly_check_looks_at_what_is_new_and_the_nightly_one_at_everything(runnable, interpreter):
    for dag_id in ("quality", "quality_nightly"):
        assert runnable.dags[dag_id].test().state == "success"
    assert interpreter.calls == ["quality", "quality scope=full"]


def test_a_silent_feed_makes_its_dag_red_without_a_second_try(runnable, interpreter, monkeypatch):
    monkeypatch.setenv("STUB_EXIT_watch_feeds", "2")
    run = runnable.dags["watch_feeds"].test()
    assert (run.state, interpreter.calls) == ("failed", ["watch_feeds"])


@pytest.mark.parametrize("dag_id", ["metrics_daily", "warn_daily"])
def test_a_day_asked_for_reaches_the_jobs(runnable, interpreter, dag_id):
    conf = {"start": "2026-03-02T00:00:00+08:00", "end": "2026-03-03T00:00:00+08:00"}
    assert runnable.dags[dag_id].test(run_conf=conf).state == "success"
    asked = f"--start {conf['start']} --end {conf['end']}"
    windowed = {"metrics_daily": ["metrics", "daily_report"], "warn_daily": ["warn_day"]}[dag_id]
    assert [call for call in interpreter.calls if "--start" in call] == [f"{job} {asked}" for job in windowed]
