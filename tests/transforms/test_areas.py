"""Where in the county a report belongs."""

import polars as pl
import pytest

from jobs.transforms.areas import with_area
from schemas.areas import load_county

SCHEMA = {
    "area_code": pl.String,
    "area_name": pl.String,
    "place": pl.String,
    "text": pl.String,
    "lat": pl.Float64,
    "lon": pl.Float64,
}


@pytest.mark.parametrize(
    ("known", "county", "township"),
    [
        ({"area_code": "990101102"}, "990101", "990101102"),
        ({"area_code": "990101102003"}, "990101", "990101102"),
        ({"area_code": "990101"}, "990101", None),
        ({"area_code": "990101", "place": "东湖街道人民路"}, "990101", "990101001"),
        ({"area_code": "120110", "place": "青石镇"}, "120110", None),
        ({"area_code": "9901"}, None, None),
        ({"area_name": "东湖街办"}, "990101", "990101001"),
        ({"place": "青石菜市场"}, "990101", "990101101"),
        ({"place": "東湖街道夜市"}, "990101", "990101001"),
        ({"lat": 33.45, "lon": 118.2, "text": "去云岭的路上"}, "990101", "990101101"),
        ({"lat": 33.40, "lon": 118.12}, "990101", "990101001"),
        ({"text": "云岭乡有人放炮"}, "990101", "990101201"),
        ({"lat": 40.3, "lon": -75.6, "place": "REINDEER CT"}, None, None),
        ({}, None, None),
    ],
)
def test_the_most_certain_word_decides(known, county, township):
    rows = with_area(pl.DataFrame([dict.fromkeys(SCHEMA) | known], schema=SCHEMA), load_county())
    assert (rows["county_code"].item(), rows["township_code"].item()) == (county, township)
