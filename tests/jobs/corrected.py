"""A county's past in a lake: orders week after week, closed as decided or corrected by people, with known truth."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl

from jobs.context import Context
from schemas.records import OrderEvent
from tests.jobs.test_relink import a_report, as_rows
from tests.transforms.decided import classification, classifications, incidents, links, orders, rows

BEGUN = datetime(2026, 1, 5, 2, tzinfo=UTC)


def _words(text: str) -> list[str]:
    """Cut into words of two characters."""
    return [text[start : start + 2] for start in range(0, len(text), 2)]


COMMON = _words("我们小区这里每天晚上早上已经希望尽快处理门口附近多次反映居民影响生活一直没人解决")
TOPICS = {
    "noise": _words("噪音施工音响广场舞曲睡觉吵闹喇叭装修电钻狗叫唱歌机器轰鸣凌晨扰民低音酒吧"),
    "utilities": _words("停水停电水压燃气暖气管道漏水电表跳闸电线自来水费供热阀门停气热水电压抢修"),
    "labour": _words("工资拖欠老板合同社保加班辞退工地包工劳动仲裁欠薪公积工伤离职补偿试用工友"),
    "housing": _words("电梯物业业委维修基金外墙渗漏绿化门禁电费公摊保安楼道垃圾车位房产开发交房"),
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
