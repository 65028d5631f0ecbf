"""Spread, drift and flags of a model's trials, by hand and by counting all orders."""

from itertools import permutations, product
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.record import (
    Chunk,
    Conditions,
    Failure,
    Interruption,
    PublishedFigures,
    Trial,
)
from site_builder.analysis import stability as module
from site_builder.analysis.stability import drift, flags_of, stability


def trial(rate, *, position=None, task="t", **more) -> Trial:
    """Make a trial of 1 + rate tokens, one each, in one second."""
    times = [500_000 + round(1e6 * n / rate) for n in range(rate + 1)]
    fields = {
        "usage": {"completion_tokens": rate + 1},
        "timeline": tuple(Chunk(at, "answer", 4) for at in times),
        "outcome": "complete",
    }
    return Trial(
        run_id="r",
        model_id="m",
        task_id=task,
        number=position or 1,
        position=position,
        **{**fields, **more},
    )


def trials(*rates, task="t", first=1) -> list[Trial]:
    return [
        trial(rate, position=first + 3 * index, task=task)
        for index, rate in enumerate(rates)
    ]


@pytest.mark.parametrize(
    ("rates", "sd_ratio", "is_unstable"),
    [
        ((100, 100), 0.0, False),
        # Deviations of 10 from 100: variance (100 + 0 + 100) / 2.
        ((90, 100, 110), 0.10, True),
        ((91, 100, 109), 0.09, False),
        # 29 trials of 100 and one of 42: it lies 58.3 % off the mean of 98.07, while
        # the deviation is 10.6; then one of 48, 52 % off, with 9.5 % only.
        ((*[100] * 29, 42), 0.1080, True),
        ((*[100] * 29, 48), 0.0966, True),
        ((*[100] * 29, 52), 0.0891, False),
    ],
)
def test_unstable_is_what_pyperf_warns_of(rates, sd_ratio, is_unstable):
    found = stability(trials(*rates))
    assert found.sd_ratio == pytest.approx(sd_ratio, abs=1e-4)
    assert found.is_unstable is is_unstable


@pytest.mark.parametrize("rates", [(), (76,)])
def test_without_two_rates_nothing_is_said_of_the_spread(rates):
    found = stability(trials(*rates))
    assert (found.sd_ratio, found.is_unstable, found.drift) == (None, None, None)


def test_tasks_of_different_speed_are_not_one_spread():
    found = stability([*trials(100, 100), *trials(40, 41, task="u", first=2)])
    assert found.is_unstable is False
    assert found.sd_ratio == pytest.approx(0.5**0.5 / 40.5)


@pytest.mark.parametrize(
    ("rates", "tau", "p"),
    [
        ((50, 51, 52, 53), 1.0, 2 / 24),
        ((54, 53, 52, 51, 50), -1.0, 2 / 120),
        ((50, 51, 52, 53, 54, 55), 1.0, 2 / 720),
        # One neighbouring pair swapped: 4 pairs of 10 less; 1 + 4 orders a side.
        ((51, 50, 52, 53, 54), 0.8, 10 / 120),
        # Three up, three down.
        ((52, 50, 53, 51), 0.0, 1.0),
    ],
)
def test_drift_is_kendalls_tau_with_its_exact_probability(rates, tau, p):
    found = drift([trials(*rates)])
    assert found.tau == pytest.approx(tau)
    assert found.p == pytest.approx(p)
    assert found.n == len(rates)


def test_drift_follows_the_schedule_and_not_the_order_of_the_files():
    assert drift([trials(50, 51, 52, 53, 54)[::-1]]).tau == 1.0


def test_drift_of_less_than_four_trials_is_not_decidable():
    assert drift([trials(50, 51, 52)]) is None
    assert stability(trials(50, 51, 52)).drift is None
    assert drift([]) is None


def test_equal_rates_decide_nothing():
    assert drift([trials(50, 50, 50, 50, 50, 50)]) is None
    # 4 of 5 alike leave 5 orders.
    assert drift([trials(50, 50, 50, 50, 51)]) is None


def test_trials_without_a_place_in_the_schedule_have_no_order():
    assert drift([[trial(50 + n) for n in range(6)]]) is None


