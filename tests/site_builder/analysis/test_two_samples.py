"""The interval of a ratio and the sign test, by hand and by counting."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.analysis.ranks import rank_test
from site_builder.analysis.two_samples import ratio_interval, sign_test


def test_three_against_three_take_the_whole_range_of_ratios():
    # 1 of 20 deals lies beyond each end: 2/20 outside.
    found = ratio_interval([2, 4, 6], [1, 2, 4])
    assert (found.low, found.high) == (0.5, 6)
    assert found.coverage == pytest.approx(0.9)


def test_fewer_values_cover_less_and_say_so():
    assert ratio_interval([1, 2], [1, 2]).coverage == pytest.approx(1 - 2 / 6)
    one = ratio_interval([3], [2])
    assert (one.low, one.high, one.coverage) == (1.5, 1.5, 0)


@pytest.mark.parametrize(("first", "second"), [([], [1]), ([1], []), ([0, 1], [1, 2])])
def test_without_positive_values_there_is_no_interval(first, second):
    assert ratio_interval(first, second) is None


POSITIVE = st.lists(st.floats(1, 50), min_size=3, max_size=6, unique=True)


@given(POSITIVE, POSITIVE)
def test_the_interval_is_what_the_rank_test_does_not_reject(first, second):
    found = ratio_interval(first, second)
    if len({a / b for a in first for b in second}) < len(first) * len(second):
        return
    inside = (found.low + found.high) / 2
    scaled = [inside * b for b in second]
    assert rank_test(first, scaled).p_greater > 0.05 - 1e-9
    below = [found.low * (1 - 1e-9) * b for b in second]
    assert rank_test(first, below).p_greater <= 0.05 + 1e-9
    above = [found.high * (1 + 1e-9) * b for b in second]
    assert rank_test(above, first).p_greater <= 0.05 + 1e-9


def test_the_interval_covers_as_often_as_it_says():
    # Ranks are all that matters: the true ratio is 1 in every deal of 1 … 8.
    values = [float(v) for v in range(1, 9)]
    covered = 0
    deals = list(combinations(values, 4))
    for chosen in deals:
        rest = [v for v in values if v not in chosen]
        found = ratio_interval(chosen, rest)
        covered += found.low < 1 < found.high
    assert covered / len(deals) == pytest.approx(found.coverage)


def test_many_trials_use_an_approximation_that_agrees():
    first = [1 + n / 100 for n in range(20)]
    second = [1 + n / 90 for n in range(20)]
    exact = ratio_interval(first, second)
    near = ratio_interval([*first, 1.095], second)
    assert near.low == pytest.approx(exact.low, abs=0.02)
    assert near.high == pytest.approx(exact.high, abs=0.02)


def test_the_sign_test_counts_coins():
    assert sign_test(6, 6) == 1 / 64
    assert sign_test(5, 6) == 7 / 64
    assert sign_test(0, 3) == 1
    assert sign_test(7, 8) == 9 / 256
