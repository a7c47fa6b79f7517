"""Real servers for tests marked `stack`: one Kafka and one Spark for all, on ports and in a folder of their own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jobs.settings import Settings  # Airflow's environment, which also reads this file, lacks what it needs

PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  # tests run in several, a file in one
PORT_BASE = 29_000 + 100 * PROCESS
QUICK = ("models", "schemas", "simulate", "transforms")  # folders
DATA = "NINELINES_DATA"  # where measuring data lies; no setting of ours


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is quick comes last, so that no process is left alone with a long file at the end."""
    items.sort(key=lambda item: item.path.parent.name in QUICK)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Settings]":
    """Settings with Kafka and Spark up, shared by all: other tests write into the same lake. Down at the end."""
    with servers(tmp_path_factory.mktemp("stack"), PORT_BASE) as settings:
        yield settings


@contextmanager
def servers(state_dir: Path, port_base: int) -> "Iterator[Settings]":
    """Kafka and Spark, with the lake, locks and secrets in this folder; the jobs that tests start know them too."""
    from infra.stack import lifecycle
    from jobs.settings import Settings

    told = {"NINELINES_STATE_DIR": str(state_dir), "NINELINES_PORT_BASE": str(port_base)}
    before = {name: value for name, value in os.environ.items() if name.startswith("NINELINES_") and name != DATA}
    for name in before:
        del os.environ[name]
    os.environ.update(told)
    settings = Settings()
    try:
        lifecycle.up(settings, ("kafka", "spark"), lambda _: None)
        yield settings
    finally:
        lifecycle.down(settings, ("kafka", "spark"), lambda _: None)
        for name in told:
            del os.environ[name]
        os.environ.update(before)
