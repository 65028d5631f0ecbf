"""What may happen to a rerun, each time held against a recomputation of its own.

The recomputation deals every value by ``itertools`` and knows nothing of the engine.
"""

import math
import statistics
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.metrics import METRICS
from collector.store import load_run
from tests.site_builder.scenarios import (
    FIGURES,
    GEMMA,
    GPT_OSS,
    HERMES,
    QWEN,
    RUN_ID,
    Figures,
    alike,
    all_failed,
    coding,
    cut,
    dropped,
    judged,
    measured,
    permuted,
    save,
    slowed,
    truncated,
    without_usage,
    worked_codes,
)

from .judging import judge, known, rated, verdict

FAMILY = {
    "fastest": f"first(decode_tok_s, {QWEN})",
    "slowest": f"last(decode_tok_s, {GEMMA})",
    "double": f"ratio(decode_tok_s, {QWEN}, {HERMES}) >= 2",
    "near": f"tie(decode_tok_s, {GEMMA}, {GPT_OSS}, 0.1)",
    "order": f"order(decode_tok_s, {QWEN}, {HERMES}, {GPT_OSS}, {GEMMA})",
    "brisk": f"above(decode_tok_s, {QWEN}, 50)",
    "alone": f"only(decode_tok_s, {QWEN}, 50)",
    "shortest": f"last(completion_tokens, {HERMES})",
}
NAMES = tuple(FAMILY)
METRIC_OF = {"shortest": "completion_tokens"}


def values(run, metric, model_id):
    """Return a model's values, straight from its records."""
    counted = [
        METRICS[metric].compute(t)
        for t in run.trials
        if t.model_id == model_id and not t.is_warmup and t.failure is None
    ]
    return [value for value in counted if value is not None]


def p_above(first, second):
    """Deal the pooled values in every way and count those as far up."""
    pooled = [*first, *second]

    def beaten(chosen):
        rest = [i for i in range(len(pooled)) if i not in chosen]
        return sum(
            (pooled[i] > pooled[j]) + (pooled[i] == pooled[j]) / 2
            for i in chosen
            for j in rest
        )

    seen = beaten(set(range(len(first))))
    deals = [beaten(set(c)) for c in combinations(range(len(pooled)), len(first))]
    return sum(deal >= seen for deal in deals) / len(deals)


def p_beyond(n_beyond, n):
    return sum(math.comb(n, k) for k in range(n_beyond, n + 1)) / 2**n


def expected(run):
    """Return whether each claim's medians agree, its other evidence, and its p."""
    rate = {m: values(run, "decode_tok_s", m) for m in FIGURES}
    tokens = {m: values(run, "completion_tokens", m) for m in FIGURES}
    middle = {m: statistics.median(v) for m, v in rate.items()}
    others = [m for m in FIGURES if m != QWEN]
    ratio = middle[GEMMA] / middle[GPT_OSS]
    chain = (QWEN, HERMES, GPT_OSS, GEMMA)
    reach = {m: sum(v >= 50 for v in rate[m]) for m in FIGURES}
    n = {m: len(v) for m, v in rate.items()}
    # With so few trials only the whole range has the coverage, from five on.
    ranges = {m: n[m] >= 5 and reach[m] in (0, n[m]) for m in FIGURES}
    signs = [p_beyond(reach[QWEN], n[QWEN])]
    signs += [p_beyond(n[m] - reach[m], n[m]) for m in others]
    return {
        "fastest": (
            all(middle[QWEN] > middle[m] for m in others),
            True,
            max(p_above(rate[QWEN], rate[m]) for m in others),
        ),
        "slowest": (
            all(middle[GEMMA] < middle[m] for m in FIGURES if m != GEMMA),
            True,
            max(p_above(rate[m], rate[GEMMA]) for m in FIGURES if m != GEMMA),
        ),
        "double": (
            middle[QWEN] >= 2 * middle[HERMES],
            True,
            p_above(rate[QWEN], [2 * v for v in rate[HERMES]]),
        ),
        "near": (
            0.9 <= ratio <= 1.1,
            True,
            max(
                p_above(rate[GEMMA], [0.9 * v for v in rate[GPT_OSS]]),
                p_above([1.1 * v for v in rate[GPT_OSS]], rate[GEMMA]),
            ),
        ),
        "order": (
            all(middle[a] > middle[b] for a, b in pairwise(chain)),
            True,
            max(p_above(rate[a], rate[b]) for a, b in pairwise(chain)),
        ),
        "brisk": (middle[QWEN] > 50, ranges[QWEN], signs[0]),
        "alone": (
            middle[QWEN] >= 50 and all(middle[m] < 50 for m in others),
            all(ranges.values()),
            max(signs),
        ),
        "shortest": (
            all(
                statistics.median(tokens[HERMES]) < statistics.median(tokens[m])
                for m in FIGURES
                if m != HERMES
            ),
            True,
            max(p_above(tokens[m], tokens[HERMES]) for m in FIGURES if m != HERMES),
        ),
    }


