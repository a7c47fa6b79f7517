"""`make` alone tells what there is; setup says what is missing."""

import subprocess

from jobs.settings import ROOT

TARGETS = [
    "help",
    "setup",
    "demo",
    "test",
    "objects",
    "lint",
    "up",
    "down",
    "status",
    "real",
    "bench",
    "bench-api",
    "lock",
    "clean",
]


def test_make_alone_lists_every_target_on_one_line():
    told = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[1] for line in told.stdout.splitlines()] == TARGETS
    assert all(len(line) <= 120 and len(line.split()) > 3 for line in told.stdout.splitlines())


def test_a_machine_without_a_fitting_python_is_told_what_was_looked_for(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\necho 3.9\n")
    old.chmod(0o755)
    environment = {"PATH": "/usr/bin:/bin", "NINELINES_PYTHON": f"{old} no-such-python"}
    command = ["sh", "infra/setup/setup.sh"]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert f"{old}: 3.9" in told.stderr
    assert "no-such-python: not found" in told.stderr
    assert "apt install" in told.stderr
