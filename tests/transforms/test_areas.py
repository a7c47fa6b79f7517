"""Where in the county a report belongs."""

import csv
import json
import os
import shutil
from pathlib import Path

import polars as pl
import pytest
import shapely
from opencc import OpenCC

from jobs.simulate.places import spots
from jobs.transforms.areas import with_area
from schemas.areas import RULES, County, Township, load_county

SCHEMA = {
    "area_code": pl.String,
    "grid_code": pl.String,
    "area_name": pl.String,
    "place": pl.String,
    "text": pl.String,
    "lat": pl.Float64,
    "lon": pl.Float64,
}
IN_QINGSHI = {"lat": 33.45, "lon": 118.2}


def located(county: County, *known: dict[str, object]) -> pl.DataFrame:
    return with_area(pl.DataFrame([dict.fromkeys(SCHEMA) | row for row in known], schema=SCHEMA), county)


@pytest.mark.parametrize(
    ("known", "county", "township"),
    [
        ({"area_code": "990101102"}, "990101", "990101102"),
        ({"area_code": "990101102003"}, "990101", "990101102"),
        ({"area_code": "990101102", "grid_code": "99010120100101"}, "990101", "990101102"),
        ({"area_code": "990101", "grid_code": "99010120100101", "area_name": "青石镇"}, "990101", "990101201"),
        ({"area_code": "990101"}, "990101", None),
        ({"area_code": "990101", "place": "东湖街道人民路"}, "990101", "990101001"),
        ({"area_code": "120110", "place": "青石镇"}, "120110", None),
        ({"area_code": "120110", "text": "青石镇", **IN_QINGSHI}, "120110", None),
        ({"area_code": "9901"}, None, None),
        ({"area_name": "东湖街办"}, "990101", "990101001"),
        ({"area_name": " 东湖 "}, "990101", "990101001"),
        ({"area_name": "云川县青石镇", "place": "柳河镇"}, "990101", "990101101"),
        ({"place": "青石菜市场"}, "990101", "990101101"),
        ({"place": "東湖街道夜市"}, "990101", "990101001"),
        ({"place": "东湖街道办事处门口"}, "990101", "990101001"),
        ({"place": "青石乡政府"}, "990101", "990101101"),
        ({"place": "青石镇与柳河镇交界"}, "990101", "990101101"),
        ({"place": "柳河镇东湖路"}, "990101", "990101102"),
        ({"place": "东湖路口"}, None, None),
        ({"place": "云岭大道与青石街道交叉口"}, "990101", "990101101"),
        ({"text": "去云岭的路上", **IN_QINGSHI}, "990101", "990101201"),
        ({"text": "从云岭乡到柳河镇的班车", **IN_QINGSHI}, "990101", "990101101"),
        ({"text": "从云岭乡到柳河镇的班车"}, None, None),
        ({"text": "云岭乡有人放炮，云岭的狗都怕"}, "990101", "990101201"),
        (IN_QINGSHI, "990101", "990101101"),
        ({"lat": 33.40, "lon": 118.12}, "990101", "990101001"),  # where all four meet
        ({"lat": 33.45, "lon": 118.30}, None, None),
        ({"lat": 40.3, "lon": -75.6, "place": "REINDEER CT"}, None, None),
        ({}, None, None),
    ],
)
def test_the_most_certain_word_decides(known, county, township):
    rows = located(load_county(), known)
    assert (rows["county_code"].item(), rows["township_code"].item()) == (county, township)


def test_rows_keep_their_order_and_number():
    rows = located(load_county(), {"text": "a", **IN_QINGSHI}, {"text": "b"}, {"text": "c", **IN_QINGSHI})
    assert rows["text"].to_list() == ["a", "b", "c"]
    assert rows["township_code"].to_list() == ["990101101", None, "990101101"]


@pytest.mark.parametrize(
    ("known", "grid"),
    [
        ({"area_code": "990101102", "grid_code": "99010110200101"}, "99010110200101"),
        ({"area_code": "990101102", "grid_code": "99010120100101"}, None),  # another township's
        ({"area_code": "990101102", "grid_code": "WG-17"}, "WG-17"),  # the source's own numbering
        (IN_QINGSHI, "99010110100102"),
        ({"lat": 33.45, "lon": 118.14}, "99010110100101"),
        ({"lat": 33.49, "lon": 118.14}, None),
        ({"area_code": "990101102", **IN_QINGSHI}, None),  # the grid there is of another township
        ({"grid_code": "WG-17", **IN_QINGSHI}, "WG-17"),
    ],
)
def test_a_grid_is_the_payloads_or_that_around_the_point(tmp_path: Path, known, grid):
    assert located(_with_grids(tmp_path), known)["grid_code"].item() == grid


