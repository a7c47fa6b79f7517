"""One writer a table; the kernel frees the lock of whoever dies."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.io.locks import LockedError, Owner, held
from jobs.settings import ROOT

ME = Owner("clean", "session-1", is_continuous=False, since="2026-03-01T08:00:00+08:00")
HOLD_AND_DIE = """
import os, signal
from pathlib import Path
from jobs.io.locks import Owner, held
with held(Path({folder!r}), ["silver.reports"], Owner("clean", "left behind", True, "then")):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_second_writer_is_told_who_the_first_is(tmp_path: Path):
    with held(tmp_path, ["a.b", "c.d"], ME):
        with pytest.raises(LockedError) as refused, held(tmp_path, ["c.d"], ME):
            pass
        told = f"c.d is being written by job clean, pid {os.getpid()}"
        assert told in str(refused.value)
        assert "since 2026-03-01T08:00:00+08:00" in str(refused.value)


def test_who_is_refused_holds_nothing(tmp_path: Path):
    with held(tmp_path, ["c.d"], ME):
        with pytest.raises(LockedError), held(tmp_path, ["a.b", "c.d"], ME):
            pass
        with held(tmp_path, ["a.b"], ME):
            pass


def test_a_lock_given_back_leaves_no_owner(tmp_path: Path):
    for _ in range(2):
        with held(tmp_path, ["a.b"], ME) as left:
            assert left == []


def test_the_next_holder_learns_what_a_killed_one_left_behind(tmp_path: Path):
    subprocess.run([sys.executable, "-c", HOLD_AND_DIE.format(folder=str(tmp_path))], cwd=ROOT, check=False)
    with held(tmp_path, ["silver.reports", "silver.quarantine"], ME) as left:
        assert [(owner.session, owner.is_continuous) for owner in left] == [("left behind", True)]