def test_models_too_short_alone_are_decided_together():
    # Two trials each, all falling: 2 of 2 to the power of 5 orders.
    models = [trials(rate + 1, rate, first=rate) for rate in (20, 30, 40, 50, 60)]
    found = drift(models)
    assert (found.tau, found.n) == (-1.0, 10)
    assert found.p == pytest.approx(2 / 32)
    # Four that rise and one that falls: 1 + 5 orders on each side.
    models[0].reverse()
    mixed = drift([trials(20, 21), *models[1:]])
    assert mixed.tau == pytest.approx(-0.6)
    assert mixed.p == pytest.approx(12 / 32)


def test_models_of_different_speed_are_never_compared_with_each_other():
    # The second model comes later and is slower, yet neither drifts.
    fast = trials(90, 92, 91, 93, 90)
    slow = trials(30, 32, 31, 33, 30, first=40)
    one, both = drift([fast]), drift([fast, slow])
    assert both.tau == pytest.approx(one.tau)


ranks = st.lists(st.integers(20, 23), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(first=ranks, second=ranks)
def test_the_probability_is_that_of_all_orders_counted(first, second):
    strata = [[float(rate) for rate in rates] for rates in (first, second)]
    s = sum(map(module._kendall_s, strata))
    orders = list(product(*(permutations(rates) for rates in strata)))
    as_far = sum(
        abs(sum(module._kendall_s(list(rates)) for rates in order)) >= abs(s)
        for order in orders
    )
    assert module._exact_p(strata, s) == pytest.approx(as_far / len(orders))
    different = {tuple(order) for order in orders}
    assert prod(map(module._orders, strata)) == len(different)


def test_past_the_limit_the_normal_approximation_agrees(monkeypatch):
    rates = [(37 * n) % 41 + 20 + n // 4 for n in range(40)]  # some of them equal
    exact = drift([trials(*rates)])
    monkeypatch.setattr(module, "EXACT_PAIRS", 100)
    assert len(set(rates)) < 40
    approximate = drift([trials(*rates)])
    assert approximate.tau == exact.tau
    assert 0.001 < exact.p < 0.9
    assert approximate.p == pytest.approx(exact.p, rel=0.005)


def test_a_long_run_is_no_burden():
    rising = [trials(*range(20, 220))]
    assert drift(rising).tau == 1.0
    assert drift(rising).p < 1e-9


def test_trials_that_do_not_count_are_in_no_spread_but_their_flags_are():
    cut = trial(
        10,
        position=9,
        outcome="truncated",
        failure=Failure(kind="limit", message="length"),
        conditions=Conditions(cpu_pressure_ratio=0.5),
    )
    found = stability([*trials(100, 100), cut])
    assert (found.sd_ratio, found.is_unstable) == (0.0, False)
    assert found.flags == {"cpu_pressure": 1}


def test_flags_are_counted_and_no_trial_is_dropped_for_one():
    busy = Conditions(cpu_pressure_ratio=0.3)
    odd = trial(40, position=1, conditions=busy, server_stats={"stats": {}})
    other = trial(
        41,
        position=2,
        conditions=busy,
        server_stats={"timings": {"predicted_per_second": 60.0}},
    )
    found = stability([odd, other, trial(42, position=3, usage=None)])
    assert found.flags == {"cpu_pressure": 2, "no_usage": 1, "rate_disagrees": 1}
    assert found.sd_ratio == pytest.approx(0.5**0.5 / 40.5)
    assert flags_of(other) == ("cpu_pressure", "rate_disagrees")


@pytest.mark.parametrize(
    ("pressures", "contaminated"),
    [([0.1, 0.11, 0.5, None], 2), ([0.0], 0), ([None, None], None), ([], None)],
)
def test_contaminated_is_unknown_where_nobody_watched(pressures, contaminated):
    watched = [
        trial(40, conditions=Conditions(cpu_pressure_ratio=ratio))
        for ratio in pressures
    ]
    unwatched = [trial(40)]
    assert stability([*watched, *unwatched]).n_contaminated == contaminated


def test_interruptions_are_added_up():
    lost = Interruption(started_at="2026-11-24T01:02:03Z", kind="lost")
    found = stability([trial(40, interruptions=(lost, lost)), trial(41)])
    assert found.n_interruptions == 2


def test_a_published_trial_is_neither_flagged_nor_judged():
    figures = PublishedFigures(tok_s=76.02, ttft_s=0.2, total_tokens=786)
    printed = trial(76, outcome=None, timeline=None, usage=None, published=figures)
    found = stability([printed])
    assert found.flags == {}
    assert (found.is_unstable, found.drift) == (None, None)
