"""Exact tails and bounds of counts; the expected values are worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.models.counting import accepted, greatest_usual, no_count, tail

means = st.floats(0.001, 500)
widths = st.floats(1, 20)
alphas = st.sampled_from([0.001, 0.01, 0.05, 0.2])


@pytest.mark.parametrize(
    ("count", "mean", "chance"),
    [
        (0, 2, 1),
        (1, 2, 1 - math.exp(-2)),
        (5, 2, 1 - math.exp(-2) * (1 + 2 + 2 + 4 / 3 + 2 / 3)),
        (1, 0.01, 1 - math.exp(-0.01)),
    ],
)
def test_poisson_tails(count, mean, chance):
    assert tail(*numbers(count, mean, mean))[0] == pytest.approx(chance)


def test_a_negative_binomial_of_size_one_halves_with_each_count():
    assert tail(*numbers(3, 1, 2))[0] == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    ("mean", "alpha", "upper"),
    [
        (2, 0.05, 5),  # P(X>=5) = 0.0527, P(X>=6) = 0.0166
        (2, 0.01, 6),  # P(X>=6) = 0.0166, P(X>=7) = 0.0045
        (0.01, 0.01, 0),  # P(X>=1) = 0.00995
        (0.02, 0.01, 1),  # P(X>=1) = 0.0198
    ],
)
def test_the_bound_is_the_greatest_count_that_is_still_usual(mean, alpha, upper):
    assert greatest_usual(*numbers(mean, mean), alpha)[0] == upper


@given(means, widths, alphas, st.integers(0, 2000))
def test_a_count_is_above_the_bound_exactly_when_its_tail_is_below_alpha(mean, width, alpha, count):
    mean_, variance = numbers(mean, mean * width)
    p_value = tail(numbers(count)[0], mean_, variance)
    assert (count > greatest_usual(mean_, variance, alpha)[0]) == (p_value[0] < alpha)


@given(means, widths)
def test_more_is_never_likelier(mean, width):
    counts = np.arange(0, 60, dtype=float)
    chances = tail(counts, np.full(60, mean), np.full(60, mean * width))
    assert (np.diff(chances) <= 1e-12).all()


def test_no_count_of_a_poisson():
    assert no_count(*numbers(3, 3))[0] == pytest.approx(math.exp(-3))


@pytest.mark.parametrize(
    ("p_values", "kept"),
    [
        ([0.01, 0.04, 0.03, 0.9], [True, False, False, False]),  # limits .0125 .025 .0375 .05
        ([0.01, 0.02, 0.03, 0.9], [True, True, True, False]),
        ([0.5, 0.6], [False, False]),
        ([], []),
    ],
)
def test_false_discoveries_are_held_at_a_share(p_values, kept):
    assert accepted(np.array(p_values), 0.05).tolist() == kept


def numbers(*values):
    return [np.array([float(value)]) for value in values]
