"""A model raises urgency where the rules allow it, and never lowers it."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from jobs.models.classifier import Model
from jobs.models.raising_urgency import URGENT, urgency_of
from jobs.models.scorecard import train
from jobs.transforms.urgency import urgency_of_their_days
from schemas.regulation import Regulation, UrgencyModel, load_regulation

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
DANGER = ["高空的架子晃得厉害", "锅炉响得吓人要出事", "河边有个孩子越走越深", "窗台坐着个人不动", "墙裂了大缝还在响"]
CALM = ["路灯坏了没人修", "咨询社保怎么缴费", "楼下施工太吵", "垃圾没人清运", "快递丢了要赔偿"]


@pytest.fixture(scope="module")
def model() -> Model:
    texts = [
        f"{text}{ending}" for text in (*DANGER, *CALM) for ending in ("", "，请处理", "了，快点", "啊", "，在东街")
    ]
    labels = [URGENT] * 25 + ["calm"] * 25
    return replace(train(texts, labels)[0], version="u1")


def reports(*texts: str | None) -> pl.DataFrame:
    rows = [{"report_id": f"r{number}", "text": text, "received_at": NOON} for number, text in enumerate(texts)]
    return pl.DataFrame(rows, schema_overrides={"text": pl.String})


def allowing(from_probability: float | None) -> Regulation:
    rows = {kind: rules for kind, rules in load_regulation().rows.items() if kind is not UrgencyModel}
    rule = [] if from_probability is None else [
        UrgencyModel(name="m", source="s", valid_from=NOON.date(), from_probability=from_probability)
    ]  # fmt: skip
    return Regulation({**rows, UrgencyModel: tuple(rule)})


def test_what_no_word_finds_is_raised_and_says_by_what(model: Model):
    found = urgency_of(reports("河边有个孩子越走越深，请处理", "路灯坏了没人修"), allowing(0.7), model)
    assert found["is_urgent"].to_list() == [True, False]
    (term,) = found["urgency_terms"][0]
    assert term.startswith("model:urgent 0.")
    assert term.endswith(" u1")
    assert found["urgency_terms"][1].to_list() == []


def test_what_the_words_find_stays_with_their_terms_whatever_the_model_says(model: Model):
    told = reports("路灯坏了着火了", "咨询社保怎么缴费，有人溺水")
    found = urgency_of(told, allowing(0.7), model)
    assert found.equals(urgency_of_their_days(told, allowing(0.7)))
    assert found["is_urgent"].all()


@pytest.mark.parametrize("limit", [None, 1.0])
def test_the_rules_decide_whether_a_model_may_raise(model: Model, limit: float | None):
    told = reports("河边有个孩子越走越深", "", None)
    assert not urgency_of(told, allowing(limit), model)["is_urgent"].any()


def test_without_a_model_the_words_decide(model: Model):
    told = reports("河边有个孩子越走越深", "着火了")
    assert urgency_of(told, load_regulation(), None).equals(urgency_of_their_days(told, load_regulation()))
