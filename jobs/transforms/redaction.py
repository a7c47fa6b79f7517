# ruff: noqa: E501 - a table of patterns reads best in rows
"""Personal data out of free text: phones, identity numbers, plates, cards, accounts, doors, names.

Regular expressions of Rust's engine, which Polars uses: linear time, no look-around, so neighbours that must not be
digits are captured and put back. Order matters: longer numbers first.
"""

from collections.abc import Callable
from functools import partial

import polars as pl

from jobs.transforms.digit_runs import MANY_DIGITS, without_numbers

LEFT = r"(^|[^0-9])"
RIGHT = r"(?:([A-Za-z_])|(?-u:\b))"  # a digit must not follow
GAP = r"[\s\-－—–_.·]{0,2}"

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
SURNAMES = (
    "欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|令狐|"
    "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊"
    "金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌纪靳盛童欧甄项曲游阳裴席卫查屈鲍覃霍翁隋甘景薄单包柏宁柯阮桂闵解丘华冉"
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許傅呂蘇盧蔣賈魏薛葉閻餘鐘陸龍錢湯賀賴龔龐蘭齊]"
)
NUMERALS = "一二三四五六七八九零〇幺两洞拐勾"
GIVEN = r"\p{Han}[\p{Han}--[和及与]]?"
PAUSE = r"[\s，,、-]?"
STOP = r"(?:[\s，,。、；;：:！!？?（）()]|$)"
MORE_DOOR = r"(?:[0-9A-Za-z一二三四五六七八九十]{1,4}(?:单元|單元|门|梯|层|楼))"
ROOM = r"[A-Za-z]?[0-9]{3,4}[A-Za-z]?(?:室|号|户|房)?"

# What is looked for, and what stands there afterwards.
RULES: tuple[tuple[str, str], ...] = (
    (LEFT + r"[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[ -]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?[0-9]{3}[0-9Xx]" + RIGHT,
     "${1}〔身份证〕${2}"),
    (r"((?:身份证|證件|证件)[号號码碼：:是为\s]{0,5})[0-9]{14,17}[0-9Xx]", "${1}〔身份证〕"),
    (r"((?:护照|通行证)[号码：:是为\s]{0,5})[A-Za-z]{1,2}[0-9]{6,9}", "${1}〔证件〕"),
    (LEFT + r"62[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}(?:[ -]?[0-9]{1,3})?" + RIGHT, "${1}〔银行卡〕${2}"),
    (r"((?:银行卡|卡号|账号|帐号|账户|賬號|储蓄卡|信用卡)[^0-9A-Za-z，。,;；〕]{0,6})[0-9](?:[ -]{0,2}[0-9]){11,20}", "${1}〔银行卡〕"),
    (LEFT + rf"(?:(?:\+|00)?86{GAP})?1[3-9][0-9]{GAP}[0-9]{{4}}{GAP}[0-9]{{4}}" + RIGHT, "${1}〔电话〕${2}"),
    (LEFT + r"(?:[（(]0[1-9][0-9]{1,2}[)）]|0[1-9][0-9]{1,2})[ \-－—]?[2-9][0-9]{6,7}(?:[-转][0-9]{1,5})?" + RIGHT, "${1}〔电话〕${2}"),
    (r"((?:电话|電話|手机|手機|座机|联系方式|致电)[^0-9，。,;；]{0,6})[2-9][0-9]{6,7}" + RIGHT, "${1}〔电话〕${2}"),
    (rf"[一幺]{PAUSE}[三四五六七八九拐勾](?:{PAUSE}[{NUMERALS}]){{9}}", "〔电话〕"),
    (r"((?:微信|QQ|qq|Qq|企鹅)[号號]?(?:码|碼)?[：:是为\s]{0,3})[A-Za-z0-9][A-Za-z0-9_-]{4,19}", "${1}〔账号〕"),
    (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "〔邮箱〕"),
    (rf"[{PROVINCES}]\s?[A-Za-z][·•.\s-]{{0,2}}(?:[A-Za-z0-9]{{5,6}}(?-u:\b)|[A-Za-z0-9]{{4}}[挂学警港澳试超使领]|(?:[A-Za-z0-9]\s){{4,5}}[A-Za-z0-9挂学警港澳试超使领])",
     "〔车牌〕"),
    (rf"(?:[0-9]{{1,4}}|[A-Za-z]|[一二三四五六七八九十]{{1,3}})[#＃]?(?:栋|棟|幢|号楼|號樓|座|号院)[-\s]?{MORE_DOOR}{{0,3}}[-\s]?{ROOM}",
     "〔门牌〕"),
    (rf"(?:[0-9]{{1,4}}|[A-Za-z]|[一二三四五六七八九十]{{1,3}})[#＃]?(?:栋|棟|幢|号楼|號樓|座|号院)[-\s]?{MORE_DOOR}{{1,3}}", "〔门牌〕"),
    (rf"[0-9一二三四五六七八九十]{{1,3}}(?:单元|單元)[-\s]?(?:[0-9]{{1,2}}(?:层|楼))?(?:{ROOM})?", "〔门牌〕"),
    (r"(^|[^0-9-])[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}(?:室|号|户)?" + RIGHT, "${1}〔门牌〕${2}"),
    (LEFT + r"[A-Za-z]?[0-9]{3,4}室", "${1}〔门牌〕"),
    (r"(路|街|大道|巷|弄|胡同|里|村|组)[0-9]{1,5}(?:号|號|弄)(?:之?-?[0-9]{1,4})?(?:号|號)?", "${1}〔门牌〕"),
    (rf"((?:我叫|我名叫|名字叫|名字是|我姓名|姓名|名叫|联系人|聯繫人|当事人|报警人|举报人|投诉人|业主姓名)[是为叫：:\s]{{0,3}})(?:{SURNAMES}){GIVEN}(?:[、和及与](?:{SURNAMES}){GIVEN})*",
     "${1}〔姓名〕"),  # a list of names goes as one
    (rf"((?:我是|本人|我叫做|这里是))(?:{SURNAMES})(?:\p{{Han}}?[\p{{Han}}--[人民户戶主员員生方工区區镇鎮村友友山州东西南北]])(?:[、和及与](?:{SURNAMES}){GIVEN})*({STOP})",
     "${1}〔姓名〕${2}"),
    (rf"(?:{SURNAMES})\p{{Han}}{{0,2}}(先生|女士|小姐|师傅|師傅)", "〔姓名〕${1}"),
)  # fmt: skip

