"""Texts with known personal data in every form people write them, and texts with look-alikes that must stay.

The sides `train` and `test` share no sentence, no way to lead up to a number, and not all forms: redaction is made on
the one and judged on the other. Everything is invented (`jobs.simulate.personal`).
"""

from collections.abc import Callable
from random import Random
from typing import Literal

from jobs.simulate import personal
from jobs.simulate.grammar import Said, mark, plain

Side = Literal["train", "test"]
Form = Callable[[Random], str]
KINDS = ("phone", "identity_number", "plate", "bank_card", "door", "name")
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
FULL_WIDTH = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "".join(chr(ord(c) + 0xFEE0) for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))  # fmt: skip
WIDE_LOWER = str.maketrans("abcdefghijklmnopqrstuvwxyz0123456789", "".join(chr(ord(c) + 0xFEE0) for c in "abcdefghijklmnopqrstuvwxyz0123456789"))  # fmt: skip


def planted(side: Side, seed: int, texts: int) -> list[Said]:
    """Texts with one to three pieces of personal data each, spans by kind; deterministic for its arguments."""
    rng = Random(f"planted {side} {seed}")
    return [plain(_text(side, rng, number)) for number in range(texts)]


def look_alikes(side: Side, seed: int, texts: int) -> list[Said]:
    """Texts with one figure each that only looks personal, marked as `look_alike`; deterministic."""
    rng = Random(f"look-alikes {side} {seed}")
    return [
        plain(rng.choice(HARMLESS[side]).format(mark("look_alike", rng.choice(FIGURES[side])(rng))))
        for _ in range(texts)
    ]


def _text(side: Side, rng: Random, number: int) -> str:
    """Kinds take turns, so that each has its share."""
    kinds = [KINDS[number % len(KINDS)], *rng.sample(KINDS, rng.choice((0, 0, 1, 2)))]
    parts = [_part(side, kind, rng) for kind in kinds]
    return rng.choice(FRAMES[side]).format(rng.choice(JOINTS[side]).join(parts))


def _part(side: Side, kind: str, rng: Random) -> str:
    lead = rng.choice(LEADS[side][kind])
    return lead.replace("{}", mark(kind, rng.choice(FORMS[side][kind])(rng)))


def _grouped(*sizes: int, gap: str) -> Callable[[str], str]:
    def cut(digits: str) -> str:
        parts, start = [], 0
        for size in sizes:
            parts.append(digits[start : start + size])
            start += size
        return gap.join([*parts, digits[start:]] if start < len(digits) else parts)

    return cut


def _of(value: Form, *shapes: Callable[[str], str]) -> tuple[Form, ...]:
    return tuple((lambda rng, shape=shape: shape(value(rng))) for shape in shapes)


def _spread(gap: str) -> Callable[[str], str]:
    return gap.join


def _same(digits: str) -> str:
    return digits


def _card(rng: Random) -> str:
    """Sixteen to nineteen digits with Luhn's check digit."""
    body = rng.choice(("4", "51", "37", "622", "621", "95588", "6228", "35")) + "".join(
        str(rng.randrange(10)) for _ in range(20)
    )
    body = body[: rng.choice((15, 15, 18, 17))]
    total = sum(int(d) for d in body[-2::-2]) + sum(sum(divmod(2 * int(d), 10)) for d in body[-1::-2])
    return f"{body}{-total % 10}"


def _old_identity(rng: Random) -> str:
    return f"9901{rng.randint(1, 29):02d}{rng.randint(30, 85)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randrange(1000):03d}"


def _landline(rng: Random) -> str:
    return f"0{rng.choice(('517', '25', '531', '20', '769'))}-{rng.randint(2, 8)}{rng.randrange(10**6, 10**7)}"


def _tail(rng: Random) -> str:
    return "".join(rng.choice("0123456789" + personal.LETTERS) for _ in range(3)) + f"{rng.randrange(100):02d}"


def _plate(rng: Random) -> str:
    return f"{rng.choice(personal.PROVINCES)}{rng.choice(personal.LETTERS)}{_tail(rng)}"


def _special(rng: Random) -> str:
    return _plate(rng)[:-1] + rng.choice("警学挂港澳")


