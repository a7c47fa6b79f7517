"""The county's places: each township's villages, and in each village a few spots that people name when they call."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from random import Random

from schemas.areas import County, Township

ESTATES = [a + b for a, b in product(
    ("云锦", "锦绣", "阳光", "书香", "御景", "金桂", "翠湖", "和谐", "盛世", "龙腾", "春晓", "丽水", "北苑", "梧桐"),
    ("花园", "家园", "雅苑", "小区", "名城", "佳苑"),
)]  # fmt: skip
ROADS = [a + b for a, b in product(
    ("人民", "解放", "建设", "滨河", "迎宾", "振兴", "文昌", "育才", "朝阳", "长青", "富民", "工农", "云川", "青年"),
    ("路", "街", "大道"),
)]  # fmt: skip
VILLAGES = [a + b for a, b in product(
    ("李", "王", "张", "赵", "陈", "周", "吴", "郑", "孙", "朱", "胡", "高", "林", "何", "郭", "马", "罗", "梁", "宋", "谢"),
    ("家庄", "湾", "家桥", "家店", "楼", "圩"),
)]  # fmt: skip
LANDMARKS = ("菜市场", "农贸市场", "中心小学", "汽车站", "加油站", "卫生院", "文化广场", "体育公园", "工业园", "物流园")
CORNERS = ("东门", "西门", "北门", "门口", "旁边", "附近", "对面", "后面")
COUNTY_BOX = (118.0, 33.3, 118.26, 33.5)  # for a township without an outline


@dataclass(frozen=True)
class Spot:
    """A place with a name. lat and lon: WGS84; grid_code: township, village (3 digits), grid (2 digits)."""

    name: str
    township: Township
    village: str
    grid_code: str
    lat: float
    lon: float
    is_estate: bool


def choose_spot(county: County, rng: Random, township: Township | None = None) -> Spot:
    """A spot of the county, or of one township; townships by their number of grids."""
    chosen = township or rng.choices(county.townships, [max(t.grids, 1) for t in county.townships])[0]
    return rng.choice(spots(chosen))


def near(spot: Spot, rng: Random, metres: float = 60) -> tuple[float, float]:
    """A point around a spot as a caller's phone would give it: WGS84 latitude and longitude, six decimals."""
    degree = metres / 111_000
    return round(rng.gauss(spot.lat, degree), 6), round(rng.gauss(spot.lon, degree * 1.2), 6)


@cache
def spots(township: Township) -> Sequence[Spot]:
    """Every spot of a township: fifteen in each village, the same in every run."""
    rng = Random(township.code)
    names = rng.sample(VILLAGES, max(township.villages, 1))
    estates, roads = rng.sample(ESTATES, len(ESTATES)), rng.sample(ROADS, 24)
    found = []
    for number, village in enumerate(names, start=1):
        is_town = township.name.endswith("街道")
        centre = _inside(township, rng)
        label = f"{village}社区" if is_town else f"{village}村"
        for name, is_estate in _names(township, label, estates, roads, rng):
            grid = rng.randint(1, max(township.grids // max(township.villages, 1), 1))
            lat, lon = rng.gauss(centre[0], 0.003), rng.gauss(centre[1], 0.0035)
            found.append(
                Spot(
                    name,
                    township,
                    label,
                    f"{township.code}{number:03d}{grid:02d}",
                    round(lat, 6),
                    round(lon, 6),
                    is_estate,
                )
            )
    return found


def _names(
    township: Township, village: str, estates: list[str], roads: list[str], rng: Random
) -> list[tuple[str, bool]]:
    one, other, third = rng.sample(roads, 3)
    town, marks = township.name, rng.sample(LANDMARKS, 3)
    named = [estates.pop() if estates else f"{village}安置区", f"{village}新区"]
    return [
        *((f"{town}{estate}", True) for estate in named),
        (f"{town}{one}与{other}交叉口", False),
        (f"{town}{other}与{third}交叉口", False),
        *((f"{town}{village}{mark}", False) for mark in marks),
        *((f"{town}{village}{group}组", False) for group in rng.sample(range(1, 13), 5)),
        *((f"{town}{road}{rng.choice(LANDMARKS)}{rng.choice(CORNERS)}", False) for road in (one, other, third)),
    ]


def _inside(township: Township, rng: Random) -> tuple[float, float]:
    """A point well inside the township's box, so that its spots and callers stay in it."""
    west, south, east, north = township.box or COUNTY_BOX
    across, up = (east - west) * 0.14, (north - south) * 0.14
    return rng.uniform(south + up, north - up), rng.uniform(west + across, east - across)
