"""Chinese coordinates, against published pairs and against themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.transforms.coordinates import from_wgs84, to_wgs84

A_METRE = 1e-5


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [  # test values of googollee/eviltransform: Shanghai, Shenzhen, Beijing
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_gcj02_agrees_with_published_pairs(wgs84, gcj02):
    assert from_wgs84(*wgs84, "GCJ-02") == pytest.approx(gcj02, abs=A_METRE / 10)
    assert to_wgs84(*gcj02, "GCJ-02") == pytest.approx(wgs84, abs=A_METRE / 10)


def test_bd09_lies_beyond_gcj02():
    gcj02, bd09 = (39.915, 116.404), (39.921336993510205, 116.41036949371029)
    assert from_wgs84(*to_wgs84(*gcj02, "GCJ-02"), "BD-09") == pytest.approx(bd09, abs=A_METRE / 10)


@given(st.floats(18, 53), st.floats(74, 134), st.sampled_from(["GCJ-02", "BD-09"]))
def test_there_and_back_is_where_one_was(lat, lon, system):
    assert to_wgs84(*from_wgs84(lat, lon, system), system) == pytest.approx((lat, lon), abs=A_METRE / 10)


def test_outside_china_nothing_moves():
    lat, lon = to_wgs84(np.array([40.3, 33.4]), np.array([-75.6, 118.0]), "GCJ-02")
    assert (lat[0], lon[0]) == (40.3, -75.6)
    assert abs(lat[1] - 33.4) > 100 * A_METRE
