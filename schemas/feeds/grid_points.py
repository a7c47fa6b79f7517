"""Points of grid events, in whatever way a platform writes them, as degrees and their coordinate system."""

import json
import math
import re
from typing import Any

LAT = (
    "coordinatey",
    "coordy",
    "lat",
    "latitude",
    "eventlat",
    "eventlatitude",
    "gpslat",
    "gpsy",
    "pointy",
    "mapy",
    "centery",
    "zby",
    "y",
    "wd",
    "纬度",
)
LON = (
    "coordinatex",
    "coordx",
    "lng",
    "lon",
    "long",
    "longitude",
    "eventlng",
    "eventlon",
    "eventlongitude",
    "gpslng",
    "gpslon",
    "gpsx",
    "pointx",
    "mapx",
    "centerx",
    "zbx",
    "x",
    "jd",
    "经度",
)
BOTH = (
    "coordinate",
    "coordinates",
    "coord",
    "coords",
    "lnglat",
    "lonlat",
    "latlng",
    "latlon",
    "point",
    "location",
    "position",
    "gps",
    "gpsinfo",
    "geo",
    "geom",
    "geometry",
    "shape",
    "range",
    "pm",
    "latlongit",
    "eventlatlongit",
    "jwd",
    "zb",
    "经纬度",
    "坐标",
)
SYSTEM = (
    "coordinatesystem",
    "coordsystem",
    "coordtype",
    "coordinatetype",
    "coordsys",
    "maptype",
    "crs",
    "gpstype",
    "坐标系",
)
SYSTEMS = {
    "wgs84": "WGS84", "wgs1984": "WGS84", "gps": "WGS84", "epsg4326": "WGS84", "4326": "WGS84", "cgcs2000": "WGS84", "epsg4490": "WGS84", "4490": "WGS84",
    "gcj02": "GCJ-02", "gcj02ll": "GCJ-02", "gcj": "GCJ-02", "gaode": "GCJ-02", "amap": "GCJ-02", "tencent": "GCJ-02", "高德": "GCJ-02", "腾讯": "GCJ-02", "火星": "GCJ-02",
    "bd09": "BD-09", "bd09ll": "BD-09", "baidu": "BD-09", "bd": "BD-09", "百度": "BD-09",
}  # fmt: skip
PAIR = re.compile(r"^\s*[\[(]?\s*(-?\d+(?:\.\d+)?)\s*[,，;\s]\s*(-?\d+(?:\.\d+)?)\s*[\])]?\s*$")
WKT = re.compile(r"^\s*(?:SRID=\d+;)?\s*POINT\s*Z?\s*\(\s*(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)", re.IGNORECASE)
NO_LETTERS = re.compile(r"[^0-9a-z一-鿿]")
HALF_EQUATOR = 20_037_508.342789244  # metres in web Mercator
LARGEST_LAT = 90  # of two numbers in China the greater is the longitude


def point_of(said: dict[str, Any]) -> dict[str, str]:
    """coordinate_y, coordinate_x and coordinate_system, as far as the event says them; said: values by plain name."""
    lat, lon = _first(said, LAT), _first(said, LON)
    if lat is None and lon is None:
        lat, lon = next((pair for name in BOTH if (pair := _pair(said.get(name)))), (None, None))
    lat, lon = _degrees(lat, lon)
    system = next((str(said[name]) for name in SYSTEM if name in said), "")
    written = NO_LETTERS.sub("", system.lower()) if system else ""
    found = {"coordinate_y": lat, "coordinate_x": lon, "coordinate_system": SYSTEMS.get(written)}
    return {name: value for name, value in found.items() if value is not None}


def _first(said: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((str(said[name]).strip() for name in names if isinstance(said.get(name), str | int | float)), None)


def _pair(value: Any, depth: int = 3) -> tuple[str, str] | None:
    """Latitude and longitude of `lon,lat`, `lat,lon`, WKT, GeoJSON, a list or an object."""
    if not depth:
        return None
    if isinstance(value, str):
        return _written_pair(value, depth)
    if isinstance(value, dict):
        inner = {str(name).lower().replace("_", ""): one for name, one in value.items()}
        lat, lon = _first(inner, LAT), _first(inner, LON)
        return (lat, lon) if lat is not None and lon is not None else _pair(inner.get("coordinates"), depth - 1)
    if isinstance(value, list) and len(value) >= 2 and all(isinstance(one, str | int | float) for one in value[:2]):
        return _pair(f"{value[0]},{value[1]}", depth - 1)
    return None


def _written_pair(value: str, depth: int) -> tuple[str, str] | None:
    if value.lstrip().startswith("{"):
        try:
            return _pair(json.loads(value), depth - 1)
        except (ValueError, RecursionError):
            return None
    found = WKT.match(value) or PAIR.match(value)
    return _ordered(found.group(1), found.group(2)) if found else None


def _ordered(one: str, other: str) -> tuple[str, str]:
    """Latitude first. Longitude comes first, unless the second number can only be one."""
    is_lat_first = abs(float(one)) <= LARGEST_LAT < abs(float(other)) <= 180
    return (one, other) if is_lat_first else (other, one)


def _degrees(lat: str | None, lon: str | None) -> tuple[str | None, str | None]:
    """Metres of web Mercator as degrees; two degrees that stand in each other's place, turned. Anything else as it is."""
    try:
        y, x = float(lat or ""), float(lon or "")
    except ValueError:
        return lat, lon
    if 7_000_000 < x < HALF_EQUATOR and 1_000_000 < y < 9_000_000:
        return (
            f"{math.degrees(2 * math.atan(math.exp(y / HALF_EQUATOR * math.pi)) - math.pi / 2):.7f}",
            f"{x / HALF_EQUATOR * 180:.7f}",
        )
    return (lon, lat) if abs(x) <= LARGEST_LAT < abs(y) <= 180 else (lat, lon)
