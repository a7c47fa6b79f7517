"""Nothing that is judged by was learned from, not even in other words of the same kind."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.models import ngrams
from jobs.models.classifier import one_each
from jobs.models.near_copies import are_copies
from jobs.models.scorecard import train
from jobs.transforms.held_out import held_out
from jobs.transforms.relearning import recalibrated
from tests.models.test_classifier import LABELS, TEXTS

BEGUN = datetime(2026, 3, 2, tzinfo=UTC)
ROWS = st.lists(st.tuples(st.sampled_from(TEXTS), st.integers(0, 99)), min_size=1, max_size=60)


def labels(rows: list[tuple[str, int]]) -> pl.DataFrame:
    """Texts with the day on which their label became known."""
    return pl.DataFrame(
        {"text": [text for text, _ in rows], "known_at": [BEGUN + timedelta(days=day) for _, day in rows]}
    )


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_no_copy_of_a_held_out_text_is_learned_whenever_it_was_told(rows: list[tuple[str, int]]):
    known, judged = held_out(labels(rows))
    newest = max(day for _, day in rows)
    assert sorted(judged["known_at"].dt.date()) == sorted(
        (BEGUN + timedelta(days=day)).date() for _, day in rows if day > newest - 28
    )
    assert not set(ngrams.normalised(known["text"])) & set(ngrams.normalised(judged["text"]))
    assert not are_copies(known["text"], judged["text"]).any()


@pytest.mark.parametrize(
    ("text", "is_copy"),
    [
        ("工地夜间施工噪声太大,已经连续三天影响居民睡觉", True),
        ("工地夜间施工噪声太大!已经连续3天影响居民睡觉。", True),
        ("请问工地夜间施工噪声太大,已经连续三天影响居民睡觉", True),
        ("工地夜间施工噪声太大,孩子第二天要考试", False),
        ("小区停水两天没人处理", False),
        ("", False),
    ],
)
def test_a_near_copy_is_known_by_its_pairs_of_characters(text: str, is_copy: bool):
    told = pl.Series(["工地夜间施工噪声太大,已经连续三天影响居民睡觉", "路灯坏了"])
    assert are_copies(pl.Series([text]), told).tolist() == [is_copy]


def test_calibrating_anew_does_not_look_at_the_order_of_rows_and_keeps_what_was_learned():
    model, _ = train(TEXTS, LABELS)
    wrong = pl.Series(LABELS).shuffle(seed=3)
    rows = one_each(pl.Series(TEXTS), wrong)
    again = recalibrated(model, one_each(pl.Series(TEXTS).reverse(), wrong.reverse()))
    assert recalibrated(model, rows).version == again.version != model.version
    assert again.sharpness < model.sharpness
    assert recalibrated(again, rows).version == again.version
