"""The API's connections to PostgreSQL."""

import pytest
import sqlalchemy as sa

from api import store
from tests.api.conftest import County

MY_PID = sa.select(sa.func.pg_backend_pid())


def test_a_connection_that_the_store_ended_while_it_rested_is_replaced(county: County, monkeypatch: pytest.MonkeyPatch):
    with store.reading(county.store) as connection:
        pid = connection.scalar(MY_PID)
    other = sa.create_engine(county.settings.store_url, poolclass=sa.NullPool)
    with other.connect() as admin:
        assert admin.scalar(sa.select(sa.func.pg_terminate_backend(pid, 5000)))
    monkeypatch.setattr(store, "RESTED_SECONDS", 0.0)
    with store.reading(county.store) as connection:
        assert connection.scalar(MY_PID) != pid


def test_a_write_is_kept_whole_or_not_at_all_after_a_read_on_the_same_connection(county: County):
    with store.reading(county.store) as connection:
        pid = connection.scalar(MY_PID)
    county.has_orders({})
    with pytest.raises(ZeroDivisionError), county.store.begin() as connection:
        assert connection.scalar(MY_PID) == pid
        connection.execute(sa.text("DELETE FROM orders"))
        raise ZeroDivisionError
    assert county.client("dispatcher").get("/v1/orders/o1").status_code == 200
