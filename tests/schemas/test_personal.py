# ruff: noqa: E501 - tables read best in rows
"""No table of the lake can have a column about persons: it is refused when it is registered."""

import dataframely as dy
import pytest

from schemas import records
from schemas.lake import TABLES, Table
from schemas.personal import personal_columns


def a_record(**columns: dy.Column) -> type[dy.Schema]:
    """A record with an id and these columns."""
    return type("Made", (dy.Schema,), {"made_id": dy.String(primary_key=True), **columns})


@pytest.mark.parametrize(
    "name",
    [
        "face_id", "caller_face", "identity_no", "id_card", "plate", "plate_no", "license_plate", "person_list", "key_persons",
        "persons_seen", "person_score", "credit_score", "caller_phone", "mobile", "suspect", "fingerprint", "imsi", "watchlist",
    ],
)  # fmt: skip
def test_a_table_about_persons_is_refused(name: str):
    with pytest.raises(ValueError, match=f"gold.made: no table may have columns about persons: {name}$"):
        Table("gold.made", a_record(**{name: dy.String()}))


def test_columns_inside_lists_and_structs_count_too():
    seen = dy.List(dy.Struct({"at": dy.Date(), "who": dy.Struct({"face_id": dy.String()})}))
    with pytest.raises(ValueError, match=r"persons: seen\.who\.face_id$"):
        Table("gold.made", a_record(seen=seen))


@pytest.mark.parametrize(
    "name", ["place", "template", "score", "surface", "caller_token", "interface", "device_id", "titled"]
)
def test_other_columns_are_let_be(name: str):
    assert personal_columns(a_record(**{name: dy.String()})) == []


@pytest.mark.parametrize("name", records.__all__)
def test_no_record_of_ours_is_about_persons(name: str):
    assert personal_columns(getattr(records, name)) == []


def test_every_table_was_asked():
    assert all(personal_columns(table.record) == [] for table in TABLES.values())
