"""The HTTP API: the store's migrations, then uvicorn on 127.0.0.1."""

import sys

from infra.stack.ports import answers
from infra.stack.process import Process, run_to_end
from jobs.settings import ROOT, Settings

GRACE_SECONDS = 5


def processes(settings: Settings) -> list[Process]:
    port = settings.port("api")
    address = ["--host", "127.0.0.1", "--port", str(port)]
    leaving = ["--timeout-graceful-shutdown", str(GRACE_SECONDS)]  # those who listen would stay for ever
    server = Process(
        name="api",
        argv=[sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", *address, *leaving],
        state_dir=settings.state_dir,
        cwd=ROOT,
        env={**settings.as_environment(), "POLARS_MAX_THREADS": "1"},  # a request's tables have one row
        ports=(port,),
        is_ready=lambda: answers(port),  # uvicorn listens once the app has started
    )
    return [server]


def prepare(settings: Settings) -> None:
    """Bring the store's tables to this version."""
    command = [sys.executable, "-m", "api.migrate"]
    told = "api: the store could not be migrated by python -m api.migrate"
    run_to_end(told, command, ROOT, settings.as_environment())
