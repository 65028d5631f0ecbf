"""Predicates that rest on a test, by numbers worked out by hand."""

from dataclasses import replace
from math import comb

import pytest

from collector.metrics import METRICS
from collector.record import Chunk
from site_builder.analysis.summary import summarise
from tests.site_builder.scenarios import (
    FIGURES,
    GEMMA,
    GPT_OSS,
    HERMES,
    QWEN,
    coding,
    judged,
    measured,
    worked_codes,
)

from .judging import facts, gaps, judge, known, rated, verdict

SIX = 1 / 924
"""Six against six that do not overlap: one deal of 12 over 6."""

THREE = 1 / 20
FAST = (100, 101, 102, 103, 104, 105)
SLOW = (50, 51, 52, 53, 54, 55)
SLOWER = (25, 26, 27, 28, 29, 30)


def trio(n: int = 6):
    return known(rated({"a": FAST[:n], "b": SLOW[:n], "c": SLOWER[:n]}))


def test_an_estimate_keeps_the_values_it_is_the_median_of():
    summary = trio(3).summaries[0]
    rates = summary.estimates["decode_tok_s"]
    assert rates.values == pytest.approx((100, 101, 102), rel=1e-4)
    assert rates.cache is None
    run = measured(6)
    first_tokens = summarise(run)[0].estimates["ttft_s"]
    assert (first_tokens.cache, len(first_tokens.values)) == ("cold", 3)
    cold = [t for t in run.trials if t.model_id == QWEN and t.cache == "cold"]
    assert first_tokens.values == tuple(map(METRICS["ttft_s"].compute, cold))


@pytest.mark.parametrize(
    ("assertion", "name", "p"),
    [
        ("first(decode_tok_s, a)", "holds", SIX),
        ("first(decode_tok_s, b)", "broken", 1.0),
        ("last(decode_tok_s, c)", "holds", SIX),
        ("last(decode_tok_s, b)", "broken", 1.0),
        # Less time is better: the fastest is the first here, too.
        ("first(generation_s, a)", "holds", SIX),
        ("last(generation_s, c)", "holds", SIX),
        ("order(decode_tok_s, a, b, c)", "holds", SIX),
        ("order(generation_s, a, b, c)", "holds", SIX),
        ("order(decode_tok_s, a, c, b)", "broken", 1.0),
        ("order(decode_tok_s, a, c)", "holds", SIX),
    ],
)
def test_six_trials_a_side_tell_models_apart(assertion, name, p):
    found = verdict(trio(), assertion)
    assert (found.verdict, found.n) == (name, 6)
    assert found.p == pytest.approx(p)


def test_three_trials_a_side_decide_one_claim_and_never_two():
    alone = verdict(trio(3), "first(decode_tok_s, a)")
    assert (alone.verdict, alone.n) == ("holds", 3)
    assert alone.p == alone.p_adjusted == pytest.approx(THREE)
    both = judge(trio(3), "first(decode_tok_s, a)", "last(decode_tok_s, c)")
    assert [found.verdict for found in both] == ["undecided", "undecided"]
    assert [found.p_adjusted for found in both] == pytest.approx([0.1, 0.1])
    assert not any(found.is_missing for found in both)


def test_the_weakest_rival_decides_who_is_first():
    # 101.5 is above two values of a and 104.5 above five: U of a is 36 - 7 = 29.
    run = rated({"a": FAST, "b": (50, 51, 52, 53, 101.5, 104.5), "c": SLOWER})
    found = verdict(run, "first(decode_tok_s, a)")
    near, far = facts(found, "rank_test")
    assert far["p"] == pytest.approx(SIX)
    # Deals with U >= 29: partitions of 0 … 7 into at most 6 parts of at most 6.
    in_a_box = (1, 1, 2, 3, 5, 7, 11, 13)
    assert near["p"] == found.p == pytest.approx(sum(in_a_box) / 924)
    assert near["ratio"] == pytest.approx(102.5 / 52.5, rel=1e-4)
    assert found.verdict == "holds"


