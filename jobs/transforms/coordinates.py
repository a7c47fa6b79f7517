"""Chinese map coordinates to WGS84 and back.

GCJ-02 is the offset that maps in China must carry, BD-09 Baidu's second one. Formulas as commonly published
(eviltransform and others); the way back is found by iteration, to less than a tenth of a metre.
"""

from typing import Any

import numpy as np

from schemas.feeds.contract import CoordinateSystem

Numbers = Any  # a float or an array of floats, degrees
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271  # the offset applies inside this box only
RADIUS, ECCENTRICITY = 6378245.0, 0.00669342162296594323  # Krasovsky 1940, eccentricity squared
STEPS = 6


def to_wgs84(lat: Numbers, lon: Numbers, system: CoordinateSystem) -> tuple[Numbers, Numbers]:
    """WGS84 degrees of points in a coordinate system. Points outside China are taken as they are."""
    return _inverse(lat, lon, system) if system != "WGS84" else (lat, lon)


def from_wgs84(lat: Numbers, lon: Numbers, system: CoordinateSystem) -> tuple[Numbers, Numbers]:
    """The point as a source of this coordinate system would write it."""
    if system == "WGS84":
        return lat, lon
    moved = _gcj02(np.asarray(lat, float), np.asarray(lon, float))
    there = _bd09(*moved) if system == "BD-09" else moved
    inside = _is_inside(lat, lon)
    return np.where(inside, there[0], lat), np.where(inside, there[1], lon)


def _inverse(lat: Numbers, lon: Numbers, system: CoordinateSystem) -> tuple[Numbers, Numbers]:
    guess_lat, guess_lon = lat, lon
    for _ in range(STEPS):
        there_lat, there_lon = from_wgs84(guess_lat, guess_lon, system)
        guess_lat, guess_lon = guess_lat - (there_lat - lat), guess_lon - (there_lon - lon)
    inside = _is_inside(lat, lon)
    return np.where(inside, guess_lat, lat), np.where(inside, guess_lon, lon)


def _is_inside(lat: Numbers, lon: Numbers) -> Numbers:
    return (np.asarray(lat) > SOUTH) & (np.asarray(lat) < NORTH) & (np.asarray(lon) > WEST) & (np.asarray(lon) < EAST)


def _gcj02(lat: Numbers, lon: Numbers) -> tuple[Numbers, Numbers]:
    north, east = _wobble(lat - 35.0, lon - 105.0)
    radians = np.radians(lat)
    flat = 1 - ECCENTRICITY * np.sin(radians) ** 2
    north = np.degrees(north * flat * np.sqrt(flat) / (RADIUS * (1 - ECCENTRICITY)))
    east = np.degrees(east * np.sqrt(flat) / (RADIUS * np.cos(radians)))
    return lat + north, lon + east


def _wobble(y: Numbers, x: Numbers) -> tuple[Numbers, Numbers]:
    """Metres to the north and to the east, of a point given from 35° N 105° E."""
    shared = 20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (shared + 20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y / 30 * np.pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (shared + 20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    return north, east


def _bd09(lat: Numbers, lon: Numbers) -> tuple[Numbers, Numbers]:
    """From GCJ-02."""
    turn = np.pi * 3000 / 180
    distance = np.hypot(lon, lat) + 0.00002 * np.sin(lat * turn)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * turn)
    return distance * np.sin(angle) + 0.006, distance * np.cos(angle) + 0.0065
