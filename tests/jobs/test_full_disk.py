"""A lake on a disk that runs full. Needs the right to mount a small one, as root has in a build."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from jobs.context import NoSpaceError
from jobs.io.lake import Lake
from jobs.settings import Settings

ROWS = 8_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_a_full_disk_is_told_and_what_was_written_stays(small_disk: Path):
    lake, written = Lake(Settings(state_dir=small_disk, lake="")), 0
    with pytest.raises(NoSpaceError, match=r"gold\.past_counts: no space left where the lake lies"):
        for number in range(100):
            written += lake.append_new("gold.past_counts", _counts(number))
    assert lake.read("gold.past_counts").height == written > 0


def _counts(number: int) -> pl.DataFrame:
    """Codes that do not compress."""
    codes = pl.int_range(ROWS, eager=True).hash(seed=number) % 10**9
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number * ROWS)
    return pl.DataFrame(
        {
            "category": "fire",
            "township_code": codes.cast(pl.String).str.zfill(9),
            "hour_at": [begin + timedelta(hours=hour) for hour in range(ROWS)],
            "count": 3,
        }
    )
