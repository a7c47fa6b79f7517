"""What is published is what the contracts say."""

import dataframely as dy
import pytest

from schemas import records
from schemas.forms import arrow_schema, from_arrow, model, to_arrow
from schemas.lake import TABLES
from schemas.publishing import PUBLISHED, documents

RECORDS = [getattr(records, name) for name in records.__all__]
FORBIDDEN = ("face", "plate", "identity", "id_card", "person", "name_of", "phone", "score_of")


def test_the_published_folder_is_up_to_date():
    on_disk = {p.relative_to(PUBLISHED).as_posix(): p.read_text(encoding="utf-8") for p in PUBLISHED.rglob("*.json")}
    assert on_disk == documents(), "run `.venv/bin/python -m schemas.publishing`"


def sample(record: type[dy.Schema]) -> dy.DataFrame:
    if record is not records.Batch:
        return record.sample(5)
    account = {
        "rows_in": 5,
        "rows_clean": 3,
        "rows_redelivered": 1,
        "rows_quarantined": 1,
    }  # random counts never add up
    return record.sample(overrides=[account] * 5)


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_rows_survive_the_way_through_arrow(record: type[dy.Schema]):
    rows = sample(record)
    assert from_arrow(to_arrow(rows, record), record).equals(rows)
    assert record.is_valid(from_arrow(to_arrow(rows, record), record))


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_every_form_has_the_same_columns(record: type[dy.Schema]):
    assert list(model(record).model_fields) == arrow_schema(record).names == record.column_names()


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_no_column_describes_a_person(record: type[dy.Schema]):
    assert not [name for name in record.column_names() if any(word in name for word in FORBIDDEN)]


def test_every_table_of_the_lake_has_a_key():
    assert all(table.key for table in TABLES.values())
