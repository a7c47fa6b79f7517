"""Which words spoke for a label."""

import polars as pl
import pytest

from jobs.models.classifier import predict
from jobs.models.explaining import explained
from jobs.models.scorecard import train
from tests.models.test_classifier import LABELS, TEXTS


@pytest.fixture(scope="module")
def model():
    return train(TEXTS, LABELS)[0]


def test_words_are_of_the_text_and_speak_for_its_label(model):
    told = explained(model, pl.Series(["小区停电三天了，没水", "你好", None]))
    words = told["words"].to_list()
    assert words[0]
    assert all(word in "小区停电三天没水" for word in words[0])
    assert any("停电" in word or "没水" in word for word in words[0])
    assert words[2] == []


def test_the_guess_is_that_of_predict(model):
    texts = pl.Series(TEXTS)
    assert explained(model, texts).drop("words").equals(predict(model, texts))


def test_without_its_words_a_text_scores_lower(model):
    texts = pl.Series(TEXTS[:40])
    told = explained(model, texts)
    cut = [_without(text, words) for text, words in zip(texts, told["words"], strict=True)]
    after = predict(model, cut)
    same = told["label"] == after["label"]
    assert (after["probability"].filter(same) <= told["probability"].filter(same) + 1e-9).mean() > 0.9


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, "")
    return text
