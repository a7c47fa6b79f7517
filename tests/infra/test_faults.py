"""`ninelines faults`: what devices said of themselves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake
from typer.testing import CliRunner

from infra.cli import app
from jobs.io.lake import Lake
from jobs.settings import Settings, path_of
from jobs.transforms.cleaning import clean
from schemas.areas import load_county
from tests.transforms.messages import KEY, raw

FAULT = (
    "<Notify><CmdType>Alarm</CmdType><SN>{sn}</SN><DeviceID>34010000001320000001</DeviceID><AlarmMethod>{method}"
    "</AlarmMethod><AlarmTime>{at}</AlarmTime></Notify>"
)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two faults and an alarm of one camera, told an hour ago, and a fault of last month."""
    monkeypatch.setenv("NINELINES_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("NINELINES_LAKE", raising=False)
    now = datetime.now(UTC) + timedelta(hours=8)  # cameras write local time
    hour, month = ((now - back).strftime("%Y-%m-%dT%H:%M:%S") for back in (timedelta(hours=1), timedelta(days=30)))
    told = [(1, "6", hour), (2, "6", hour), (3, "5", hour), (4, "6", month)]
    messages = [("video", FAULT.format(sn=sn, method=method, at=at).encode()) for sn, method, at in told]
    landed = raw(*messages).with_columns(landed_at=pl.lit(datetime.now(UTC)))
    rows = clean(landed, KEY, load_county())
    assert rows["reasons"].list.len().sum() == 0
    settings = Settings()
    Lake(settings).ensure("silver.reports")
    write_deltalake(path_of(settings.lake_uri, "silver.reports"), rows.drop("reasons", "detail"), mode="append")
    return settings


def test_faults_of_the_week_are_counted_by_device_and_alarms_are_not(lake: Settings):
    told = CliRunner().invoke(app, ["faults"])
    assert told.exit_code == 0
    assert len(told.output.splitlines()) == 1
    assert "34010000001320000001" in told.output
    assert "2x" in told.output


def test_without_faults_the_exit_code_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NINELINES_STATE_DIR", str(tmp_path))
    told = CliRunner().invoke(app, ["faults", "--days", "3"])
    assert (told.exit_code, told.output) == (1, "no device told of a fault in the last 3 days\n")
