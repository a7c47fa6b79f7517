"""A county's past in a lake: orders week after week, closed as decided or corrected by people, with known truth."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl

from jobs.context import Context
from tests.jobs.test_relink import a_report, as_rows
from tests.transforms.decided import classification, classifications, incidents, links, orders, rows
from schemas.records import OrderEvent

BEGUN = datetime(2026, 1, 5, 2, tzinfo=UTC)
COMMON = "我们 小区 这里 每天 晚上 早上 已经 希望 尽快 处理 门口 附近 多次 反映 居民 影响 生活 一直 没人 解决".split()
TOPICS = {
    "noise": "噪音 施工 音响 广场 舞曲 睡觉 吵闹 喇叭 装修 电钻 狗叫 唱歌 机器 轰鸣 凌晨 扰民 低音 酒吧".split(),
    "utilities": "停水 停电 水压 燃气 暖气 管道 漏水 电表 跳闸 电线 自来 水费 供热 阀门 停气 热水 电压 抢修".split(),
    "labour": "工资 拖欠 老板 合同 社保 加班 辞退 工地 包工 劳动 仲裁 欠薪 公积 工伤 离职 补偿 试用 工友".split(),
    "housing": "电梯 物业 业委 维修 基金 外墙 渗漏 绿化 门禁 电费 公摊 保安 楼道 垃圾 车位 房产 开发 交房".split(),
}


def a_text(topic: str, rng: Random) -> str:
    return "".join(rng.sample(TOPICS[topic], 6) + rng.sample(COMMON, 5))


def texts(topics: list[str], count: int, seed: int) -> pl.DataFrame:
    """Texts with their topic as label."""
    rng = Random(seed)
    told = [topics[number % len(topics)] for number in range(count)]
    return pl.DataFrame({"text": [a_text(topic, rng) for topic in told], "label": told})


def has_past(
    context: Context,
    guess: Callable[[list[str]], list[str]],
    word: Callable[[str, str, Random], str],
    count: int = 560,
    weeks: int = 14,
) -> None:
    """The lake gets reports spread evenly over weeks, each with an order.

    guess: texts -> what the pipeline says; word: (truth, guess, chance) -> what people say in the end. Who takes noise
    in the second township is not the police, as the rules think, but the ecology office.
    """
    rng, names = Random(7), list(TOPICS)
    truth = [names[rng.randrange(len(names))] for _ in range(count)]
    said = [a_text(topic, rng) for topic in truth]
    guessed = guess(said)
    steps = [timedelta(weeks=weeks) * number / count for number in range(count)]
    places = [("990101001", "990101002")[rng.randrange(2)] for _ in range(count)]
    ids = range(count)
    context.lake.append_new("silver.reports", as_rows(*(
        a_report(n, text=said[n], category=None, received_at=BEGUN + steps[n], township_code=places[n]) for n in ids
    )))  # fmt: skip
    context.lake.append_new("gold.links", links(**{f"r-{n}": f"i-{n}" for n in ids}))
    context.lake.append_new("gold.incidents", incidents(*({"township_code": places[n]} for n in ids)))
    decided = ({"category": guessed[n], "kind": "complaint", "accepted_at": BEGUN + steps[n]} for n in ids)
    context.lake.append_new("gold.assignments", orders(*decided).drop("township_code"))
    made = classifications(*(classification(f"r-{n}", guessed[n]) for n in ids))
    context.lake.append_new("gold.classifications", made)
    happened = [
        step
        for n in ids
        for step in _life(f"o-{n}", guessed[n], word(truth[n], guessed[n], rng), places[n], BEGUN + steps[n])
    ]
    context.lake.append_new("gold.order_events", rows(OrderEvent, *happened))


def _life(order: str, guess: str, word: str, place: str, begun: datetime) -> list[dict[str, object]]:
    moved = place == "990101002" and guess == "noise"
    unit = "ecology" if moved else "police"
    steps = [("dispatch", "dispatched", "system", guess, "police")]
    steps += [("send_back", "returned", "department", guess, "police")] * moved
    steps += [("dispatch", "dispatched", "dispatcher", guess, unit)] * moved
    steps += [("sign", "signed", "department", guess, unit), ("handle", "handling", "department", guess, unit)]
    steps += [("correct", "handling", "dispatcher", word, unit)] * (word != guess)
    steps += [("close", "closed", "department", word, unit)]
    return [
        {
            "event_id": f"{order}.{version}", "order_id": order, "version": version, "event": name, "to_state": state,
            "role": role, "category": category, "unit_code": unit_code, "occurred_at": begun + timedelta(hours=version),
            "finish_due_at": begun + timedelta(days=3), "outcome": "solved" if name == "close" else None,
        }
        for version, (name, state, role, category, unit_code) in enumerate(steps, start=1)
    ]  # fmt: skip
