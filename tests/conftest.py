"""Real servers for tests marked `stack`: one Kafka and one Spark for all, on ports and in a folder of their own."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jobs.settings import Settings  # Airflow's environment, which also reads this file, lacks what it needs

PORT_BASE = 29_000
DATA = "NINELINES_DATA"  # where measuring data lies; no setting of ours


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Settings]":
    """Settings with Kafka and Spark up; the lake, locks and secrets in a temporary folder. Down at the end."""
    from infra.stack import lifecycle
    from jobs.settings import Settings

    told = {"NINELINES_STATE_DIR": str(tmp_path_factory.mktemp("stack")), "NINELINES_PORT_BASE": str(PORT_BASE)}
    before = {name: value for name, value in os.environ.items() if name.startswith("NINELINES_") and name != DATA}
    for name in before:
        del os.environ[name]
    os.environ.update(told)  # the jobs that tests start read it
    settings = Settings()
    try:
        lifecycle.up(settings, ("kafka", "spark"), lambda _: None)
        yield settings
    finally:
        lifecycle.down(settings, ("kafka", "spark"), lambda _: None)
        for name in told:
            del os.environ[name]
        os.environ.update(before)
