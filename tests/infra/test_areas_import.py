"""A county's rules from a table of townships."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli import app
from schemas.areas import load_county

TABLE = """code,name,areaCode,provinceCode,cityCode,county
990909101,高沟镇,990909,99,9909,"某""县"
990909001,涟城街道,990909,99,9909,"某""县"
990808101,别处镇,990808,99,9908,别县
"""


def imported(folder: Path, table: str, county: str = "990909"):
    (folder / "towns.csv").write_text(table, encoding="utf-8")
    command = ["areas", "import", folder / "towns.csv", "--county", county, "--out", folder / "rules"]
    return CliRunner().invoke(app, [str(word) for word in command])


def test_the_countys_townships_become_its_rules(tmp_path: Path):
    assert imported(tmp_path, TABLE).exit_code == 0
    county = load_county(tmp_path / "rules")
    assert (county.code, county.name) == ("990909", '某"县')
    assert [(t.code, t.name) for t in county.townships] == [("990909001", "涟城街道"), ("990909101", "高沟镇")]
    again = imported(tmp_path, TABLE)
    assert (again.exit_code, "is there already" in again.output) == (2, True)


@pytest.mark.parametrize(
    ("table", "county", "told"),
    [
        (TABLE, "990707", "no row has areaCode 990707"),
        (TABLE.replace("990909101,", "120110101,"), "990909", "code '120110101'"),
        (TABLE.replace("涟城街道", "高沟镇"), "990909", "name is empty or there twice"),
        (TABLE.replace("name", "title"), "990909", "name"),
        ("", "990909", "empty"),
    ],
)
def test_what_the_table_lacks_is_said_and_nothing_written(tmp_path: Path, table: str, county: str, told: str):
    found = imported(tmp_path, table, county)
    assert (found.exit_code, told in found.output) == (2, True), found.output
    assert not (tmp_path / "rules").exists()
