"""From findings to verdicts: one family of tests, terms joined, claims on claims."""

from dataclasses import replace
from pathlib import Path

import pytest

from site_builder.claims.judge import judge_claims
from site_builder.claims.registry import Registry

from .judging import facts, gaps, judge, known, rated, registry, verdict

SIX = 1 / 924
A, B, C = (
    (100, 101, 102, 103, 104, 105),
    (50, 51, 52, 53, 54, 55),
    (25, 26, 27, 28, 29, 30),
)
FIRST = "first(decode_tok_s, a)"
ABOVE = "above(decode_tok_s, a, 60)"
COUNTED = "every(finish_reason = stop, a)"


@pytest.fixture(scope="module")
def trio():
    return known(rated({"a": A, "b": B, "c": C}))


def test_holm_covers_every_claim_that_rests_on_a_test(trio):
    # Three claims: p of 1/924, 1/924 and 1/64; the counts and the trend are exempt.
    found = judge(
        trio, ABOVE, FIRST, COUNTED, "last(decode_tok_s, c)", "no_trend(ttft_s)"
    )
    assert [v.p_adjusted for v in found] == pytest.approx(
        [1 / 64, 3 / 924, None, 3 / 924, None]
    )
    assert facts(found[0], "family")[0]["n_claims"] == 3
    assert [v.verdict for v in found[:4]] == ["holds"] * 4


def test_a_claim_holds_at_five_per_cent_of_the_whole_family_only(trio):
    # Four claims of p = 1/64: Holm makes 4/64 of each, above 0.05; of three, 3/64.
    limits = [f"above(decode_tok_s, a, {t})" for t in (60, 61, 62, 63)]
    assert {v.verdict for v in judge(trio, *limits[:3])} == {"holds"}
    four = judge(trio, *limits)
    assert {v.verdict for v in four} == {"undecided"}
    assert four[0].p_adjusted == pytest.approx(4 / 64)


def test_missing_claims_count_in_the_family_with_a_p_of_one(trio):
    gone = [f"first(decode_tok_s, gone{n})" for n in range(3)]
    found = judge(trio, ABOVE, *gone)
    assert [v.p_adjusted for v in found] == pytest.approx([4 / 64, 1, 1, 1])
    assert found[0].verdict == "undecided"
    assert not found[0].is_missing


def test_the_worst_term_decides_and_the_largest_p_counts(trio):
    both = verdict(trio, f"{FIRST} & {ABOVE} & {COUNTED}")
    assert (both.verdict, both.p, both.n) == ("holds", 1 / 64, 6)
    open_ = verdict(trio, f"{FIRST} & above(decode_tok_s, a, 101.5)")
    assert (open_.verdict, open_.is_missing) == ("undecided", False)
    gone = verdict(trio, f"{FIRST} & {COUNTED.replace('a)', 'gone)')}")
    assert (gone.verdict, gone.is_missing) == ("undecided", True)
    broken = verdict(trio, "first(decode_tok_s, gone) & first(decode_tok_s, b)")
    assert (broken.verdict, broken.is_missing) == ("broken", False)


def test_what_two_terms_lack_is_told_once(trio):
    found = verdict(
        trio,
        "first(decode_tok_s, gone) & last(decode_tok_s, gone) & above(ttft_s, gone, 1)",
    )
    assert gaps(found) == [("model", ("gone",))]


def test_a_reference_has_the_verdict_of_the_other_claim(trio):
    found = judge(
        trio,
        second="claim(fine)",
        third=f"claim(bad) & {COUNTED}",
        fourth="claim(gone) & claim(fine)",
        fine=FIRST,
        bad="first(decode_tok_s, b)",
        gone="first(decode_tok_s, nobody)",
    )
    names = [(v.verdict, v.is_missing) for v in found[:3]]
    assert names == [("holds", False), ("broken", False), ("undecided", True)]
    # References add no test: the family has the three others only.
    assert facts(found[3], "family")[0]["n_claims"] == 3
    assert (found[0].p, found[0].p_adjusted) == (found[3].p, found[3].p_adjusted)
    assert facts(found[0], "family") == []
    assert found[0].facts[0].texts == {"id": "fine", "verdict": "holds"}


def test_a_claim_with_a_test_of_its_own_and_a_reference_needs_both(trio):
    # Five tests of p = 1/64 beside: 5/64 of each, while first stays at 6/924.
    limits = {f"l{t}": f"above(decode_tok_s, a, {60 + t})" for t in range(4)}
    found = judge(trio, both="claim(l0) & first(decode_tok_s, a)", **limits)
    assert found[0].verdict == found[1].verdict == "undecided"
    assert found[0].p == 1 / 64
    assert found[0].p_adjusted == pytest.approx(4 / 64)
    assert facts(found[0], "family")[0]["p_adjusted"] == pytest.approx(5 / 924)


def test_a_reference_to_no_sound_claim_leaves_it_open(trio):
    found = verdict(trio, "claim(faulty)")
    assert (found.verdict, found.is_missing) == ("undecided", True)
    assert found.facts[0].texts == {"what": "claim", "name": "faulty"}


def test_verdicts_come_in_the_registrys_order_and_an_empty_one_has_none(trio):
    ids = ("z", "a", "m")
    wanted = registry({"z": "claim(m)", "a": FIRST, "m": ABOVE})
    found = judge_claims(wanted, trio.run, trio.summaries, trio.found)
    assert tuple(found) == ids
    empty = Registry(path=Path("claims.toml"), claims={})
    assert dict(judge_claims(empty, trio.run, trio.summaries, trio.found)) == {}


def test_warm_ups_are_no_evidence(trio):
    change = {"model_id": "b", "is_warmup": True}
    as_b = [t.model_copy(update=change) for t in trio.run.trials if t.model_id == "a"]
    more = known(replace(trio.run, trials=(*trio.run.trials, *as_b)))
    for assertion in (FIRST, COUNTED.replace("a)", "b)")):
        assert verdict(more, assertion) == verdict(trio, assertion)


def test_a_published_run_contradicts_or_leaves_open_and_never_holds(published):
    read = known(published)
    found = judge(
        read,
        "first(decode_tok_s, qwen3-vl-4b)",
        "first(decode_tok_s, hermes-4-14b)",
        "every(level = as_is, qwen3-vl-4b)",
        "no_trend(decode_tok_s)",
        "models(case:01-flat = pass) <= 4",
        "models(case:01-flat = pass) > 4",
        "type(gpt-oss-20b) = enterprise_builder",
    )
    assert [(v.verdict, v.is_missing) for v in found] == [
        ("undecided", False),
        ("broken", False),
        ("undecided", True),
        ("undecided", False),
        ("holds", False),
        ("broken", False),
        ("undecided", True),
    ]
