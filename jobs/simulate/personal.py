"""Personal data as they turn up in calls, and look-alikes that are none. Everything is invented at random.

Phones have the middle block 0000, identity numbers an unassigned region (9901), with a valid check digit.
"""

from random import Random

from jobs.simulate.grammar import mark

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀兰", "霞", "平", "刚",
    "桂英", "建国", "建华", "志强", "海燕", "玉兰", "春梅", "国庆", "晓东", "小红", "文博", "子轩", "欣怡", "浩然", "雨桐", "德福", "永贵",
)  # fmt: skip
PREFIXES = (
    "130",
    "131",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "152",
    "158",
    "159",
    "177",
    "180",
    "181",
    "186",
    "189",
    "198",
)
PROVINCES = "苏皖鲁豫浙沪京冀粤川鄂湘"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def phone(rng: Random) -> str:
    return f"{rng.choice(PREFIXES)}0000{rng.randrange(10_000):04d}"


def identity_number(rng: Random) -> str:
    """Eighteen characters, check digit by GB 11643."""
    body = f"9901{rng.randint(1, 29):02d}{rng.randint(1945, 2012)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randrange(1000):03d}"
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def plate(rng: Random) -> str:
    """A number plate; one in four is a new-energy plate with six places."""
    tail = "".join(rng.choice("0123456789" + LETTERS) for _ in range(4))
    energy = rng.choice("DF") if rng.random() < 0.25 else ""
    dot = "·" if rng.random() < 0.2 else ""
    return f"{rng.choice(PROVINCES)}{rng.choice(LETTERS)}{dot}{energy}{tail}{rng.randrange(10)}"


def name(rng: Random) -> str:
    return rng.choice(SURNAMES) + rng.choice(GIVEN)


def door(rng: Random) -> str:
    """A door-level address inside an estate."""
    block, unit, floor = rng.randint(1, 28), rng.randint(1, 4), rng.randint(1, 18)
    return rng.choice(
        (
            f"{block}栋{unit}单元{floor}0{rng.randint(1, 4)}室",
            f"{block}号楼{floor}0{rng.randint(1, 4)}",
            f"{block}幢{floor}0{rng.randint(1, 4)}室",
        )
    )


def remark(rng: Random, number: str, about_cars: bool) -> str:
    """A caller's remark that gives something personal away, marked."""
    choices = [
        lambda: f"我叫{_name(rng)}，电话{_spoken(rng, number)}",
        lambda: f"联系电话{_spoken(rng, number)}",
        lambda: f"我的手机号是{_spoken(rng, number)}，随时可以打",
        lambda: f"姓名：{_name(rng)}，身份证号{_identity(rng)}",
        lambda: f"我叫{_name(rng)}，身份证{_identity(rng)}",
        lambda: f"我家电话{_spoken(rng, phone(rng))}",
        lambda: f"我叫{_name(rng)}",
    ]
    if about_cars:
        choices += 4 * [lambda: f"车牌号{_plate(rng)}"]
        choices += [lambda: f"对方车牌是{_plate(rng)}，我的是{_plate(rng)}"]
    return rng.choice(choices)()


def remark_on_others(rng: Random) -> str:
    """What a grid worker notes down about a resident, marked."""
    return rng.choice((
        f"住户姓名：{_name(rng)}，电话{_spoken(rng, phone(rng))}",
        f"联系人电话{_spoken(rng, phone(rng))}",
        f"现场车辆车牌号{_plate(rng)}",
    ))  # fmt: skip


def look_alike(rng: Random, is_written: bool) -> str:
    """A remark with figures that are not personal, marked as such."""
    serial = rng.randrange(10**9, 10**10)
    said = [
        ("12345", "之前打过{}热线"),
        (f"{rng.randint(1, 12)}路车", "坐{}过来的"),
        (f"{rng.randint(100, 900)}路", "站牌上写着{}"),
        (f"DH{rng.randint(2023, 2025)}{rng.randint(1, 12):02d}{serial % 100000:05d}", "上次的工单编号{}"),
    ]
    written = [
        (f"{rng.randint(2023, 2025)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日", "从{}开始的"),
        (f"{rng.randint(80, 9000)}.{rng.randint(0, 99):02d}元", "一共花了{}"),
        (f"60{serial}{rng.randrange(10**8):08d}", "订单号{}"),
        (f"{rng.randint(20, 120)}平方米", "面积大概{}"),
        (f"00{serial % 10**6:06d}", "电表号{}"),
    ]
    shown, words = rng.choice(said + written if is_written else said)
    return words.format(mark("look_alike", shown))


def _name(rng: Random) -> str:
    return mark("name", name(rng))


def _identity(rng: Random) -> str:
    return mark("identity_number", identity_number(rng))


def _plate(rng: Random) -> str:
    return mark("plate", plate(rng))


def _spoken(rng: Random, number: str) -> str:
    """A phone as people write it: mostly plain, at times in groups or full width."""
    grouped = f"{number[:3]} {number[3:7]} {number[7:]}"
    return mark(
        "phone",
        rng.choices((number, grouped, grouped.replace(" ", "-"), number.translate(FULL_WIDTH)), (90, 4, 4, 2))[0],
    )
