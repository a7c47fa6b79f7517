"""A real PostgreSQL for tests: one embedded server a session, one migrated database a test module."""

import shutil
import signal
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import sqlalchemy as sa

from api.migrate import migrate
from infra.stack import postgres
from infra.stack.process import last_lines, spawn, stop, wait_until
from jobs.settings import PORT_OFFSETS, Settings


@contextmanager
def server() -> Iterator[Settings]:
    """Settings whose store is a database `ninelines` at the newest revision; the server ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="ninelines-test-store-"))
    settings = Settings(state_dir=folder, port_base=free_port() - PORT_OFFSETS["postgres"], database_url="")
    postgres.prepare(settings)
    started = postgres.processes(settings)[0]
    hasty = [*started.argv, "-c", "fsync=off", "-c", "full_page_writes=off"]
    process = replace(started, argv=hasty, stop_signal=signal.SIGQUIT)  # nothing in it is worth an orderly end
    spawn(process)
    try:
        assert wait_until(process.is_ready, 60), last_lines(process.log)
        postgres.finish(settings)
        migrate(sa.create_engine(settings.store_url, poolclass=sa.NullPool))
        yield settings
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def fresh_database(settings: Settings) -> str:
    """Address of a new database, copied from the migrated one."""
    return _created(settings, f"TEMPLATE {sa.make_url(settings.store_url).database}")


def empty_database(settings: Settings) -> str:
    """Address of a new database without any table."""
    return _created(settings, "")


def _created(settings: Settings, options: str) -> str:
    url, name = sa.make_url(settings.store_url), f"test_{uuid.uuid4().hex[:12]}"
    admin = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {options}")
    return url.set(database=name).render_as_string(hide_password=False)


def free_port() -> int:
    """A port on 127.0.0.1 that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