PHONE, IDENTITY, NAME = personal.phone, personal.identity_number, personal.name
FORMS: dict[Side, dict[str, tuple[Form, ...]]] = {
    "train": {
        "phone": (
            *_of(PHONE, _same, _same, _grouped(3, 4, 4, gap=" "), _grouped(3, 4, 4, gap="-"), _spread(" "),
                 lambda d: d.translate(FULL_WIDTH), lambda d: d.translate(NUMERALS), lambda d: "+86 " + d, lambda d: "86-" + d),
            lambda rng: PHONE(rng) + PHONE(rng), lambda rng: f"{PHONE(rng)} {PHONE(rng)}", lambda rng: f"{PHONE(rng)}、{PHONE(rng)}",
            _landline, lambda rng: _landline(rng).replace("-", ""),
        ),
        "identity_number": (
            *_of(IDENTITY, _same, _same, str.lower, _grouped(6, 8, 4, gap=" "), _spread(" "), lambda d: d.translate(FULL_WIDTH)),
            *_of(_old_identity, _same, _grouped(6, 6, 3, gap=" ")),
        ),
        "plate": (
            _plate, personal.plate, _special,
            *_of(_plate, str.lower, lambda p: f"{p[:2]} {p[2:]}", lambda p: f"{p[:2]}·{p[2:]}", _spread(" "), lambda p: p.translate(FULL_WIDTH)),
        ),
        "bank_card": _of(_card, _same, _grouped(4, 4, 4, 4, gap=" "), _grouped(4, 4, 4, 4, gap="-"), _spread("-"), lambda d: d.translate(FULL_WIDTH)),
        "door": (personal.door,),
        "name": (NAME, NAME, lambda rng: f"{NAME(rng)}、{NAME(rng)}", lambda rng: f"{NAME(rng)}和{NAME(rng)}"),
    },
    "test": {
        "phone": (
            *_of(PHONE, _same, _grouped(3, 3, 5, gap=" "), _grouped(4, 4, 3, gap="-"), _grouped(3, 4, 4, gap="."), _spread("-"), _spread("  "),
                 lambda d: " ".join(d.translate(FULL_WIDTH)), lambda d: d.translate(NUMERALS).replace("一", "幺"),
                 lambda d: "，".join(_grouped(3, 4, 4, gap=" ")(d.translate(NUMERALS)).split()), lambda d: "0086" + d, lambda d: "+86-" + d),
            lambda rng: f"{PHONE(rng)}/{PHONE(rng)}", lambda rng: f"{PHONE(rng)}{PHONE(rng)}", lambda rng: f"{PHONE(rng)}或{PHONE(rng)}",
            lambda rng: f"({_landline(rng)}".replace("-", ")"), lambda rng: _landline(rng).replace("-", " "),
        ),
        "identity_number": (
            *_of(IDENTITY, _same, _grouped(3, 3, 4, 4, 4, gap=" "), _grouped(6, 4, 4, 4, gap="-"), _spread("-"),
                 lambda d: " ".join(d.translate(FULL_WIDTH))),
            *_of(_old_identity, _same, _grouped(3, 3, 6, 3, gap=" ")),
        ),
        "plate": (
            _plate, _special,
            *_of(_plate, lambda p: f"{p[0]} {p[1:]}", lambda p: f"{p[:2]}-{p[2:]}", lambda p: f"{p[:2]} · {p[2:]}".replace(" ", ""),
                 lambda p: f"{p[0]}{' '.join(p[1:])}", lambda p: p.lower().translate(WIDE_LOWER)),
        ),
        "bank_card": _of(_card, _same, _grouped(4, 4, 4, 4, gap="  "), _grouped(6, 4, 4, gap=" "), _spread(" ")),
        "door": (personal.door, lambda rng: f"{rng.randint(1, 30)}-{rng.randint(1, 4)}-{rng.randint(1, 18)}0{rng.randint(1, 4)}"),
        "name": (NAME, NAME, lambda rng: f"{NAME(rng)}及{NAME(rng)}", lambda rng: f"{NAME(rng)}、{NAME(rng)}、{NAME(rng)}"),
    },
}  # fmt: skip
LEADS: dict[Side, dict[str, tuple[str, ...]]] = {
    "train": {
        "phone": ("电话{}", "我的手机号是{}", "请回{}", "联系方式：{}", "打{}找我", "{}是我号码"),
        "identity_number": ("身份证号{}", "身份证：{}", "证件号码是{}", "本人证号{}"),
        "plate": ("车牌号{}", "一辆{}的白色轿车", "对方是{}", "肇事车{}跑了"),
        "bank_card": ("卡号{}", "钱转到{}了", "银行卡是{}", "账户{}"),
        "door": ("住在青石家园{}", "地址是东湖花园{}", "我家{}漏水"),
        "name": ("我叫{}", "联系人：{}", "举报人：{}", "当事人{}", "本人{}"),
    },
    "test": {
        "phone": ("请联系{}", "加我微信同号{}", "座机或手机 {}", "来电显示{}", "回访请打{}，谢谢", "家属号码{}"),
        "identity_number": ("证号：{}", "用{}登记的", "身份证件为{}", "户主身份证 {}"),
        "plate": ("那台车挂着{}", "占道的车是{}", "{}一直鸣笛", "牌照 {}"),
        "bank_card": ("让我打款到{}", "工资卡{}被扣费", "收款账号：{}", "从{}扣走了钱"),
        "door": ("楼上{}装修", "就在明珠苑{}", "请派人到{}看看"),
        "name": ("报警人：{}", "我是{}", "业主姓名{}", "姓名 {}"),
    },
}  # fmt: skip
FRAMES: dict[Side, tuple[str, ...]] = {
    "train": ("{}，麻烦尽快处理。", "您好，{}，小区停水三天了。", "情况如下：{}。", "{}"),
    "test": ("市民反映：{}，望核实。", "{}。路灯不亮已经两周，盼回复", "（{}）请转办", "投诉内容 {}"),
}
JOINTS: dict[Side, tuple[str, ...]] = {"train": ("，", "；", "。"), "test": ("，另外", "、", "\n")}