def test_equal_medians_are_not_first():
    run = rated({"a": SLOW, "b": SLOW})
    assert verdict(run, "first(decode_tok_s, a)").verdict == "broken"
    assert verdict(run, "order(decode_tok_s, a, b)").verdict == "broken"


@pytest.mark.parametrize(
    ("comparison", "limit", "name", "p"),
    [
        (">=", 1.5, "holds", SIX),
        # 100 … 105 against 1.9 · (50 … 55) = 95, 96.9, 98.8, 100.7, 102.6, 104.5: a
        # value of a is beaten by 3, 2, 2, 1, 1, 0 of them: 9 of 36 pairs, U = 27.
        (">=", 1.9, "undecided", sum((1, 1, 2, 3, 5, 7, 11, 13, 18, 22)) / 924),
        (">=", 2.0, "broken", None),
        ("<", 1.9, "broken", None),
        ("<=", 3, "holds", SIX),
        ("<", 2.5, "holds", SIX),
        (">", 1.0, "holds", SIX),
    ],
)
def test_a_ratio_is_tested_against_the_other_model_times_the_limit(
    comparison, limit, name, p
):
    found = verdict(trio(), f"ratio(decode_tok_s, a, b) {comparison} {limit}")
    assert found.verdict == name
    (fact,) = facts(found, "scaled_test")
    assert fact["ratio"] == pytest.approx(102.5 / 52.5, rel=1e-4)
    assert fact["limit"] == limit
    if p is not None:
        assert found.p == pytest.approx(p)


def test_a_tie_needs_both_tests():
    run = rated(
        {"a": (100, 101, 102, 103, 104, 105), "b": (99, 100, 101, 102, 103, 104)}
    )
    found = verdict(run, "tie(decode_tok_s, a, b, 0.1)")
    assert found.verdict == "holds"
    # 100 is above 0.9 · 104 = 93.6, and 105 below 1.1 · 99 = 108.9.
    assert found.p == pytest.approx(SIX)
    (fact,) = facts(found, "tie")
    assert fact["low"] <= fact["ratio"] <= fact["high"]
    # U from 0 to 7 has 1+1+2+3+5+7+11+13 = 43 deals, less than 5 % of 924; with the 18
    # of U = 8 it is more. So the interval runs from the 8th ratio to the 8th last.
    ratios = sorted(x / y for x in FAST for y in range(99, 105))
    assert fact["coverage"] == pytest.approx(1 - 2 * 43 / 924)
    assert (fact["low"], fact["high"]) == pytest.approx(
        (ratios[7], ratios[-8]), rel=1e-4
    )
    narrow = verdict(run, "tie(decode_tok_s, a, b, 0.02)")
    assert narrow.verdict == "undecided"
    apart = verdict(trio(), "tie(decode_tok_s, a, b, 0.1)")
    assert apart.verdict == "broken"


@pytest.mark.parametrize(
    ("assertion", "name", "p"),
    [
        ("above(decode_tok_s, a, 99)", "holds", 2**-6),
        (
            "above(decode_tok_s, a, 101.5)",
            "undecided",
            sum(map(comb, [6] * 3, (4, 5, 6))) / 64,
        ),
        ("above(decode_tok_s, a, 103)", "broken", None),
        ("below(decode_tok_s, b, 60)", "holds", 2**-6),
        ("below(decode_tok_s, b, 50)", "broken", None),
        ("only(decode_tok_s, a, 60)", "holds", 2**-6),
        ("only(decode_tok_s, a, 54.5)", "undecided", 7 / 64),
        ("only(decode_tok_s, a, 40)", "broken", None),
        ("only(decode_tok_s, b, 40)", "broken", None),
    ],
)
def test_a_limit_takes_an_interval_and_a_sign_test(assertion, name, p):
    found = verdict(trio(), assertion)
    assert found.verdict == name
    if p is not None:
        assert found.p == pytest.approx(p)


