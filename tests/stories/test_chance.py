"""Tails, intervals and the correction, against numbers of tables and of hand."""

from __future__ import annotations

import math

import pytest

from viewbox.stories.chance import (
    Rate,
    binomial_tail,
    difference,
    effective,
    fisher_tail,
    holm,
    of_interval,
    poisson_tail,
)


def test_the_tail_of_a_poisson_is_one_less_the_sum_below():
    assert poisson_tail(3, 1.0) == pytest.approx(1 - math.exp(-1) * (1 + 1 + 0.5))
    assert poisson_tail(1, 2.0) == 1.0  # no more than was to be expected
    assert poisson_tail(2.9, 1.0) == poisson_tail(2, 1.0)  # a part of an event is none


def test_the_tail_of_a_binomial_is_the_sum_of_its_terms():
    assert binomial_tail(9, 10, 0.5) == pytest.approx(11 / 1024)
    assert binomial_tail(10, 10, 0.5) == pytest.approx(1 / 1024)
    assert binomial_tail(5, 10, 0.5) == 1.0


def test_the_lady_tasting_tea():
    assert fisher_tail(Rate(3, 4), Rate(1, 4)) == pytest.approx(17 / 70)
    assert fisher_tail(Rate(4, 4), Rate(0, 4)) == pytest.approx(1 / 70)
    assert fisher_tail(Rate(1, 4), Rate(1, 4)) == 1.0


def test_wilsons_interval_of_one_in_ten():
    low, high = Rate(1, 10).interval()
    assert [low, high] == pytest.approx([0.01788, 0.40415], abs=1e-5)


def test_newcombes_example_of_two_rates():
    """Newcombe 1998, table II: 56/70 − 48/80, method 10."""
    low, high = difference(Rate(56, 70), Rate(48, 80))
    assert [low, high] == pytest.approx([0.0524, 0.3339], abs=5e-5)


def test_an_interval_tells_how_many_units_it_was_made_of():
    low, high = Rate(30, 100).interval()
    rate = effective(0.3, 250, low, high)
    assert [rate.n, rate.value] == pytest.approx([100, 0.3], rel=1e-6)
    assert effective(0.3, 80, low, high).n == 80  # never more than there are views


def test_an_interval_that_just_touches_zero_has_a_chance_of_one_in_twenty():
    assert of_interval(0.08, 0.0) == pytest.approx(0.05)
    assert of_interval(0.08, 0.05) < 0.001


def test_holm_takes_one_after_the_other():
    assert holm([0.01, 0.04, 0.03, 0.005], 0.05) == [True, False, False, True]
    assert holm([0.01], 0.05, looked=10) == [False]  # nine others were looked at, and said nothing
    assert holm([], 0.05, looked=10) == []
