"""The HTTP API: the store's migrations, then uvicorn on 127.0.0.1."""

import os
import subprocess
import sys

from infra.stack.environment import as_environment
from infra.stack.ports import StackError, answers
from infra.stack.process import Process
from jobs.settings import ROOT, Settings


def processes(settings: Settings) -> list[Process]:
    port = settings.port("api")
    address = ["--host", "127.0.0.1", "--port", str(port)]
    server = Process(
        name="api",
        argv=[sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", *address],
        state_dir=settings.state_dir,
        cwd=ROOT,
        env=as_environment(settings),
        ports=(port,),
        is_ready=lambda: answers(port),  # uvicorn listens once the app has started
        start_seconds=60,
    )
    return [server]


def prepare(settings: Settings) -> None:
    """Bring the store's tables to this version."""
    environment = {**os.environ, **as_environment(settings)}
    command = [sys.executable, "-m", "api.migrate"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise StackError(f"api: the store could not be migrated (python -m api.migrate):\n{done.stdout}{done.stderr}")