def _with_grids(folder: Path) -> County:
    shutil.copy(RULES / "areas.toml", folder)
    boxes = {"99010110100101": (118.13, 33.42, 118.16, 33.48), "99010110100102": (118.16, 33.42, 118.24, 33.48)}
    features = json.loads((RULES / "areas.geojson").read_text(encoding="utf-8"))["features"]
    features += [
        {
            "type": "Feature",
            "properties": {"code": "990101101", "grid_code": code},
            "geometry": shapely.geometry.mapping(shapely.box(*box)),
        }
        for code, box in boxes.items()
    ]
    told = {"type": "FeatureCollection", "features": features}
    (folder / "areas.geojson").write_text(json.dumps(told), encoding="utf-8")
    return load_county(folder)


def test_a_township_without_an_outline_has_its_box(tmp_path: Path):
    shutil.copy(RULES / "areas.toml", tmp_path)
    assert located(load_county(tmp_path), IN_QINGSHI)["township_code"].item() == "990101101"


def test_the_outlines_tile_the_county_without_overlap():
    found = load_county().outlines
    shapes = shapely.from_geojson([outline.geometry for outline in found])
    whole = shapely.union_all(shapes)
    assert [outline.code for outline in found] == [township.code for township in load_county().townships]
    assert shapely.is_valid(shapes).all()
    assert (whole.geom_type, len(whole.interiors)) == ("Polygon", 0)
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9)


def test_every_spot_of_the_simulator_lies_in_its_townships_outline():
    county = load_county()
    placed = [spot for township in county.townships for spot in spots(township)]
    rows = located(county, *({"lat": spot.lat, "lon": spot.lon} for spot in placed))
    assert rows["township_code"].to_list() == [spot.township.code for spot in placed]


def a_county(*names: str) -> County:
    return County("990909", "某县", tuple(Township(f"9909091{i:02}", n, (), None, 0, 0) for i, n in enumerate(names)))


@pytest.mark.parametrize(
    ("names", "text", "named"),
    [
        (("高沟镇", "小高沟镇"), "小高沟镇的路灯坏了", "小高沟镇"),
        (("上海庙镇", "上海庙经济开发区"), "上海庙经济开发区停电", "上海庙经济开发区"),
        (("五里布依族苗族乡",), "五里乡卫生院", "五里布依族苗族乡"),
        (("谷里镇",), "穀裡鎮停水", "谷里镇"),
        (("高沟镇", "高沟街道"), "高沟街道停水", "高沟街道"),
        (("高沟镇", "高沟街道"), "高沟乡停水", None),  # two could be meant
        (("重新镇",), "路面要重新铺设", None),
        (("绿化白族彝族乡",), "绿化带没人管", None),
        (("洪水镇",), "洪水冲了桥", None),
    ],
)
def test_names_are_found_as_people_say_them(names, text, named):
    county = a_county(*names)
    code = {township.name: township.code for township in county.townships}.get(named)
    assert located(county, {"text": text})["township_code"].item() == code


SENTENCES = {
    "text": "你好，我要反映{name}中心小学门口的路灯坏了三天",
    "start of the text": "{name}有人半夜放炮",
    "place": "{county}{name}政府旁边",
    "traditional": "請問{name}的垃圾甚麼時候清運",
    "another ending": "{other}菜市场占道经营",
    "without its peoples": "我是{short}的，井里没水了",
    "area name without ending": "{bare}",
}


@pytest.mark.skipif("NINELINES_DATA" not in os.environ, reason="set NINELINES_DATA to the folder with reference")
def test_the_real_names_are_found_in_sentences(capsys):
    path = Path(os.environ["NINELINES_DATA"]) / "reference" / "townships.csv"
    with path.open(encoding="utf-8") as file:
        towns = list(csv.DictReader(file))
    shares = {shape: _found(towns, shape) for shape in SENTENCES}
    with capsys.disabled():
        print(f"\nfound of {len(towns)}:", {shape: f"{share:.3f}" for shape, share in shares.items()})
    assert min(shares.values()) >= 0.98


def _found(towns: list[dict[str, str]], shape: str) -> float:
    """Share of the townships found in a sentence of this shape, each looked for among those of its county."""
    right = 0
    for code, county_name in {town["areaCode"]: town["county"] for town in towns}.items():
        ours = [town for town in towns if town["areaCode"] == code]
        county = County(code, county_name, tuple(Township(t["code"], t["name"], (), None, 0, 0) for t in ours))
        column = {"place": "place", "area name without ending": "area_name"}.get(shape, "text")
        rows = located(county, *({column: _sentence(shape, t["name"], county_name)} for t in ours))
        right += sum(found == t["code"] for found, t in zip(rows["township_code"], ours, strict=True))
    return right / len(towns)


def _sentence(shape: str, name: str, county: str) -> str:
    written = OpenCC("s2t").convert(name) if shape == "traditional" else name
    bare = name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    other = {"镇": bare + "街道", "道": bare + "街道办事处", "乡": bare + "镇"}.get(name[-1], name)
    short = f"{name[:2]}乡" if "族" in name else name  # 五里布依族苗族乡
    return SENTENCES[shape].format(name=written, county=county, other=other, bare=bare, short=short)
