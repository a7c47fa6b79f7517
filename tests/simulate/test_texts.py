"""Texts, places and invented personal data of the simulator."""

import re
from random import Random

import pytest

from jobs.simulate import personal
from jobs.simulate.corpus import corpus
from jobs.simulate.grammar import SLOT, fill, mark, plain, styles, templates
from jobs.simulate.places import choose_spot, near, spots
from schemas.areas import load_county
from schemas.vocabulary import CATEGORIES


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_template_can_be_filled(category):
    for style in styles(category):
        for template in templates(category, style):
            text = fill(template, category, Random(1), {"where": "东湖街道"})
            assert not SLOT.search(text)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_told_in_a_dozen_ways(category):
    assert len(set(templates(category, "told"))) >= 12


@pytest.mark.parametrize("category", CATEGORIES)
def test_train_and_test_share_no_template(category):
    for style in styles(category):
        train, test = templates(category, style, "train"), templates(category, style, "test")
        if len(templates(category, style)) > 1:
            assert not set(train) & set(test)
            assert sorted(train + test) == sorted(templates(category, style))


def test_marks_are_found_and_taken_out():
    said = plain(f"我叫{mark('name', '王芳')}，住{mark('door', '3栋2单元')}。")
    assert said.text == "我叫王芳，住3栋2单元。"
    assert [(span.kind, span.start, span.end) for span in said.spans] == [("name", 2, 4), ("door", 6, 11)]


def test_an_identity_number_has_its_check_digit():
    # 11010519491231002X is the worked example of GB 11643
    digits = [int(digit) * weight for digit, weight in zip("11010519491231002", personal.WEIGHTS, strict=True)]
    assert personal.CHECKS[sum(digits) % 11] == "X"
    assert all(re.fullmatch(r"9901\d{13}[\dX]", personal.identity_number(Random(seed))) for seed in range(50))


def test_phones_are_valid_in_form_and_invented():
    assert all(re.fullmatch(r"1[3-9]\d0000\d{4}", personal.phone(Random(seed))) for seed in range(50))


def test_spots_and_callers_lie_inside_their_township():
    county = load_county()
    for township in county.townships:
        west, south, east, north = township.box
        assert len(spots(township)) == 15 * township.villages
        for spot in spots(township):
            lat, lon = near(spot, Random(spot.name))
            assert south < lat < north
            assert west < lon < east
            assert spot.grid_code.startswith(township.code)


def test_spots_are_the_same_in_every_run():
    assert choose_spot(load_county(), Random(4)) == choose_spot(load_county(), Random(4))


def test_the_corpus_holds_every_category_alike():
    rows = corpus(1, 27 * 20, load_county())
    assert set(rows["label"]) == set(CATEGORIES)
    assert rows["label"].value_counts()["count"].unique().to_list() == [20]
