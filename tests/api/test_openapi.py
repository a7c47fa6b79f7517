"""The API's description is a contract: a change shows in the diff of the golden file."""

import json
from pathlib import Path

import pytest

from api.openapi import document

GOLDEN = Path(__file__).parent / "openapi.json"
DESCRIBED = json.loads(document())
OPERATIONS = {
    operation["operationId"]: operation for path in DESCRIBED["paths"].values() for operation in path.values()
}


def test_the_golden_file_is_up_to_date():
    assert GOLDEN.read_text(encoding="utf-8") == document(), "run `python -m api.openapi > tests/api/openapi.json`"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_described_and_tagged(name: str):
    assert OPERATIONS[name]["description"]
    assert OPERATIONS[name]["tags"]


JSON_BODIES = [
    name for name, found in OPERATIONS.items() if "application/json" in found.get("requestBody", {}).get("content", {})
]


@pytest.mark.parametrize("name", JSON_BODIES)
def test_every_body_has_a_chinese_and_an_english_example(name: str):
    assert set(OPERATIONS[name]["requestBody"]["content"]["application/json"]["examples"]) == {"zh", "en"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_errors_are_problems(name: str):
    errors = {status: found for status, found in OPERATIONS[name]["responses"].items() if status >= "400"}
    assert all(found["$ref"] == f"#/components/responses/{status}" for status, found in errors.items())
    assert set(errors) <= set(DESCRIBED["components"]["responses"])


def test_nothing_shown_names_a_caller():
    assert "caller_token" not in json.dumps(DESCRIBED["components"])
