"""Which words are urgent, and which only sound so."""

from datetime import date

import polars as pl
import pytest

from jobs.transforms.urgency import urgency
from schemas.regulation import load_regulation

RULES = load_regulation().on(date(2026, 3, 2))


def found_in(text: str | None) -> list[str]:
    found = urgency(pl.Series([text], dtype=pl.String), RULES)
    assert found["is_urgent"][0] == bool(found["urgency_terms"][0].len())
    return found["urgency_terms"][0].to_list()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("三楼着火了，有人被困", ["fire:着火", "trapped:被困"]),
        ("着火了着火了", ["fire:着火"]),
        ("厨房有煤气味", ["gas:煤气味"]),
        ("河里有人溺水", ["drowning:溺水"]),
        ("他没有呼吸了", ["unconscious:没有呼吸"]),
        ("有人拿着刀砍人", ["weapon:拿着刀", "weapon:拿着刀砍", "weapon:砍人"]),
        ("从楼上摔下来，人没反应了", ["fallen:从楼上摔下来", "injured:摔下", "unconscious:人没反应"]),
        ("车里有人，水淹到车顶了", ["drowning:水淹到车顶"]),
        ("墙倒了，压住了两个工人", ["hit:压住了两个工人"]),
        ("他满头是血", ["bleeding:满头是血"]),
        ("脚手架坍塌", ["collapse:坍塌"]),
        ("听说隔壁着火了", ["fire:着火"]),  # hearsay alone may be true
        ("不知道有没有人被困", ["trapped:被困"]),  # a question denies nothing
        ("没有人来，楼上着火了", ["fire:着火"]),
        ("没人受伤，但是车自燃了", ["fire:自燃"]),
        ("不是演习，真的着火了", ["fire:着火"]),
        ("消防演习时真的着火了", ["fire:着火"]),
        ("火灾已经扑灭，现在又烧起来了", ["fire:烧起来"]),
        ("新闻里说外地爆炸。我家门口着火了", ["fire:着火"]),
    ],
)
def test_danger_is_found(text: str, terms: list[str]):
    assert found_in(text) == terms


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "路口堵得一动不动",
        "电话打过去没有反应",
        "垃圾桶倒在路边",
        "水龙头的水出不来",
        "他撞了我的车",
        "路灯坏了三天",
        "没有着火，只是油烟大",
        "现场无人员被困，未发现明火",
        "没有人员受伤和被困",
        "明天社区组织消防演习，会冒浓烟",
        "应急疏散演练通知",
        "新闻里说某地爆炸",
        "火灾已扑灭",
        "去年这栋楼着火过",
        "如何预防煤气中毒",
        "咨询防溺水宣传",
        "消防通道被堵，存在火灾隐患",
        "万一发生火灾怎么办",
        "他没有意识到问题",
        "火车站旁有人看着火车",
        "严重伤害了居民",
    ],
)
def test_what_only_sounds_urgent_is_not(text: str | None):
    assert found_in(text) == []


def test_each_text_is_judged_alone_and_in_its_place():
    texts = pl.Series(["着火了", None, "没有着火", "有人溺水"])
    assert urgency(texts, RULES)["is_urgent"].to_list() == [True, False, False, True]


def test_no_texts_give_no_rows():
    assert urgency(pl.Series([], dtype=pl.String), RULES).height == 0
