"""Several linear models mixed into one: what counts, what stays in doubt, and what is told."""

import json

import numpy as np
import polars as pl
import pytest

from jobs.io.model_files import load, save
from jobs.models.choosing import chosen, f1_by_label, lean_of, macro_f1
from jobs.models.classifier import chances, predict, scores
from jobs.models.learning import MEMBERS, Mixture, by_member, learned, mixed, mixed_chances, mixture_of
from jobs.models.ngrams import normalised
from jobs.models.scorecard import train
from tests.models.test_classifier import LABELS, TEXTS

SHARES = (0.9, 0.1)


def test_a_mixed_model_says_what_its_members_say_together():
    texts = normalised(pl.Series(TEXTS))
    members = learned(texts, LABELS)
    mixture = Mixture(np.array([0.5, 1.0, -0.25, 0.75, 0.1]), gain=0.5, doubt=0.1)
    found = by_member(scores(members, texts), members.labels, members.labels)
    apart = mixed_chances(mixture, found, np.array(members.shares))
    assert chances(mixed(members, mixture), texts) == pytest.approx(apart, abs=1e-5)
    assert apart.sum(axis=1) == pytest.approx(1)


def test_the_member_that_is_right_counts_most_and_chance_labels_become_doubt():
    chance = np.random.default_rng(0)
    truth = chance.integers(0, 2, 2000)
    found = chance.normal(size=(2000, MEMBERS, 2))
    found[np.arange(2000), 1, truth] += 4
    is_noise = chance.random(2000) < 0.2
    mixture = mixture_of(found, np.where(is_noise, chance.integers(0, 2, 2000), truth), np.array([0.5, 0.5]))
    assert mixture.counts.argmax() == 1
    assert mixture.doubt == pytest.approx(0.2, abs=0.05)


def test_a_label_that_a_part_did_not_hold_is_as_likely_as_doubt_makes_it():
    found = by_member(np.ones((3, MEMBERS)), ["a"], ["a", "b"])
    told = mixed_chances(Mixture(np.ones(MEMBERS), 0.0, 0.2), found, np.array(SHARES))
    assert told[:, 1] == pytest.approx(0.2 * 0.1)


@pytest.mark.parametrize(
    ("chance", "threshold", "lean", "told"),
    [(0.8, 0.9, 0.0, 0), (0.8, 0.9, 0.75, 1), (0.8, 0.7, 0.75, 0), (0.95, 0.99, 0.75, 0)],
)
def test_a_rare_label_is_told_only_where_the_model_abstains(chance, threshold, lean, told):
    assert chosen(np.array([[chance, 1 - chance]]), threshold, lean, SHARES).tolist() == [told]


def test_labels_as_frequent_as_each_other_need_no_lean():
    likely = np.array([[0.7, 0.3], [0.4, 0.6], [0.7, 0.3], [0.3, 0.7]])
    assert lean_of(likely, np.array([0, 1, 0, 1]), 2.0, (0.5, 0.5)) == 0.0


def test_no_lean_makes_what_is_told_miscalibrated():
    likely = np.tile([0.8, 0.2], (20, 1))  # leaning would say 0.2 of what is right half the time
    truth = np.array([0, 1] * 10)
    assert lean_of(likely, truth, 2.0, SHARES) == 0.0


def test_f1_by_hand():
    told, truth = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    assert f1_by_label(told, truth, 3).tolist() == pytest.approx([2 / 3, 0.8, 0])
    assert macro_f1(told, truth, 3) == pytest.approx((2 / 3 + 0.8) / 3)


def test_a_model_from_before_the_mixture_is_read_and_has_no_doubt(tmp_path):
    place = save(*train(TEXTS, LABELS), tmp_path)
    words = json.loads((place / "model.json").read_text())
    old = {name: value for name, value in words.items() if name not in ("doubt", "shares", "lean")}
    (place / "model.json").write_text(json.dumps(old))
    model = load(place)
    assert (model.doubt, model.lean) == (0.0, 0.0)
    assert predict(model, ["半夜电钻噪音太吵"])["label"].to_list() == ["noise"]


def test_a_text_that_people_decide_has_its_label_first_among_three():
    model, _ = train(TEXTS, LABELS)
    told = predict(model, ["学校停电噪音", "收费", "孩子睡不着"])
    assert [three[0].rpartition(":")[0] for three in told["top3"]] == told["label"].to_list()
