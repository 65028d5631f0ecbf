"""How many trials a comparison takes: the exact test, its power, the sentences."""

from itertools import combinations

import pytest

from collector.errors import ServerError
from collector.pilot import (
    MAX_TRIALS,
    Need,
    Pilot,
    assess,
    critical_values,
    describe,
    n_pairs,
    null_distribution,
    simulate_power,
)

FIVE_MODELS = critical_values(n_pairs(5))

# Six rates with mean 100 and a standard deviation of exactly 2: the squares of the
# deviations add up to 4 + 4 + 1 + 1 + 5 + 5 = 20 = 5 x 2 squared.
ROOT_5 = 5**0.5
QUIET = [98.0, 102.0, 99.0, 101.0, 100.0 - ROOT_5, 100.0 + ROOT_5]


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_the_null_distribution_is_that_of_every_order_counted(n):
    counted = [0] * (n * n + 1)
    for places in combinations(range(2 * n), n):
        rest = set(range(2 * n)) - set(places)
        counted[sum(low < high for low in places for high in rest)] += 1
    assert null_distribution(n) == counted[: n * n // 2 + 1]


def test_critical_values_of_one_pair_are_those_of_printed_tables():
    # Two-sided, 5 %; with 3 the least p is 2/20.
    printed = {3: -1, 4: 0, 5: 2, 6: 5, 7: 8, 8: 13, 9: 17, 10: 23, 20: 127}
    assert {n: FIVE_MODELS[n][0] for n in printed} == printed


def test_over_ten_pairs_the_level_is_a_tenth():
    # 5: 2 of 252 orders are 0.0079, too many. 6: U of 0 and 1 have one order each on
    # each side, 4/924 = 0.0043; U of 2 adds two more on each side, 8/924 = 0.0087.
    assert FIVE_MODELS[5][1] == -1
    assert FIVE_MODELS[6][1] == 1


# Power with n trials per model, for one pair and for any of the ten pairs of five
# models, from a simulation made apart from this one.
POWER = {
    (0.02, 0.05): {4: (0.67, 0), 5: (0.84, 0), 6: (0.94, 0.64), 8: (0.99, 0.88)},
    (0.03, 0.10): {4: (0.86, 0), 5: (0.97, 0), 6: (1.0, 0.89), 8: (1.0, 0.99)},
    (0.05, 0.10): {4: (0.45, 0), 5: (0.63, 0), 6: (0.79, 0.39), 8: (0.93, 0.61)},
}


@pytest.mark.parametrize(("noise", "gap"), list(POWER))
def test_the_power_is_that_of_an_independent_simulation(noise, gap):
    powers = simulate_power(noise, gap, limits=FIVE_MODELS[:11], seed=1)
    found = dict(enumerate(powers, start=1))
    for n, (one_pair, all_pairs) in POWER[noise, gap].items():
        # Three standard errors of two simulations of 2,000: 0.047 at a power of 0.5.
        assert found[n][0] == pytest.approx(one_pair, abs=0.047)
        assert found[n][1] == pytest.approx(all_pairs, abs=0.047)
        if all_pairs == 0:
            assert found[n][1] == 0


def test_the_spread_is_the_samples_and_its_upper_limit_follows_from_chi_squared():
    pilot = assess(QUIET, n_models=5)
    assert pilot.mean_tok_s == pytest.approx(100.0)
    assert pilot.cv_ratio == pytest.approx(0.02)
    # Tables give 1.610 for the 10 % point of chi squared with 5 degrees of freedom.
    assert pilot.cv_upper_ratio == pytest.approx(0.02 * (5 / 1.610) ** 0.5, rel=2e-3)


def test_the_needs_are_the_smallest_numbers_with_enough_power():
    five, ten = assess(QUIET, n_models=5).needs
    # 4 trials have a power of .67, 5 have .84; over ten pairs 6 have .64, 8 have .88.
    assert (five.gap_ratio, five.one_pair) == (0.05, 5)
    assert five.all_pairs in {7, 8}
    assert (ten.gap_ratio, ten.one_pair, ten.all_pairs) == (0.10, 4, 6)


def test_more_noise_takes_more_trials_up_to_a_limit():
    noisy = [100 + 6 * (rate - 100) for rate in QUIET]  # 12 %
    five, ten = assess(noisy, n_models=5).needs
    assert (five.one_pair, five.all_pairs) == (None, None)
    assert ten.one_pair is not None
    assert 20 < ten.one_pair <= MAX_TRIALS


def test_without_noise_the_least_number_that_can_be_significant_is_enough():
    need = assess([76.0] * 6, n_models=4).needs[0]
    # 2/70 is below 5 % with 4; below 5/6 % it takes 2/252 with 5.
    assert (need.one_pair, need.all_pairs) == (4, 5)


def test_the_same_pilot_says_the_same_twice():
    assert assess(QUIET, n_models=4) == assess(QUIET, n_models=4)


def test_too_few_rates_are_refused_with_their_number():
    with pytest.raises(ServerError, match="2 trials gave a rate, 3 are needed"):
        assess([76.0, 76.1], n_models=4)


def pilot(*needs: Need, n_models: int = 4) -> Pilot:
    return Pilot(
        n_rates=6,
        n_models=n_models,
        mean_tok_s=76.02,
        cv_ratio=0.02,
        cv_upper_ratio=0.0352,
        needs=needs,
        needs_at_upper=tuple(
            Need(gap_ratio=need.gap_ratio, one_pair=11, all_pairs=None)
            for need in needs
        ),
    )


def test_the_sentences_hold_the_plans_number_against_what_is_needed():
    lines = describe(
        pilot(
            Need(gap_ratio=0.05, one_pair=5, all_pairs=8),
            Need(gap_ratio=0.10, one_pair=4, all_pairs=6),
        ),
        rounds=3,
        trials=2,
    )
    assert lines[0].startswith("Pilot: 6 trials, mean 76.02 tok/s, coefficient of")
    assert "2.0 %; with so few trials it may be up to 3.5 %" in lines[0]
    assert lines[1] == (
        "Trials per model to tell medians 5 % apart: 5 for one pair, 8 for any of the "
        "plan's 6 pairs; at 3.5 % variation, 11 and more than 40."
    )
    assert lines[3] == (
        "The plan has 6 per model and task (3 rounds × 2): enough for gaps of 10 %, "
        "not enough for gaps of 5 % (that takes 8)."
    )
    assert "Two-sided exact rank test" in lines[4]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (6, "enough for gaps of 5 %."),
        (7, "not enough for gaps of 5 % (that takes 7)."),
        (None, "not enough for gaps of 5 % (that takes more than 40)."),
    ],
)
def test_the_verdict_is_whether_all_pairs_can_be_told(wanted, said):
    need = Need(gap_ratio=0.05, one_pair=4, all_pairs=wanted)
    lines = describe(pilot(need), rounds=3, trials=2)
    assert lines[2].endswith(": " + said)


@pytest.mark.parametrize("n_models", [1, 2])
def test_a_plan_without_several_pairs_is_not_told_of_them(n_models):
    need = Need(gap_ratio=0.05, one_pair=4, all_pairs=4)
    lines = describe(pilot(need, n_models=n_models), rounds=3, trials=2)
    assert lines[1].endswith("apart: 4 for one pair; at 3.5 % variation, 11.")
