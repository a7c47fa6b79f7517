"""The stack but for Airflow, with topics and a lake that no other test writes to."""

from collections.abc import Iterator

import pytest

from infra.stack import lifecycle
from jobs.io.model_files import classifier_folder, train_and_save
from jobs.settings import Settings
from jobs.simulate.corpus import corpus
from schemas.areas import load_county
from tests.conftest import PROCESS

PORT_BASE = 29_500 + 100 * PROCESS
SERVERS = ("postgres", "kafka", "spark", "api")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A stack that is up, with a classifier; down at the end."""
    found = Settings(state_dir=tmp_path_factory.mktemp("whole"), port_base=PORT_BASE)
    texts = corpus(seed=1, rows=1_000, county=load_county(found.rules_dir))
    train_and_save(texts["text"], texts["label"], classifier_folder(found.state_dir), "the simulator's texts")
    try:
        lifecycle.up(found, SERVERS, lambda _: None)
        yield found
    finally:
        lifecycle.down(found, SERVERS, lambda _: None)