def own_holm(p_values):
    """Adjust by the definition: the largest of what the smaller ones come to."""
    m = len(p_values)
    ordered = sorted(p_values)
    return [
        min(1, max((m - i) * ordered[i] for i in range(m) if ordered[i] <= p))
        for p in p_values
    ]


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(measured(6), id="as published"),
        pytest.param(measured(6, seed=2, spread=0.05), id="noisy"),
        pytest.param(slowed(measured(6), QWEN, 0.9), id="a tenth slower"),
        pytest.param(slowed(measured(6), QWEN, 0.4), id="no longer the fastest"),
        pytest.param(measured(6, figures=alike(QWEN, HERMES)), id="two alike"),
        pytest.param(cut(measured(6), 3), id="three trials"),
        pytest.param(cut(measured(6), 1), id="one trial"),
        pytest.param(cut(measured(6), 2, GEMMA), id="two of one model"),
        pytest.param(measured(5), id="five trials"),
        pytest.param(truncated(measured(6), QWEN, 1, 4), id="two cut"),
    ],
)
def test_verdicts_are_what_dealing_all_values_gives(run):
    found = dict(zip(NAMES, judge(run, **FAMILY), strict=True))
    wanted = expected(run)
    adjusted = dict(zip(NAMES, own_holm([wanted[n][2] for n in NAMES]), strict=True))
    for name in NAMES:
        is_true, passes, p = wanted[name]
        assert found[name].p == pytest.approx(p), name
        assert found[name].p_adjusted == pytest.approx(adjusted[name]), name
        shown = passes and adjusted[name] <= 0.05 + 1e-9
        verdict_name = "broken" if not is_true else "holds" if shown else "undecided"
        assert (found[name].verdict, found[name].is_missing) == (verdict_name, False)


def test_a_rerun_of_the_published_figures_bears_out_what_is_said_of_speed():
    found = judge(measured(6), **{n: FAMILY[n] for n in ("fastest", "double", "near")})
    assert [v.verdict for v in found] == ["holds"] * 3


def test_a_slowed_model_loses_its_claims():
    slower = judge(slowed(measured(6), QWEN, 0.8), FAMILY["fastest"], FAMILY["double"])
    assert [v.verdict for v in slower] == ["holds", "broken"]
    slowest = judge(slowed(measured(6), QWEN, 0.1), *FAMILY.values())
    assert [v.verdict for v in slowest[:2]] == ["broken", "broken"]


def test_a_dropped_model_leaves_what_was_said_of_it_open():
    without = known(dropped(measured(6), QWEN))
    found = dict(zip(NAMES, judge(without, **FAMILY), strict=True))
    assert {n for n in NAMES if found[n].is_missing} == {
        "fastest",
        "double",
        "order",
        "brisk",
        "alone",
    }
    assert found["slowest"].verdict == "holds"


