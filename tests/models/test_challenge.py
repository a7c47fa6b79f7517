"""Champion and challenger: the figures by hand, and what is chance."""

from typing import Any

import polars as pl
import pytest

from jobs.models.challenge import FIGURES, OF_ROUTER, Figure, compared, verdict

TRUTH = ["a"] * 6 + ["b"] * 4


def guesses(labels: str, probability: float = 0.9, is_decided: bool = True, third: str = "a") -> pl.DataFrame:
    rows = [
        {"label": label, "probability": probability, "is_decided": is_decided, "top3": [f"{label}:0.9", f"{third}:0.1"]}
        for label in labels
    ]
    return pl.DataFrame(rows)


def figures(champion: pl.DataFrame, challenger: pl.DataFrame, times: int = 1, **wanted: Any) -> dict[str, Figure]:
    many = (pl.concat([side] * times) for side in (champion, challenger))
    return {one.name: one for one in compared(*many, pl.Series(TRUTH * times), tuple(FIGURES), **wanted)}


def test_figures_are_as_worked_by_hand():
    found = figures(guesses("aaaaaaaaaa", is_decided=False), guesses("aaaaaabbbb"))
    champion = {name: one.champion for name, one in found.items()}
    challenger = {name: one.challenger for name, one in found.items()}
    assert champion == {
        "macro_f1": 0.375, "top1": 0.6, "top3": 0.6, "corrected_share": 0.4, "calibration_error": 0.3,
        "coverage": 0.0, "broken_promise": 0.0,
    }  # fmt: skip
    assert challenger == {
        "macro_f1": 1.0, "top1": 1.0, "top3": 1.0, "corrected_share": 0.0, "calibration_error": 0.1,
        "coverage": 1.0, "broken_promise": 0.0,
    }  # fmt: skip


def test_deciding_what_one_gets_wrong_is_no_coverage_but_a_broken_promise():
    found = figures(guesses("aaaaaaaaaa"), guesses("aaaaaaaaaa", is_decided=False))
    assert (found["broken_promise"].champion, found["broken_promise"].challenger) == (0.35, 0.0)
    assert found["coverage"].champion == 0.6  # the six that came first among equals


def test_among_three_counts_for_who_was_named_second():
    found = {
        one.name: one for one in compared(guesses("a" * 10), guesses("a" * 10, third="b"), pl.Series(TRUTH), OF_ROUTER)
    }
    assert (found["top3"].champion, found["top3"].challenger) == (0.6, 1.0)


def test_the_same_difference_is_chance_in_ten_rows_and_none_in_four_hundred():
    ours, theirs = guesses("aaaaaaabbb"), guesses("aaaaaabbbb")
    assert figures(ours, theirs)["top1"].verdict == "same"
    assert figures(ours, theirs, times=40)["top1"].verdict == "better"
    assert figures(theirs, ours, times=40)["corrected_share"].verdict == "worse"


@pytest.mark.parametrize(
    ("first", "second", "is_promoted", "why"),
    [
        ("better", "same", True, "better by more than chance: macro_f1; nothing is worse"),
        ("same", "better", False, "not right more often, though better by more than chance: coverage"),
        ("better", "worse", False, "worse by more than chance: coverage"),
        ("same", "same", False, "nothing is better by more than chance"),
    ],
)
def test_only_who_is_better_somewhere_and_worse_nowhere_is_promoted(first, second, is_promoted, why):
    told = [Figure("macro_f1", 0.8, 0.8, 0, 0, first), Figure("coverage", 0.5, 0.5, 0, 0, second)]
    assert verdict(told, is_trained=True) == (is_promoted, why)


def test_a_champion_calibrated_anew_need_not_be_right_more_often():
    told = [Figure("macro_f1", 0.8, 0.8, 0, 0, "same"), Figure("calibration_error", 0.2, 0.1, -0.15, -0.05, "better")]
    assert verdict(told, is_trained=False) == (True, "better by more than chance: calibration_error; nothing is worse")


def test_a_lower_first_figure_is_not_promoted_even_if_it_may_be_chance():
    told = [Figure("macro_f1", 0.80, 0.79, -0.05, 0.03, "same"), Figure("coverage", 0.5, 0.9, 0.3, 0.5, "better")]
    assert verdict(told, is_trained=True) == (False, "macro_f1 is lower, though it may be by chance")
