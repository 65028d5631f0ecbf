"""Rank tests against counting every deal, Holm by hand, ranks with ties."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.analysis.ranks import (
    holm,
    null_distribution,
    rank,
    rank_test,
    separable_models,
    smallest_p,
)
from site_builder.analysis.structure import analyse_code
from site_builder.analysis.weights import order_shares


@pytest.mark.parametrize(
    ("n", "p", "models"),
    [(3, 0.1, 0), (4, 0.0286, 2), (5, 0.0079, 4), (6, 0.0022, 7), (8, 0.00016, 25)],
)
def test_few_trials_tell_no_more_models_apart_than_the_table_says(n, p, models):
    assert smallest_p(n) == pytest.approx(p, rel=0.03)
    assert rank_test(range(n), range(n, 2 * n)).p == pytest.approx(smallest_p(n))
    assert separable_models(n) == models


def test_as_many_models_as_the_table_says_are_ranked_one_by_one():
    apart = {
        f"m{m}": [100 * m + t for t in range(5)] for m in range(separable_models(5))
    }
    ranks = [place.rank for place in rank(apart).places.values()]
    assert ranks == [4, 3, 2, 1]
    apart["m4"] = [400 + t for t in range(5)]
    assert {place.rank for place in rank(apart).places.values()} == {1}


def test_a_small_sample_by_hand():
    # 1 < 2 < 3 against 4, 5: U = 0 of 6; 2 of the 10 deals are as far out.
    test = rank_test([4, 5], [1, 2, 3])
    assert (test.u, test.p, test.p_greater) == (6, 0.2, 0.1)
    # Dealing 1 1 2 2: U of the first is 4, 2 (four ways) or 0.
    assert null_distribution([2, 2], 2) == {0: 1, 4: 4, 8: 1}
    assert rank_test([2, 2], [1, 1]).p == pytest.approx(1 / 3)
    assert rank_test([1, 1], [1, 1]).p == 1


SMALL = st.lists(st.integers(0, 4), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(SMALL, SMALL)
def test_p_is_what_counting_every_deal_gives_ties_included(first, second):
    pooled = [*first, *second]

    def u_of(chosen):
        rest = [i for i in range(len(pooled)) if i not in chosen]
        pairs = [(pooled[i], pooled[j]) for i in chosen for j in rest]
        return sum(1 if a > b else 0.5 if a == b else 0 for a, b in pairs)

    deals = [u_of(c) for c in combinations(range(len(pooled)), len(first))]
    u, middle = u_of(range(len(first))), len(first) * len(second) / 2
    test = rank_test(first, second)
    far = sum(abs(x - middle) >= abs(u - middle) for x in deals)
    assert test.u == u
    assert test.p == pytest.approx(far / len(deals))
    assert test.p_greater == pytest.approx(sum(x >= u for x in deals) / len(deals))


def test_many_trials_use_an_approximation_that_agrees():
    first = [(7 * i) % 23 for i in range(20)]
    second = [(11 * i) % 23 + 3 for i in range(20)]
    exact = rank_test(first, second)
    near = rank_test([*first, 11], second)
    assert 0.02 < exact.p < 0.5
    assert near.p == pytest.approx(exact.p, abs=0.05)
    assert near.p_greater == pytest.approx(exact.p_greater, abs=0.03)
    assert rank_test([1] * 60, [1] * 60).p == 1


def test_an_empty_sample_cannot_be_tested():
    with pytest.raises(ValueError, match="both sides"):
        rank_test([], [1])


def test_holm_multiplies_by_what_is_left_and_never_falls():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.4]) == pytest.approx([0.9, 0.8])
    assert holm([]) == []


def test_models_the_trials_cannot_tell_apart_share_a_rank():
    ranking = rank(
        {
            "a": [90, 91, 92, 93, 94, 95],
            "b": [89, 91.5, 92.5, 93.5, 88, 96],
            "c": [10, 11, 12, 13, 14, 15],
            "none": [],
        }
    )
    places = {key: (p.rank, p.is_shared) for key, p in ranking.places.items()}
    assert places == {"a": (1, True), "b": (1, True), "c": (3, False)}
    assert ranking.is_above("a", "c")
    assert not ranking.is_above("c", "a")
    assert not ranking.is_above("a", "b")


BOTH_WAYS = (("builder", "teacher"), ("teacher", "builder"))


def test_the_order_of_two_worked_answers_hangs_on_the_weights(answers):
    traits = {
        name: [analyse_code(*both).structure.traits] for name, both in answers.items()
    }
    shares = order_shares(traits)
    # 61 % was published for such answers; how the talk splits moves it by a few.
    assert shares["builder", "teacher"] == pytest.approx(0.61, abs=0.03)
    assert sum(shares[p] for p in BOTH_WAYS) == pytest.approx(1)
    assert shares["builder", "sketch"] == 1
    assert shares["teacher", "plain"] >= 0.95
    assert order_shares(traits, draws=200) == order_shares(traits, draws=200)
    assert order_shares({"one": traits["plain"]}) == {}