def _digits(rng: Random, count: int) -> str:
    return str(rng.randint(1, 9)) + "".join(str(rng.randrange(10)) for _ in range(count - 1))


FIGURES: dict[Side, tuple[Form, ...]] = {
    "train": (
        lambda rng: rng.choice(("12345", "110", "119", "120", "12315", "12369", "400-820-0000", "95588")),
        lambda rng: f"{rng.randint(2023, 2026)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日",
        lambda rng: f"{rng.randint(2023, 2026)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d} {rng.randrange(24):02d}:30:00",
        lambda rng: f"{rng.randint(80, 99_000)}.{rng.randrange(100):02d}元",
        lambda rng: f"{rng.randint(1, 90)}路公交", lambda rng: f"{rng.randint(20, 200)}平方米",
        lambda rng: f"工单号{rng.randint(2023, 2026)}{_digits(rng, 8)}", lambda rng: f"订单号{_digits(rng, 18)}",
        lambda rng: f"北纬33.{_digits(rng, 4)}，东经118.{_digits(rng, 4)}", lambda rng: f"共{rng.randint(2, 33)}层", lambda rng: f"223{_digits(rng, 3)}",
    ),
    "test": (
        lambda rng: rng.choice(("12350", "12348", "122", "800-810-0000", "96388", "10086", "12306")),
        lambda rng: f"{rng.randint(2023, 2026)}/{rng.randint(1, 12)}/{rng.randint(1, 28)}",
        lambda rng: f"{rng.randint(2023, 2026)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T08:{rng.randrange(60):02d}:00+08:00",
        lambda rng: f"￥{rng.randint(1000, 990_000):,}", lambda rng: f"{rng.randint(100, 900)}路车", lambda rng: f"{rng.randint(1, 9)}.{rng.randint(1, 9)}公里",
        lambda rng: f"合同编号HT{_digits(rng, 12)}", lambda rng: f"快递单号{_digits(rng, 15)}", lambda rng: f"表号{_digits(rng, 10)}",
        lambda rng: f"（{rng.randint(2020, 2026)}）民初{_digits(rng, 4)}号", lambda rng: f"G{rng.randint(1, 99)}高速K{rng.randint(1, 900)}+{rng.randint(100, 900)}",
    ),
}  # fmt: skip
HARMLESS: dict[Side, tuple[str, ...]] = {
    "train": ("之前反映过，记录是{}，至今没有答复。", "从{}起就这样。", "相关信息：{}，请查。", "我们这里{}"),
    "test": ("资料里写着{}，不知道对不对。", "根据{}的情况，请答复", "大约{}吧，麻烦看看", "查到{}"),
}