def test_a_model_on_the_limit_reaches_it_and_is_not_above_it():
    run = rated({"a": FAST, "b": SLOW})
    fewer = tuple(
        t.model_copy(update={"usage": {"completion_tokens": 10}})
        if t.model_id == "b"
        else t
        for t in run.trials
    )
    read = known(replace(run, trials=fewer))
    only = verdict(read, "only(completion_tokens, a, 11)")
    assert (only.verdict, only.p) == ("holds", 2**-6)
    assert verdict(read, "only(completion_tokens, a, 10)").verdict == "broken"
    assert verdict(read, "above(completion_tokens, a, 11)").verdict == "broken"


def test_five_trials_reach_the_coverage_and_four_do_not():
    five = verdict(trio(5), "above(decode_tok_s, a, 60)")
    assert (five.verdict, five.p) == ("holds", 2**-5)
    assert facts(five, "interval")[0]["coverage"] == pytest.approx(0.9375)
    four = verdict(trio(4), "above(decode_tok_s, a, 60)")
    assert (four.verdict, four.p) == ("undecided", 2**-4)
    (short,) = facts(four, "interval_short")
    assert (short["coverage"], short["needed"]) == (0.875, 0.9)


def test_one_trial_a_side_as_published_decides_nothing_it_does_not_contradict():
    run = trio(1)
    true = judge(
        run,
        "first(decode_tok_s, a)",
        "ratio(decode_tok_s, a, b) >= 1.5",
        "tie(decode_tok_s, b, c, 0.1)",
        "above(decode_tok_s, a, 60)",
        "only(decode_tok_s, a, 60)",
        "first(decode_tok_s, c)",
    )
    assert [found.verdict for found in true] == [
        "undecided",
        "undecided",
        "broken",
        "undecided",
        "undecided",
        "broken",
    ]
    assert true[0].p == 0.5
    assert (true[0].n, true[0].is_missing) == (1, False)


def test_a_model_without_a_value_is_left_out_and_named():
    run = rated({"a": FAST, "b": (), "c": SLOWER})
    found = verdict(run, "first(decode_tok_s, a)")
    assert found.verdict == "holds"
    assert [f.models for f in found.facts if f.key == "left_out"] == [("b",)]


@pytest.mark.parametrize(
    ("assertion", "what", "models"),
    [
        ("first(decode_tok_s, gone)", "model", ("gone",)),
        ("first(decode_tok_s, b)", "value", ("b",)),
        ("ratio(decode_tok_s, a, b) >= 2", "value", ("b",)),
        ("tie(decode_tok_s, gone, a, 0.1)", "model", ("gone",)),
        ("above(decode_tok_s, b, 1)", "value", ("b",)),
        ("only(decode_tok_s, a, 60)", "value", ("b",)),
        ("order(decode_tok_s, a, b, c)", "value", ("b",)),
        ("stable_rank(a, b)", "value", ("a",)),
        ("no_trend(decode_tok_s, b)", "value", ("b",)),
        ("first(structure_index, a)", "value", ("a",)),
        ("first(cases_passed, a)", "value", ("a",)),
    ],
)
def test_what_is_needed_and_not_known_leaves_it_open(assertion, what, models):
    run = rated({"a": FAST, "b": (), "c": SLOWER})
    found = verdict(run, assertion)
    assert (found.verdict, found.is_missing) == ("undecided", True)
    assert (what, models) in gaps(found)
    if not assertion.startswith("no_trend"):
        assert found.p == found.p_adjusted == 1


@pytest.mark.parametrize(
    "assertion",
    [
        "order(decode_tok_s, c, b, a)",
        "order(decode_tok_s, c, gone, a)",
        "only(decode_tok_s, b, 20)",
        "only(decode_tok_s, gone, 20)",
        "only(decode_tok_s, a, 110)",
    ],
)
def test_what_is_known_may_contradict_all_the_same(assertion):
    run = rated({"a": FAST, "b": (), "c": SLOWER})
    found = verdict(run, assertion)
    assert (found.verdict, found.is_missing) == ("broken", False)


