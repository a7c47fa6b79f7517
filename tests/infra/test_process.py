"""Servers are known again after their starter is gone, and stopped whole."""

import os
import signal
import sys
from pathlib import Path

import pytest

from infra.stack.ports import StackError
from infra.stack.process import Process, birth, last_lines, run_to_end, running_pid, spawn, stop, wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(p.pid, flush=True); time.sleep(60)",
]


@pytest.fixture
def server(tmp_path):
    """Makes servers, and ends what a failed test leaves of them."""
    made = []

    def make(argv, **more):
        made.append(Process(name=f"s{len(made)}", argv=argv, state_dir=tmp_path, is_ready=lambda: True, **more))
        return made[-1]

    yield make
    for process in made:
        stop(process)


def test_a_server_is_known_by_its_pid_file(server):
    process = server(SLEEP)
    pid = spawn(process)
    assert running_pid(process) == pid
    assert os.getsid(pid) == pid != os.getsid(0)


def test_a_server_that_never_ran_is_down_and_stopping_it_is_no_error(server):
    assert running_pid(server(SLEEP)) is None
    assert stop(server(SLEEP)) is False


@pytest.mark.parametrize("text", ["", "garbage", "{pid} another-boot/1"])
def test_a_recycled_or_broken_pid_file_is_not_taken_for_ours(server, text):
    process, stranger = server(SLEEP), server(SLEEP)
    pid = spawn(stranger)
    process.pid_file.write_text(text.format(pid=pid))
    assert running_pid(process) is None
    assert stop(process) is False
    assert running_pid(stranger) == pid


def test_a_pid_of_this_boot_given_to_somebody_else_is_left_alone(server):
    process, stranger = server(SLEEP), server(SLEEP)
    pid = spawn(stranger)
    boot = birth(pid).split("/")[0]
    process.pid_file.write_text(f"{pid} {boot}/1")
    assert stop(process) is False
    assert running_pid(stranger) == pid


def test_stopping_ends_the_whole_group(server):
    process = server(PARENT)
    spawn(process)
    child = child_of(process)
    assert stop(process) is True
    assert birth(child) is None
    assert not process.pid_file.exists()


def test_stopping_a_killed_server_ends_the_children_it_left(server):
    process = server(PARENT)
    pid = spawn(process)
    child = child_of(process)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: running_pid(process) is None, 5)
    assert birth(child) is not None
    stop(process)
    assert wait_until(lambda: birth(child) is None, 5)


def test_a_server_deaf_to_the_request_is_killed(server):
    process = server(DEAF, stop_seconds=0.3)
    pid = spawn(process)
    assert wait_until(lambda: "deaf" in last_lines(process.log), 10)
    assert stop(process) is True
    assert birth(pid) is None


def test_a_program_that_cannot_start_is_down_and_its_log_says_why(server):
    process = server(["/no/such/program"])
    spawn(process)
    assert wait_until(lambda: running_pid(process) is None, 5)
    assert "/no/such/program" in last_lines(process.log)


def test_the_birth_of_a_process_does_not_change():
    assert birth(os.getpid()) == birth(os.getpid()) != birth(1)


def test_what_a_server_writes_is_its_owners(server, tmp_path):
    process = server([sys.executable, "-c", "open('words', 'w').close()"], cwd=tmp_path)
    spawn(process)
    assert wait_until((tmp_path / "words").exists, 10)
    assert (tmp_path / "words").stat().st_mode & 0o777 == 0o600


def test_a_failed_helper_says_what_failed_and_its_last_words(tmp_path):
    with pytest.raises(StackError, match=r"store: not made \(exit code 3\):\n    the reason"):
        run_to_end("store: not made", [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"], tmp_path)


def child_of(process: Process) -> int:
    """Pid of the child that a PARENT prints."""
    assert wait_until(lambda: Path(process.log).read_text().strip().isdigit(), 10)
    return int(Path(process.log).read_text())
