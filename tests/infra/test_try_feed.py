"""`ninelines try` on files."""

import json

import pytest
from typer import Typer
from typer.testing import CliRunner

from infra.commands import try_feed
from schemas.feeds import FEEDS


@pytest.fixture
def tried(tmp_path, monkeypatch):
    monkeypatch.setenv("NINELINES_STATE_DIR", str(tmp_path / "state"))
    app = Typer()
    app.callback()(lambda: None)
    try_feed.register(app)

    def run(feed, payload):
        file = tmp_path / "payload"
        if payload is not None:
            file.write_bytes(payload)
        result = CliRunner().invoke(app, ["try", feed, str(file)])
        return result.exit_code, result.output

    return run


def sample(feed, name):
    return next(one.payload for one in FEEDS[feed].samples if one.name == name)


def test_a_sound_payload_shows_its_reports(tried, tmp_path):
    code, output = tried("12350", sample("12350", "two reports, two date formats"))
    assert code == 0
    assert [report["source_id"] for report in json.loads(output)] == ["AQ250304-07", "AQ250304-08"]
    assert not (tmp_path / "state").exists()


def test_a_broken_payload_shows_its_reasons(tried):
    code, output = tried("119", b"<FireAlarms><Alarm><AlarmNo>F1</AlarmNo></Alarm></FireAlarms>")
    assert (code, json.loads(output)) == (1, {"quarantined": ["missing_text", "missing_time"]})


def test_a_mixed_payload_shows_both(tried):
    code, output = tried("12350", sample("12350", "two reports, two date formats") + b"AQ,0,,,,,x,,,,,,\r\n")
    found = json.loads(output)
    assert (code, len(found["reports"]), found["quarantined"]) == (1, 2, ["missing_time"])


@pytest.mark.parametrize(("feed", "payload"), [("999", b"x"), ("110", None)])
def test_a_wrong_argument_is_told(tried, feed, payload):
    code, output = tried(feed, payload)
    assert code == 2
    assert "ninelines:" in output


def test_a_camera_that_tells_of_itself_makes_a_device_fault(tried):
    code, output = tried("video", sample("video", "Hikvision, disk full: a device fault"))
    (report,) = json.loads(output)
    assert (code, report["kind"], report["category"]) == (0, "device_fault", "equipment_fault")


def test_a_platforms_push_shows_every_event(tried):
    code, output = tried("grid", sample("grid", "another platform: wrapped, other names, milliseconds"))
    (report,) = json.loads(output)
    assert (code, report["source_id"], report["caller_token"][:2]) == (0, "SJ-2025-0007", "c-")
    assert "13900000001" not in output


def test_an_attack_is_refused(tried):
    code, output = tried("video", sample("video", "entities within entities"))
    assert (code, json.loads(output)) == (1, {"quarantined": ["forbidden_markup"]})