@pytest.mark.parametrize("change", [all_failed, without_usage])
def test_where_nothing_is_known_everything_is_missing(change):
    found = judge(change(measured(6)), **FAMILY)
    assert all(v.is_missing and v.verdict == "undecided" for v in found)
    assert {(v.p, v.p_adjusted) for v in found} == {(1.0, 1.0)}


def test_without_counts_the_times_are_still_compared():
    run = known(without_usage(measured(12), QWEN))
    assert verdict(run, f"first(generation_s, {QWEN})").verdict == "holds"
    assert verdict(run, f"first(ttft_s, {QWEN})").verdict == "holds"
    assert verdict(run, f"first(decode_tok_s, {QWEN})").is_missing


def test_a_run_read_back_from_its_records_has_the_same_verdicts(tmp_path):
    made = coding(measured(6), worked_codes(6))
    made = judged(made, {m: [{"01-flat": "pass"}] for m in FIGURES})
    assert save(made, tmp_path) == tmp_path / RUN_ID
    again = load_run(tmp_path, RUN_ID)
    assert again.bad == ()
    more = {
        "bom": f"only(option:bom, {GPT_OSS})",
        "flat": "models(case:01-flat = pass) = 4",
        "built": f"first(structure_index, {GPT_OSS})",
    }
    assert judge(again, **FAMILY, **more) == judge(made, **FAMILY, **more)


RATES = st.lists(st.integers(20, 120), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(RATES, RATES, RATES, st.sampled_from([0.5, 0.8, 0.95]))
def test_slowing_a_model_never_makes_it_first(a, b, c, ratio):
    run = rated({"a": a, "b": b, "c": c})
    before = verdict(run, "first(decode_tok_s, a)")
    after = verdict(slowed(run, "a", ratio), "first(decode_tok_s, a)")
    rank = {"broken": 0, "undecided": 1, "holds": 2}
    assert rank[after.verdict] <= rank[before.verdict]
    assert after.p >= before.p


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_the_order_of_trials_never_changes_a_verdict(seed, order):
    run = measured(4, seed=seed, spread=0.2, events=12)
    told = [
        [(v.verdict, v.is_missing, v.p, v.p_adjusted) for v in judge(r, **FAMILY)]
        for r in (run, permuted(run, order))
    ]
    assert told[0] == told[1]


@settings(max_examples=40, deadline=None)
@given(RATES, RATES, RATES)
def test_another_model_never_mends_a_broken_first(a, b, c):
    two = verdict(rated({"a": a, "b": b}), "first(decode_tok_s, a)")
    three = verdict(rated({"a": a, "b": b, "c": c}), "first(decode_tok_s, a)")
    if two.verdict == "broken":
        assert three.verdict == "broken"
    assert three.p >= two.p


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(RATES, RATES), min_size=1, max_size=3))
def test_the_adjusted_p_is_never_the_smaller_one(pairs):
    rates = {f"m{i}{j}": pairs[i][j] for i in range(len(pairs)) for j in (0, 1)}
    claims = [f"first(decode_tok_s, {m})" for m in rates]
    claims += [f"ratio(decode_tok_s, m{i}0, m{i}1) >= 1.1" for i in range(len(pairs))]
    for found in judge(rated(rates), *claims):
        assert found.p_adjusted >= found.p
        if found.verdict == "holds":
            assert found.p_adjusted <= 0.05 + 1e-9


def test_changing_one_model_leaves_the_others_as_they_are():
    run = measured(6)
    faster = {**FIGURES, QWEN: replace(FIGURES[QWEN], tok_s=90.0)}
    other = measured(6, figures=faster)
    for metric in METRICS:
        assert values(run, metric, HERMES) == values(other, metric, HERMES)
    assert isinstance(faster[QWEN], Figures)
    assert statistics.median(values(other, "decode_tok_s", QWEN)) == pytest.approx(
        90, rel=0.01
    )