# A place keeps its street, village or estate; the house goes.
PLACE_RULES: tuple[tuple[str, str], ...] = (
    (r"(?:[0-9]{1,4}|[A-Za-z]|[一二三四五六七八九十]{1,3})[#＃]?(?:栋|棟|幢|号楼|號樓|座|单元|單元|层|室|户).*$", ""),
    (r"([^0-9])[0-9]{1,5}(?:号|號|弄)(?:之?-?[0-9]{1,4})?", "${1}"),
    (r"〔门牌〕", ""),
)

NARROW = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+"
WIDE = [chr(ord(letter) + 0xFEE0) for letter in NARROW]


def redacted(text: pl.Expr) -> pl.Expr:
    """The text with personal data replaced by what it was, such as 〔电话〕. Wide digits and letters become narrow."""
    known = _apply(text.str.replace_many(WIDE, list(NARROW)), RULES)
    return known.map_batches(_closely_read, return_dtype=pl.String, is_elementwise=True)


def redacted_place(place: pl.Expr) -> pl.Expr:
    """A place down to its street, village or estate; null where nothing is left."""
    return street_of(redacted(place))


def street_of(place: pl.Expr) -> pl.Expr:
    """Of a redacted place what `redacted_place` keeps."""
    kept = _apply(place, PLACE_RULES).str.strip_chars(" ,，-")
    return pl.when(kept != "").then(kept)


def each_once(names: pl.Expr, redact: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """`redact` of names and places that come again and again: each is looked at once."""
    return names.map_batches(partial(_each_once, redact), return_dtype=pl.String, is_elementwise=True)


def _each_once(redact: Callable[[pl.Expr], pl.Expr], names: pl.Series) -> pl.Series:
    found = names.unique().to_frame("name").with_columns(kept=redact(pl.col("name")))
    return names.to_frame("name").join(found, on="name", how="left", maintain_order="left", nulls_equal=True)["kept"]


def _closely_read(texts: pl.Series) -> pl.Series:
    """The few that still hold many digits are read one by one."""
    suspects = texts.str.contains(MANY_DIGITS).fill_null(value=False).arg_true()
    if suspects.is_empty():
        return texts
    return texts.scatter(suspects, [without_numbers(text) for text in texts.gather(suspects)])


def _apply(text: pl.Expr, rules: tuple[tuple[str, str], ...]) -> pl.Expr:
    for pattern, replacement in rules:
        text = text.str.replace_all(pattern, replacement)
    return text
