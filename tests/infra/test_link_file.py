"""`ninelines link` on files."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli import app

GOOD = {
    "report_id": "a",
    "received_at": "2026-03-01T08:00:00+08:00",
    "lat": None,
    "lon": None,
    "category": None,
    "text": None,
}


def linked(tmp_path: Path, *lines: str) -> tuple[int, str, list[dict]]:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(app, ["link", str(source), str(target)])
    found = [json.loads(line) for line in target.read_text().splitlines()] if target.exists() else []
    return result.exit_code, result.output, found


def test_one_line_out_for_each_line_in(tmp_path: Path):
    fire = {"lat": 33.45, "lon": 118.05, "category": "fire", "text": "冒黑烟", "kind": "emergency"}
    second = GOOD | fire | {"report_id": "b", "received_at": "2026-03-01 08:03:00"}  # local, without a zone
    code, _, found = linked(tmp_path, json.dumps(second), json.dumps(GOOD | fire), "")
    assert code == 0
    assert [set(line) for line in found] == [{"report_id", "incident_id", "score", "reasons"}] * 2
    assert [line["report_id"] for line in found] == ["b", "a"]
    assert found[0]["incident_id"] == found[1]["incident_id"]
    assert found[1]["reasons"] == ["first_report"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: no JSON"),
        ("[]", "line 2: a JSON object is wanted"),
        (json.dumps(GOOD | {"report_id": None}), "line 2: no report_id"),
        (json.dumps(GOOD | {"report_id": "b", "received_at": "soon"}), "line 2: received_at is no ISO time"),
        (json.dumps(GOOD | {"report_id": "b", "lat": "north"}), "line 2: lat is no number"),
        (json.dumps(GOOD), "line 2: report_id a is also on line 1"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path, line: str, told: str):
    code, output, found = linked(tmp_path, json.dumps(GOOD), line)
    assert code == 2
    assert told in output
    assert found == []