def test_one_model_alone_is_neither_first_nor_the_only_one():
    run = rated({"a": FAST})
    for assertion in ("first(decode_tok_s, a)", "only(decode_tok_s, a, 60)"):
        found = verdict(run, assertion)
        assert found.is_missing
        assert gaps(found) == [("others", ("a",))]


def test_a_cold_cache_is_not_held_against_a_warm_one():
    run = measured(6)
    warm = tuple(
        t.model_copy(update={"cache": "warm"}) if t.model_id == QWEN else t
        for t in run.trials
    )
    mixed = known(replace(run, trials=warm))
    found = verdict(mixed, f"first(ttft_s, {QWEN})")
    assert found.is_missing
    assert ("comparable", (QWEN, HERMES)) in gaps(found)
    assert verdict(mixed, f"ratio(ttft_s, {QWEN}, {HERMES}) < 1").is_missing
    assert verdict(mixed, f"first(decode_tok_s, {QWEN})").verdict == "holds"


def test_equal_codes_are_one_answer():
    one = {model: codes[:1] for model, codes in worked_codes(1).items()}
    same = verdict(coding(measured(6), one), f"first(structure_index, {GPT_OSS})")
    assert (same.verdict, same.n, same.p) == ("undecided", 1, 0.5)
    different = coding(measured(6), worked_codes(6))
    found = verdict(different, f"first(structure_index, {GPT_OSS})")
    assert (found.verdict, found.n) == ("holds", 6)
    assert found.p == pytest.approx(SIX)


def test_too_few_readable_answers_are_compared_but_not_tested():
    codes = worked_codes(6)
    answers = coding(measured(6), {**codes, QWEN: codes[QWEN][:1]})
    # Qwen answers twice with code and four times without.
    hollow = tuple(
        t.model_copy(update={"answer_text": "いいえ。"})
        if t.model_id == QWEN and t.number > 2
        else t
        for t in answers.trials
    )
    kept = {k: v for k, v in answers.codes.items() if k[0] != QWEN or k[2] <= 2}
    run = type(answers)(run=answers.run, trials=hollow, verdicts=(), codes=kept, bad=())
    found = verdict(run, f"first(structure_index, {GPT_OSS})")
    assert (found.verdict, found.p, found.is_missing) == ("undecided", 1, False)
    assert "rank_untested" in [fact.key for fact in found.facts]
    assert verdict(run, f"first(structure_index, {QWEN})").verdict == "broken"
    rank = verdict(run, f"stable_rank({GPT_OSS}, {QWEN})")
    assert rank.verdict == "undecided"
    assert "weight_share_unknown" in [fact.key for fact in rank.facts]
    low = verdict(run, f"below(structure_index, {QWEN}, 90)")
    assert (low.verdict, low.p) == ("undecided", 1)
    assert "untested" in [fact.key for fact in low.facts]


def test_a_rank_by_structure_has_to_survive_other_weights():
    run = known(coding(measured(6), worked_codes(6)))
    sure = verdict(run, f"stable_rank({GPT_OSS}, {QWEN})")
    assert sure.verdict == "holds"
    assert facts(sure, "weight_share")[0]["share"] >= 0.95
    # The builder is above the teacher in every trial, but hardly for all weights.
    near = verdict(run, f"stable_rank({GPT_OSS}, {GEMMA})")
    assert near.p == pytest.approx(SIX)
    share = facts(near, "weight_share")[0]["share"]
    assert (near.verdict == "holds") == (share >= 0.95)
    assert verdict(run, f"stable_rank({QWEN}, {GPT_OSS})").verdict == "broken"


