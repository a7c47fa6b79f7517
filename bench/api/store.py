"""A PostgreSQL of the bench's own: what it says it keeps is on the disk, and it is set for two cores."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from api.migrate import migrate
from infra.stack import postgres
from infra.stack.ports import is_free
from infra.stack.process import Process, last_lines, running_pid, spawn, stop, wait_until
from jobs.settings import PORT_OFFSETS, Settings

PORT_BASES = range(26_000, 28_000, 100)  # benches may run side by side
FOR_TWO_CORES = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "maintenance_work_mem": "512MB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "1",
}


@contextmanager
def own_store() -> Iterator[tuple[Settings, int]]:
    """Settings whose store is migrated and empty, and the server's pid; it is gone with the block."""
    folder = Path(tempfile.mkdtemp(prefix="bench-api-"))
    base = next(base for base in PORT_BASES if all(is_free(base + PORT_OFFSETS[name]) for name in ("postgres", "api")))
    settings = Settings(state_dir=folder, port_base=base, database_url="", kafka_bootstrap="", requests_a_second=0)
    postgres.prepare(settings)
    process = _tuned(postgres.processes(settings)[0])
    spawn(process)
    try:
        if not wait_until(process.is_ready, 60):
            raise SystemExit(f"PostgreSQL did not start:\n{last_lines(process.log)}")
        postgres.finish(settings)
        migrate(sa.create_engine(settings.store_url, poolclass=sa.NullPool))
        pid = running_pid(process)
        assert pid is not None, "it answers"
        yield settings, pid
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def _tuned(process: Process) -> Process:
    flags = [word for name, value in FOR_TWO_CORES.items() for word in ("-c", f"{name}={value}")]
    return replace(process, argv=[*process.argv, *flags])
