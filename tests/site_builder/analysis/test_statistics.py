"""Exact intervals against the published table, textbook values and simulation."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.analysis.statistics import at_least, centre, median_coverage, share


@pytest.mark.parametrize(
    ("n", "coverage", "narrowest"),
    [
        (3, 0.75, None),
        (4, 0.875, None),
        (5, 0.9375, None),
        (6, 0.96875, (1, 6)),
        (8, 0.9921875, (1, 8)),
        (10, 0.998046875, (2, 9)),
    ],
)
def test_the_range_and_the_narrowest_interval_cover_what_the_table_says(
    n, coverage, narrowest
):
    assert median_coverage(n) == pytest.approx(coverage)
    found = centre(range(1, n + 1))
    assert (found.low, found.high) == (narrowest or (1, n))
    assert (found.coverage >= 0.95) == (narrowest is not None)


def test_ten_values_leave_out_the_smallest_and_the_largest():
    found = centre([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    assert (found.median, found.low, found.high, found.order) == (5.5, 2, 9, 2)
    assert found.coverage == pytest.approx(0.978515625)


def test_one_value_covers_nothing_and_none_has_no_centre():
    assert centre([7.0]).coverage == 0
    assert centre([]) is None


def test_the_interval_misses_the_true_median_as_seldom_as_it_says():
    source = random.Random(1)
    hits = 0
    for _ in range(4000):
        found = centre([source.expovariate(1) for _ in range(6)])
        hits += found.low <= 0.6931 <= found.high
    # The standard error is 0.28 percentage points.
    assert hits / 4000 == pytest.approx(0.96875, abs=0.01)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (5, 5, 0.4782, 1.0),
        (6, 6, 0.5407, 1.0),
        (0, 6, 0.0, 0.4593),
        (3, 10, 0.0667, 0.6525),  # Newcombe 1998 has such values
        (81, 263, 0.2527, 0.3676),  # his first example
    ],
)
def test_shares_have_clopper_and_pearsons_interval(k, n, low, high):
    found = share(k, n)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_nothing_tried_has_no_share():
    assert share(0, 0) is None


@given(st.integers(1, 40), st.data())
def test_each_end_of_a_share_leaves_a_fortieth_beyond_it(n, data):
    k = data.draw(st.integers(1, n))
    assert at_least(k, n, share(k, n).low) == pytest.approx(0.025, abs=1e-9)
    mirrored = share(n - k, n)
    assert mirrored.high == pytest.approx(1 - share(k, n).low)
