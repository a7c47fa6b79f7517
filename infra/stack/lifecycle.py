"""Start, stop and look at the local stack; every step may be repeated after any crash."""

import fcntl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from types import ModuleType

from infra.stack import airflow, api, kafka, objects, postgres, spark
from infra.stack.environment import secret
from infra.stack.ports import StackError, require_free
from infra.stack.process import Process, last_lines, running_pid, spawn, stop, up_since, wait_until
from jobs.settings import Settings

# Each module has processes(settings) and prepare(settings), finish(settings) where work is left once it answers, and
# left_out(settings) where the stack can do without it.
SERVERS: dict[str, ModuleType] = {
    "postgres": postgres,
    "objects": objects,
    "kafka": kafka,
    "spark": spark,
    "api": api,
    "airflow": airflow,
}
NEEDS = {"api": ("postgres",), "airflow": ("postgres",)}
Say = Callable[[str], None]


@dataclass(frozen=True)
class State:
    """One process of the stack as it is now; pid and since are None while it is down."""

    name: str
    word: str  # up, no answer (it runs, though), down
    pid: int | None
    port: int | None
    since: datetime | None  # with the machine's zone
    log: str


@contextmanager
def of_its_own(folder: Path, port_base: int, servers: Sequence[str], say: Say = lambda _: None) -> Iterator[Settings]:
    """Servers of a folder and of ports of their own: up inside, down at the end; what they hold stays in the folder."""
    settings = Settings(
        state_dir=folder, port_base=port_base, lake="", kafka_bootstrap="", spark_remote="", database_url=""
    )
    try:
        up(settings, servers, say)
        yield settings
    finally:
        down(settings, servers, say)


def up(settings: Settings, servers: Sequence[str] = tuple(SERVERS), say: Say = print) -> None:
    """Start what is not running and wait until all of it answers. Raise StackError when one does not.

    Servers start side by side, each after those it needs. What runs already is left alone.
    """
    wanted, given_up = with_needs(servers), Event()
    with _only_one(settings), ThreadPoolExecutor() as pool:
        for name in ("caller_key", "s3_secret_key"):
            secret(settings.state_dir / name)
        started: dict[str, Future[None]] = {}
        for name in wanted:
            first = [started[need] for need in NEEDS.get(name, ())]
            started[name] = pool.submit(_start, name, settings, first, given_up, say)
        try:
            problems = [problem for future in started.values() if (problem := future.exception())]
        except KeyboardInterrupt:
            given_up.set()
            raise
        if problems:
            raise StackError("\n".join(str(problem) for problem in problems)) from problems[0]
        last = [process for process in _processes(settings, wanted) if process.starts_last]
        _ensure(last, settings, given_up, say)


def down(settings: Settings, servers: Sequence[str] = tuple(SERVERS), say: Say = print) -> None:
    """Stop what is running: Airflow's scheduler first, PostgreSQL last."""
    with _only_one(settings):
        for process in reversed(list(_processes(settings, _known(servers)))):
            begun = time.monotonic()
            if stop(process):
                say(f"{process.name:<18} stopped   {time.monotonic() - begun:5.1f} s")


def status(settings: Settings) -> list[State]:
    """All processes of the stack, in the order in which they start; not those it does without."""
    return [_state(process) for process in _processes(settings, SERVERS)]


def with_needs(servers: Iterable[str]) -> list[str]:
    """These servers and those they need, in starting order."""
    wanted = set(_known(servers))
    wanted |= {need for name in wanted for need in NEEDS.get(name, ())}
    return [name for name in SERVERS if name in wanted]


def _known(servers: Iterable[str]) -> list[str]:
    wanted = list(servers)
    if unknown := sorted(set(wanted) - set(SERVERS)):
        raise StackError(f"no server is called {', '.join(unknown)}; there are {', '.join(SERVERS)}")
    return [name for name in SERVERS if name in wanted]


def _processes(settings: Settings, servers: Iterable[str]) -> Iterator[Process]:
    for name in servers:
        if not _left_out(name, settings):
            yield from SERVERS[name].processes(settings)


def _left_out(name: str, settings: Settings) -> str:
    """Why the stack does without this server; empty where it does not."""
    module = SERVERS[name]
    return str(module.left_out(settings)) if hasattr(module, "left_out") else ""


def _start(name: str, settings: Settings, first: Sequence[Future[None]], given_up: Event, say: Say) -> None:
    for need in first:
        if need.exception():
            return  # told by the server that failed
    if why := _left_out(name, settings):
        return say(f"{name:<18} left out: {why}")
    module = SERVERS[name]
    processes = [process for process in module.processes(settings) if not process.starts_last]
    if not all(running_pid(process) for process in processes):
        module.prepare(settings)
    _ensure(processes, settings, given_up, say)
    if hasattr(module, "finish"):
        module.finish(settings)


def _ensure(processes: Sequence[Process], settings: Settings, given_up: Event, say: Say) -> None:
    """All of them running and answering."""
    begun = time.monotonic()
    fresh = {process.name for process in processes if running_pid(process) is None}
    for process in processes:
        if process.name in fresh:
            stop(process)  # what a killed leader left of its group is known by nobody else
            require_free(process.name, process.ports, settings)
            say(f"{process.name:<18} starting")
            spawn(process)
    for process in processes:
        _wait(process, given_up)
        word = f"started   {time.monotonic() - begun:5.1f} s" if process.name in fresh else "was up"
        say(f"{process.name:<18} {word}")


def _wait(process: Process, given_up: Event) -> None:
    """Until it answers. Raise StackError with the end of its log when it ends before, or takes too long."""

    def is_decided() -> bool:
        return process.is_ready() or running_pid(process) is None or given_up.is_set()

    if not wait_until(is_decided, process.start_seconds):
        raise _failure(process, f"does not answer after {process.start_seconds:.0f} s")
    if given_up.is_set():
        raise StackError(f"{process.name}: not waited for; `ninelines status` shows it")
    if running_pid(process) is None:
        raise _failure(process, "ended while starting")


def _failure(process: Process, what: str) -> StackError:
    return StackError(f"{process.name} {what}. The end of {process.log}:\n{last_lines(process.log)}")


def _state(process: Process) -> State:
    pid = running_pid(process)
    word = "down" if pid is None else "up" if process.is_ready() else "no answer"
    since = datetime.fromtimestamp(up_since(process)).astimezone() if pid else None
    return State(process.name, word, pid, process.ports[0] if process.ports else None, since, str(process.log))


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Two at once would start everything twice. The lock goes with its holder, whatever ends it."""
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.state_dir / "stack.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"another `ninelines up` or `down` is at work in {settings.state_dir}; wait for it, then try again"
            ) from None
        yield
