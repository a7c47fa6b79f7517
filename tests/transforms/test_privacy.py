"""Redaction, measured on planted texts: what may not stay, what must."""

import pytest

from bench.privacy import leaks, taken
from jobs.simulate.planted import KINDS, look_alikes, planted
from jobs.transforms.digit_runs import without_numbers
from jobs.transforms.leaks import is_readable

NUMBERS = ("phone", "identity_number", "plate", "bank_card")


@pytest.mark.parametrize("side", ["train", "test"])
def test_no_number_of_a_person_stays_readable(side):
    planted_, readable, seen = leaks(planted(side, 9, 2_100))
    assert min(planted_[kind] for kind in KINDS) > 400
    assert {kind: readable[kind] for kind in NUMBERS} == dict.fromkeys(NUMBERS, 0), seen[:3]
    assert readable["name"] <= 0.02 * planted_["name"]
    assert readable["door"] <= 0.02 * planted_["door"]


@pytest.mark.parametrize("side", ["train", "test"])
def test_figures_that_only_look_personal_stay(side):
    assert len(taken(look_alikes(side, 9, 500))) <= 5


def test_the_two_sides_share_no_text():
    sides = [{said.text for said in planted(side, 9, 2_000)} for side in ("train", "test")]
    assert not sides[0] & sides[1]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("打1-3-9-0-0-0-0-1-2-3-4吧", "打〔电话〕吧"),
        ("1390000123413900005678", "〔电话〕"),
        ("2026-11-23 139.0000.1234", "2026-11-23 〔电话〕"),
        ("卡4539 1488 0343 6467用了", "卡〔银行卡〕用了"),
        ("卡4539 1488 0343 6468用了", "卡4539 1488 0343 6468用了"),  # no check digit, no cue
        ("订单号4539148803436467", "订单号4539148803436467"),
        ("9901 0119 8003 0712 34", "〔身份证〕"),
    ],
)
def test_digits_in_any_groups_are_put_together(text, kept):
    assert without_numbers(text) == kept


@pytest.mark.parametrize(
    ("kind", "value", "kept", "readable"),
    [
        ("phone", "139-0000-1234", "请打１３９００００", True),
        ("phone", "13900001234", "请打〔电话〕", False),
        ("phone", "13900001234", "一三九零零零零", True),
        ("plate", "苏A·12D45", "车牌12d45", True),
        ("name", "王伟、李芳", "〔姓名〕、李芳", True),
        ("door", "3栋1402", "住在1402", True),
        ("door", "3栋1402", "订单14020", False),
    ],
)
def test_what_counts_as_readable(kind, value, kept, readable):
    assert is_readable(kind, value, kept) == readable