def test_cases_of_different_sandboxes_are_not_compared():
    codes = worked_codes(6)
    run = coding(measured(6), codes)
    most = {"01-flat": "pass", "03-late-keys": "pass"}
    least = {"01-flat": "pass", "03-late-keys": "fail"}
    alike = judged(run, {m: [most if m == GPT_OSS else least] for m in FIGURES})
    found = verdict(alike, f"first(cases_passed, {GPT_OSS})")
    assert found.verdict == "holds"
    assert facts(found, "rank_test")[0]["median_first"] == 2
    unlike = judged(alike, {QWEN: [least]}, sandbox="wasi")
    mixed = verdict(unlike, f"first(cases_passed, {GPT_OSS})")
    assert mixed.is_missing
    assert ("comparable", (GPT_OSS, QWEN)) in gaps(mixed)


def test_a_zero_leaves_no_ratio_or_no_interval():
    run = coding(measured(6), worked_codes(6))
    flat, fails = {"01-flat": "pass"}, {"01-flat": "fail"}
    read = known(
        judged(run, {QWEN: [fails], GPT_OSS: [flat], GEMMA: [fails, *[flat] * 5]})
    )
    gone = verdict(read, f"ratio(cases_passed, {GPT_OSS}, {QWEN}) >= 2")
    assert gone.is_missing
    assert gaps(gone) == [("ratio", (QWEN,))]
    near = verdict(read, f"tie(cases_passed, {GEMMA}, {GPT_OSS}, 0.5)")
    # 0, 1, 1, 1, 1, 1 against six halves: U = 30. As high or higher is what gives the
    # first all five ones and a half (6 deals) or the zero (1): 7 of 924.
    (fact,) = facts(near, "tie_open")
    assert (fact["ratio"], fact["n_first"]) == (1, 6)
    assert near.p == pytest.approx(7 / 924)
    assert near.verdict == "holds"


@pytest.mark.parametrize(
    ("rates", "name"),
    [
        ((100, 99, 98, 97, 96, 95), "broken"),
        # Kendall's S is 1 of 15: far from any trend.
        ((100, 103, 98, 104, 97, 102), "holds"),
        ((100, 99, 98), "undecided"),
    ],
)
def test_no_trend_holds_unless_one_is_found(rates, name):
    found = verdict(rated({"a": rates, "b": SLOW[:1]}), "no_trend(decode_tok_s, a)")
    assert found.verdict == name
    assert (found.p, found.is_missing) == (None, False)
    if name == "broken":
        # Two of the 720 orders are monotone.
        assert facts(found, "trend")[0]["p"] == pytest.approx(2 / 720)


def test_models_are_pooled_for_the_trend_of_a_run():
    falling = (100, 99, 98)
    run = rated({"a": falling, "b": falling, "c": falling})
    found = verdict(run, "no_trend(decode_tok_s)")
    assert found.verdict == "broken"
    assert facts(found, "trend")[0]["p"] == pytest.approx(2 / 6**3)


def test_cold_and_warm_first_tokens_have_each_their_own_trend():
    run = rated({"a": [50] * 8})
    # 600, 195, 590, 185, … ms: within each cache every later one is shorter.
    shifted = tuple(
        t.model_copy(
            update={
                "cache": "cold" if t.number % 2 else "warm",
                "timeline": tuple(
                    Chunk(
                        c.t_us
                        + (100_000 if t.number % 2 else -300_000)
                        - 5000 * t.number,
                        c.channel,
                        c.chars,
                    )
                    for c in t.timeline
                ),
            }
        )
        for t in run.trials
    )
    found = verdict(replace(run, trials=shifted), "no_trend(ttft_s, a)")
    assert found.verdict == "broken"
    assert facts(found, "trend") == [
        {"tau": -1, "p": pytest.approx(2 / 24**2), "n": 8},
    ]


def test_a_warming_cache_is_no_trend_of_the_first_token():
    found = verdict(measured(12), f"no_trend(ttft_s, {QWEN})")
    assert found.verdict == "holds"
    assert facts(found, "trend")[0]["n"] == 12
