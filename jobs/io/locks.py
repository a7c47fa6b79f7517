"""One writer a table: a job holds the lock of every table it writes.

A lock is an open file in `state_dir/locks`: the kernel takes it back when its holder dies, however it dies, so
there is no stale lock to wait for. The file's text tells who holds it, and which Spark session a killed holder
left behind: its queries live on in the server until the next holder ends them (`jobs.io.spark`).
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path


@dataclass(frozen=True)
class Owner:
    """Who holds a table. since: ISO 8601 with zone."""

    job: str
    session: str
    is_continuous: bool
    since: str
    pid: int = 0
    host: str = ""


class LockedError(Exception):
    """Another driver writes the table now."""

    def __init__(self, table: str, owner: Owner | None) -> None:
        self.owner = owner
        holder = (
            f"job {owner.job}, pid {owner.pid} on {owner.host}, since {owner.since}" if owner else "a job just starting"
        )
        super().__init__(f"{table} is being written by {holder}. Wait until it has ended, or stop it.")


@contextmanager
def held(folder: Path, tables: Iterable[str], owner: Owner) -> Iterator[list[Owner]]:
    """Hold the locks of these tables; gives the owners that died without clearing up. Raises LockedError.

    owner: its pid and host are filled in here. Locks are taken in the order of their names, none is waited for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mine = replace(owner, pid=os.getpid(), host=socket.gethostname())
    with ExitStack() as stack:
        files = [stack.enter_context(_locked(folder, table)) for table in sorted(tables)]
        left = {known.session: known for file in files if (known := _owner(file))}
        for file in files:
            _note(file, mine)
        try:
            yield list(left.values())
        finally:  # not reached by one that is killed
            for file in files:
                _note(file, None)


@contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Wait until nobody else of this state folder does the same, and keep others waiting meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{what}.turn").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _locked(folder: Path, table: str) -> Iterator[TextIOWrapper]:
    with (folder / f"{table}.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(table, _owner(file)) from None
        yield file


def _owner(file: TextIOWrapper) -> Owner | None:
    """The owner noted; None where the last one cleared up, or died while writing its note."""
    file.seek(0)
    try:
        return Owner(**json.loads(file.read()))
    except (ValueError, TypeError):
        return None


def _note(file: TextIOWrapper, owner: Owner | None) -> None:
    file.seek(0)
    file.truncate()
    if owner:
        json.dump(asdict(owner), file)
    file.flush()


def now() -> str:
    """This moment as a lock tells it, local time with its offset."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
