"""The classifier on a small made-up corpus."""

import numpy as np
import polars as pl
import pytest

from jobs.context import DataError
from jobs.io.model_files import has_live, load, save, train_and_save
from jobs.io.model_versions import go_live
from jobs.models import ngrams
from jobs.models.calibration import NEVER, calibration_error, threshold_of
from jobs.models.classifier import folds, one_each, predict
from jobs.models.scorecard import TooFewTextsError, train

WORDS = {
    "noise": ["半夜施工太吵", "楼下音响扰民", "广场舞声音大", "装修电钻噪音", "喇叭吵得睡不着"],
    "utilities": ["家里停水了", "小区停电", "暖气不热", "燃气费太高", "水压太低没水"],
    "education": ["学校乱收费", "孩子入学难", "老师补课", "幼儿园学位不够", "校车不安全"],
}
PLACES = ["东门", "西街", "南苑", "北路", "河边", "山下", "老城", "新区", "桥头", "村口"]
TEXTS = [f"{place}{words}请处理" for said in WORDS.values() for words in said for place in PLACES]
LABELS = [label for label, said in WORDS.items() for _ in said for _ in PLACES]


@pytest.fixture(scope="module")
def trained():
    return train(TEXTS, LABELS, "made up", clock=lambda: 0.0)


def test_it_learns_what_texts_are_about(trained):
    guesses = predict(trained[0], ["半夜电钻噪音太吵", "停电没水", "幼儿园老师乱收费"])
    assert guesses["label"].to_list() == ["noise", "utilities", "education"]
    assert guesses["abstained"].to_list() == [False, False, False]
    assert guesses["top3"].list.len().to_list() == [3, 3, 3]
    assert guesses["top3"][0][0].startswith("noise:")


def test_words_cut_apart_and_words_as_typed_look_alike(trained):
    typed, cut = predict(trained[0], ["半夜电钻 噪音太吵123", "半夜 电钻 噪音 太吵"]).iter_rows()
    assert typed == cut


@pytest.mark.parametrize("text", ["", None, "  \n", "123 456"])
def test_a_text_that_says_nothing_is_abstained_with_a_best_guess(trained, text):
    row = predict(trained[0], [text]).row(0, named=True)
    assert row["abstained"]
    assert row["label"] in WORDS


def test_no_texts_give_no_rows(trained):
    assert predict(trained[0], []).height == 0


def test_the_same_texts_in_any_order_give_the_same_model(trained):
    again, card = train(TEXTS[::-1], LABELS[::-1], "made up", clock=lambda: 0.0)
    assert card == trained[1]
    assert np.array_equal(again.weights, trained[0].weights)


def test_a_saved_model_says_the_same(trained, tmp_path):
    model, card = trained
    place = save(model, card, tmp_path)
    go_live(model.version, tmp_path)
    for folder in (tmp_path, place):
        assert predict(load(folder), TEXTS[:9]).equals(predict(model, TEXTS[:9]))
    assert (place / "SCORECARD.md").read_text().startswith(f"# Scorecard of {model.version}")


def test_a_missing_model_says_how_to_make_one(tmp_path):
    with pytest.raises(DataError, match="ninelines train classifier"):
        load(tmp_path)


def test_a_damaged_model_is_refused(trained, tmp_path):
    place = save(*trained, tmp_path)
    (place / "model.npz").write_bytes(b"PK broken")
    with pytest.raises(DataError, match="damaged"):
        load(place)


def test_a_worse_version_of_the_same_labels_does_not_go_live(tmp_path):
    first = train_and_save(pl.Series(TEXTS), pl.Series(LABELS), tmp_path)
    shuffled = pl.Series(LABELS).shuffle(seed=1)
    second = train_and_save(pl.Series(TEXTS), shuffled, tmp_path)
    assert (first.is_live, second.is_live) == (True, False)
    assert load(tmp_path).version == first.card.version
    assert has_live(tmp_path)


@pytest.mark.parametrize("rare", [1, 2])
def test_a_rare_label_does_not_break_training(rare):
    model, card = train([*TEXTS, *["稻田里的虫害", "果树生病了"][:rare]], [*LABELS, *["agriculture"] * rare])
    assert "agriculture" in model.labels
    assert sum(score.texts for score in card.labels) == card.texts


def test_two_labels_and_one_label_are_enough():
    assert set(predict(train(TEXTS[:60], LABELS[:60])[0], TEXTS[:60])["label"]) == {"noise", "utilities"}
    assert predict(train(TEXTS[:20], LABELS[:20])[0], ["学校"])["label"].to_list() == ["noise"]


def test_too_few_texts_are_refused():
    with pytest.raises(TooFewTextsError, match="1 different text"):
        train(["停水"] * 50, ["utilities"] * 50)


def test_a_text_stands_once_whatever_its_spaces_and_keeps_its_most_frequent_label():
    rows = one_each(pl.Series(["停 水", "停水", "停水 ", "", None, "停电"]), pl.Series(["b", "a", "b", "a", "a", None]))
    assert rows.rows() == [("停水", "b")]


def test_every_part_holds_its_share_of_every_label():
    rows = pl.DataFrame({"text": [str(n) for n in range(100)], "label": ["a"] * 80 + ["b"] * 20})
    part = folds(rows, 5)
    assert [int((part[:80] == number).sum()) for number in range(5)] == [16] * 5
    assert [int((part[80:] == number).sum()) for number in range(5)] == [4] * 5


def test_character_runs_are_counted_within_their_text_only():
    pairs = ngrams.counted(pl.Series(["停水停水", "水停", "水", ""]), 2)
    assert pairs.getnnz(axis=1).tolist() == [2, 1, 0, 0]
    assert sorted(pairs[0].data.tolist()) == pytest.approx([1, 1 + np.log(2)])
    assert pairs[1].indices[0] in pairs[0].indices


@pytest.mark.parametrize(
    ("right", "threshold"),
    [([1, 1, 1, 1], 0.5), ([1, 1, 1, 0], 0.7), ([1, 0, 1, 1], 0.9), ([0, 1, 1, 1], NEVER)],
)
def test_the_threshold_keeps_the_error_promised(right, threshold):
    assert threshold_of(np.array([0.9, 0.8, 0.7, 0.6]), np.array(right, dtype=bool), 0.05) == threshold


def test_calibration_error_is_the_gap_between_promise_and_truth():
    assert calibration_error(np.array([0.85, 0.85, 0.85, 0.85]), np.array([1, 1, 0, 0], dtype=bool)) == pytest.approx(
        0.35
    )
