"""One point to WGS84 with plain arithmetic, in one step, as scripts for it commonly do: for the plain consumer."""

from math import atan2, cos, hypot, pi, sin, sqrt

RADIUS, ECCENTRICITY = 6378245.0, 0.00669342162296594323


def to_wgs84(lat: float, lon: float, system: str) -> tuple[float, float]:
    """WGS84 degrees, to a few metres."""
    if system == "BD-09":
        x, y = lon - 0.0065, lat - 0.006
        distance = hypot(x, y) - 0.00002 * sin(y * pi * 3000 / 180)
        angle = atan2(y, x) - 0.000003 * cos(x * pi * 3000 / 180)
        lat, lon = distance * sin(angle), distance * cos(angle)
    if system == "WGS84":
        return lat, lon
    north, east = _offset(lat, lon)
    return lat - north, lon - east


def _offset(lat: float, lon: float) -> tuple[float, float]:
    """What GCJ-02 adds at this point, degrees."""
    x, y = lon - 105.0, lat - 35.0
    shared = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + shared
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + shared
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    turn = lat / 180 * pi
    magic = 1 - ECCENTRICITY * sin(turn) ** 2
    metres_north = RADIUS * (1 - ECCENTRICITY) / (magic * sqrt(magic)) * pi / 180
    metres_east = RADIUS / sqrt(magic) * cos(turn) * pi / 180
    return north / metres_north, east / metres_east
