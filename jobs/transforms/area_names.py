"""Names of townships in words: official ones, aliases, and what people make of them, in both kinds of characters.

A name without its ending (高沟 for 高沟镇) is found in texts only where the county's rules list it as an alias: many
are ordinary words (重新, 绿化, 洪水), and a wrong township sends people to the wrong place.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from jobs.transforms.folding import spellings
from schemas.areas import County, Township

ENDING = re.compile(r"(?:街道|镇|乡|苏木)$")
OF_PEOPLES = re.compile(
    "(?:(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|"
    "达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|"
    "门巴|珞巴|基诺)族)+$"
)
ENDINGS = ("镇", "乡", "街道", "街办")  # a town that became a street is called both; 街道办事处 begins with 街道
ROADS = ("路", "大道", "大街", "巷", "弄")  # 东湖路 need not lie in 东湖街道


@dataclass(frozen=True)
class Names:
    """in_words: what to look for in texts, longest first, with its township (None: no township's name after all).
    alone: names that count where they are all that is said.
    """

    in_words: dict[str, str | None]
    alone: dict[str, str]


@cache
def names_of(county: County) -> Names:
    """What the county's townships are called. What two would be called is no name, but where it is official."""
    official = {t.name: t.code for t in county.townships} | {a: t.code for t in county.townships for a in t.aliases}
    found = {**_only_once(county, _derived), **_roads(county), **official}
    longest_first = sorted(found, key=len, reverse=True)
    in_words = {form: found[name] for name in longest_first for form in spellings(name)}
    bare = _only_once(county, lambda township: iter(bare_names(township.name)))
    return Names(in_words, {form: code for name, code in bare.items() for form in spellings(name)})


def bare_names(name: str) -> tuple[str, ...]:
    """五里布依族苗族 and 五里 for 五里布依族苗族乡; none where it has no ending, or one letter would be left."""
    stem = ENDING.sub("", name)
    bare = dict.fromkeys((stem, OF_PEOPLES.sub("", stem)))
    return tuple(short for short in bare if stem != name and len(short) > 1)


def mentioned(words: pl.Expr, names: Names) -> pl.Expr:
    """Codes of the townships named, in the order of the words; where one name holds another, the longer counts."""
    found = words.str.extract_many(list(names.in_words), leftmost=True)
    codes = pl.element().replace_strict(names.in_words, default=None, return_dtype=pl.String)
    return found.list.eval(codes.drop_nulls())


def is_called(words: pl.Expr, names: Names) -> pl.Expr:
    """The township of which this is a name, without its ending too; nothing else is said."""
    return words.str.strip_chars().replace_strict(names.alone, default=None, return_dtype=pl.String)


def _derived(township: Township) -> Iterator[str]:
    for bare in bare_names(township.name):
        yield from (bare + ending for ending in ENDINGS)
        if township.name.endswith("街道"):
            yield bare + "街"


def _roads(county: County) -> dict[str, None]:
    """Streets called after a township: 东湖路, where 东湖 is an alias."""
    return {alias + road: None for t in county.townships for alias in t.aliases for road in ROADS}


def _only_once(county: County, names: Callable[[Township], Iterator[str]]) -> dict[str, str]:
    claims = [(name, township.code) for township in county.townships for name in names(township)]
    times = Counter(name for name, _ in claims)
    return {name: code for name, code in claims if times[name] == 1}
