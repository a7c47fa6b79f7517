"""One server process that outlives its starter: spawn it, know it again, stop it. Linux."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.stack.ports import StackError, is_free

RELEASE_SECONDS = 5.0
KEEP_LOG_BYTES = 10_000_000  # a longer log is set aside as <name>.log.1 at the next start

# The child writes its own pid file before it becomes the server: a starter killed at any moment leaves no
# unknown server behind. Field 22 of stat is the start time in ticks since boot; a recycled pid has another.
# What servers write (lake, queues, databases) holds people's words: nobody else's to read.
LAUNCH = (
    'umask 077; echo "$$ $(cat /proc/sys/kernel/random/boot_id)/$(cut -d" " -f22 /proc/$$/stat)" >"$0.new" '
    '&& mv "$0.new" "$0"; exec "$@"'
)


@dataclass(frozen=True)
class Process:
    """A server to run. Its pid is in `state_dir/run/<name>.pid`, its output in `state_dir/log/<name>.log`."""

    name: str
    argv: Sequence[str]
    state_dir: Path
    is_ready: Callable[[], bool]
    starts_last: bool = False  # only once the rest of the stack answers: it begins work at once
    ports: Sequence[int] = ()  # all on 127.0.0.1; the first is the one shown
    env: Mapping[str, str] = field(default_factory=dict)  # added to ours
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20
    start_seconds: float = 180  # a loaded machine may need a minute for Spark

    @property
    def pid_file(self) -> Path:
        return self.state_dir / "run" / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        return self.state_dir / "log" / f"{self.name}.log"


def spawn(process: Process) -> int:
    """Start it as the leader of its own session and give its pid; standard output and errors go to its log."""
    for folder in (process.pid_file.parent, process.log.parent):
        folder.mkdir(parents=True, exist_ok=True)
    if process.log.exists() and process.log.stat().st_size > KEEP_LOG_BYTES:
        process.log.replace(process.log.with_suffix(".log.1"))
    with process.log.open("ab") as log:
        child = subprocess.Popen(
            ["/bin/sh", "-c", LAUNCH, str(process.pid_file), *process.argv],
            env={**os.environ, **process.env},
            cwd=process.cwd or process.state_dir,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    wait_until(lambda: running_pid(process) == child.pid or child.poll() is not None, 5, every=0.01)
    return child.pid


def running_pid(process: Process) -> int | None:
    """Its pid while it runs; None when it never ran, ended, or the pid now belongs to somebody else."""
    pid, born = _noted(process)
    return pid if pid is not None and birth(pid) == born else None


def _noted(process: Process) -> tuple[int | None, str]:
    """Pid and birth as the process wrote them down."""
    try:
        pid, born = process.pid_file.read_text().split()
    except (FileNotFoundError, ValueError):
        return None, ""
    return int(pid), born


def birth(pid: int) -> str | None:
    """What tells this process from every other that had or will have its pid: boot and start tick. None once dead."""
    fields = _stat(pid)
    return f"{_boot()}/{fields[19]}" if fields else None


def _stat(pid: int | str) -> list[str]:
    """Fields of /proc/PID/stat from the state on; empty for one that ended, even if its parent has not asked yet."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [] if fields[0] in "ZX" else fields


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def up_since(process: Process) -> float:
    """Seconds since the epoch at which it was started."""
    return process.pid_file.stat().st_mtime


def stop(process: Process) -> bool:
    """Ask it to end, then kill what is left of its group. False when it was not running.

    Also clears up after one that was killed: children that outlived it still hold its ports and files.
    """
    (pid, born), was_running = _noted(process), running_pid(process) is not None
    if pid is not None and was_running:
        os.kill(pid, process.stop_signal)
        wait_until(lambda: running_pid(process) is None, process.stop_seconds)
    # A pid stays reserved while its group has members, so a group without a living leader is still ours.
    if pid is not None and (was_running or (born.startswith(_boot()) and birth(pid) is None)):
        _end_group(pid, process.stop_seconds)
    if was_running:  # a JVM counts as ended a moment before its last thread lets go of the port
        wait_until(lambda: all(is_free(port) for port in process.ports), RELEASE_SECONDS)
    process.pid_file.unlink(missing_ok=True)
    return was_running


def _end_group(leader: int, seconds: float) -> None:
    """Ask every member, then kill: an Airflow task that is asked ends the job it started in a session of its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _group_lives(leader):
            return
        os.killpg(leader, number)
        wait_until(lambda: not _group_lives(leader), seconds)


def _group_lives(leader: int) -> bool:
    """Whether any process of the group is left. killpg(leader, 0) would count the dead that nobody asked for."""
    members = (_stat(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit())
    return any(fields and fields[2] == str(leader) for fields in members)


def wait_until(is_true: Callable[[], bool], seconds: float, every: float = 0.1) -> bool:
    """Whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log, indented; says so where there is none."""
    lines = path.read_text(errors="replace").splitlines()[-count:] if path.exists() else []
    return "\n".join(f"    {line}" for line in lines or ["(the log is empty)"])


def run_to_end(what: str, argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a short program. When it fails, raise StackError with `what` and the end of what it said."""
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(argv, check=False, cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-15:])
        raise StackError(f"{what} (exit code {done.returncode}):\n{tail}")
