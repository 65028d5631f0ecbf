"""What prose may refer to: numbers, names and facts, as a language writes them."""

from dataclasses import replace

import pytest

from collector.store import LoadedRun
from site_builder.analysis.summary import summarise
from site_builder.claims.claim import Claim, Condition, Term, Verdict
from site_builder.errors import ContentError
from site_builder.findings import find_evidence
from site_builder.quantities import Interval, Quantity, with_range, with_unit
from site_builder.references import References

BARE = "import json\nprint(json.load(open('a.json')))\n"
TYPED = '''def f(a: int) -> int:
    """Return it.

    Args:
        a: A number.
    """
    return a
'''
ABSENT = {"absent": "Absent 1B"}


def references(loaded, words, **changes) -> References:
    summaries = summarise(loaded)
    fields = {
        "run": loaded.run,
        "summaries": {summary.model.model_id: summary for summary in summaries},
        "words": words,
        "model_path": lambda model_id: f"m/{model_id}.html",
        "escape": lambda text: text.upper(),
        "parts": {"table": frozenset({"summary"}), "figure": frozenset()},
        "found": find_evidence(loaded, summaries),
        "names": ABSENT,
    }
    return References(**{**fields, **changes})


@pytest.fixture
def coded(run, trial, verdict, case) -> LoadedRun:
    """Three answers of two different programs, judged."""
    codes = (TYPED, TYPED, BARE)
    cases = (case("01-a"), case("02-b")), (case("01-a"), case("02-b", "fail"))
    return LoadedRun(
        run=run(),
        trials=tuple(
            trial("fast", n, 10, answer_text=f"```python\n{code}```\n")
            for n, code in enumerate(codes, 1)
        ),
        verdicts=tuple(
            verdict(code, number=n, cases=cases[code == BARE])
            for n, code in enumerate(codes, 1)
            if n > 1
        ),
        codes={},
        bad=(),
    )


@pytest.mark.parametrize(
    ("fact", "tok_s", "shown"),
    [
        ("tok_s", 76, "76 tok/s"),
        ("tok_s", 1000, "1,000 tok/s"),
        ("ttft_error_ms", 76, "0.41 ms"),
        ("ttft_error_ms", 1000, "0.50 ms"),  # the sign is the table's
        ("ttft_error_max_ms", 76, "0.83 ms"),
        ("rate_error_percent", 1000, "0.03%"),
        ("rate_error_max_percent", 76, "0.02%"),
    ],
)
def test_the_error_is_told_as_a_size_with_its_unit(
    measured, english, fact, tok_s, shown
):
    found = references(measured, english)
    assert with_unit(found.calibration(fact, tok_s)) == shown


def test_a_run_without_the_rate_is_an_error_or_the_fallback(measured, english):
    found = references(measured, english)
    with pytest.raises(ContentError, match=r'calibration\("tok_s", 500\) is not known'):
        found.calibration("tok_s", 500)
    assert found.calibration("tok_s", 500, fallback="unmeasured") == "unmeasured"


def test_a_misspelt_fact_is_named_with_the_nearest(measured, english):
    with pytest.raises(ContentError, match="did you mean 'ttft_error_ms'"):
        references(measured, english).calibration("tfft_error_ms", 76)


def test_calibrated_means_at_every_rate_asked_for(measured, published, english):
    found = references(measured, english)
    assert found.is_calibrated(76, 1000)
    assert not found.is_calibrated(76, 500)
    assert not references(published, english).is_calibrated(76)


def test_a_value_has_its_unit_and_the_decimals_of_its_metric(measured, english):
    # medians: 100 98 96 94 92 90 → 95; 40 70 41 39 40 → 40; cold first tokens .5
    found = references(measured, english)
    assert with_unit(found.v("decode_tok_s", "fast")) == "95.00 tok/s"
    assert with_unit(found.v("decode_tok_s", "fast"), "tok/s", 0) == "95 tok/s"
    assert with_unit(found.ratio("decode_tok_s", "fast", "slow")) == "2.4 times"
    assert str(found.v("ttft_s", "slow")) == "0.50"


def test_an_interval_has_its_unit_once(measured, english, japanese):
    # six values: only the whole range reaches .95
    for words, shown in ((english, "90–100 tok/s"), (japanese, "90〜100 tok/s")):
        found = references(measured, words).interval("decode_tok_s", "fast")
        assert with_range(found, "tok/s", 0) == shown
    assert str(found) == "90.00〜100.00"


def test_an_interval_of_one_number_is_that_number(measured, english):
    found = references(measured, english)
    assert with_range(found.interval("ttft_s", "fast")) == "0.50 s"


def test_an_interval_with_points_as_each_language_writes_it(english, japanese):
    for words, shown in ((english, "76–82 points"), (japanese, "76〜82点")):
        found = Interval(low=76.2, high=81.5, unit="points", decimals=0, words=words)
        assert with_range(found) == shown


def test_with_one_trial_there_is_no_interval(published, english):
    found = references(published, english)
    with pytest.raises(ContentError, match=r"interval\(.* is not known in the run"):
        found.interval("decode_tok_s", "qwen3-vl-4b")
    assert with_range(found.interval("ttft_s", "qwen3-vl-4b", fallback="–")) == "–"


def test_trials_are_those_that_have_the_value(measured, published, english, japanese):
    found = references(measured, english)
    assert with_unit(found.n("decode_tok_s", "fast"), "trials") == "6 trials"
    assert with_unit(found.n("ttft_s", "fast")) == "3 trials"  # cold ones
    assert with_unit(found.n("decode_tok_s", "slow")) == "5 trials"  # one failed
    assert with_unit(found.n("structure_index", "slow")) == "0 trials"
    with pytest.raises(ContentError, match=r'n\("ttft_s", "absent"\) is not known'):
        found.n("ttft_s", "absent")
    one = references(published, english).n("ttft_s", "qwen3-vl-4b")
    assert with_unit(one) == "1 trial"
    assert with_unit(replace(one, words=japanese)) == "1回"


def test_the_structure_index_and_the_cases_are_values_too(coded, english):
    # Two programs of 36 points and one of 0; two cases passed, then one.
    found = references(coded, english)
    assert with_unit(found.v("structure_index", "fast"), "points") == "36 points"
    index = found.interval("structure_index", "fast")
    assert with_range(index) == "0–36 points"
    assert with_unit(found.n("structure_index", "fast")) == "3 trials"
    assert with_unit(found.v("cases_passed", "fast"), "cases") == "1.5 cases"
    assert with_range(found.interval("cases_passed", "fast")) == "1–2 cases"
    assert with_unit(found.n("cases_passed", "fast")) == "2 trials"
    assert found.is_known("structure_index", "fast")
    assert not found.is_known("structure_index", "fast", "slow")
    assert found.variables()["is_verified"] is True
    assert found.variables()["has_structure"] is True


def test_values_found_in_different_ways_have_no_ratio(measured, english):
    trials = tuple(
        trial.model_copy(update={"cache": "warm"})
        if trial.model_id == "slow"
        else trial
        for trial in measured.trials
    )
    found = references(replace(measured, trials=trials), english)
    assert found.is_known("ttft_s", "fast", "slow")
    with pytest.raises(ContentError, match=r'ratio\("ttft_s", "fast", "slow"\)'):
        found.ratio("ttft_s", "fast", "slow")
    assert str(found.ratio("decode_tok_s", "fast", "slow")) == "2.4"


def test_a_known_model_that_is_not_in_the_run_is_missing(measured, english):
    found = references(measured, english)
    assert found.name("absent") == "ABSENT 1B"
    assert found.model_link("absent") == "ABSENT 1B"
    assert found.model_link("fast") == "[FAST 4B](m/fast.html)"
    assert found.in_run("fast", "slow")
    assert not found.in_run("fast", "absent")
    assert not found.is_known("ttft_s", "absent")
    assert found.v("ttft_s", "absent", fallback="unknown") == "unknown"
    for call in (found.name, found.model_link, found.in_run, found.observations):
        with pytest.raises(ContentError, match="no model 'fats': did you mean 'fast'"):
            call("fats")


def test_what_a_publication_reported(published, measured, english):
    found = references(published, english)
    assert found.reported("gemma-3n-e4b", "input_validation", "japanese_comments")
    assert not found.reported("gemma-3n-e4b", "input_validation", "type_hints")
    assert found.observations("gemma-3n-e4b") == (
        "THICK ERROR HANDLING, CAREFUL EXPLANATION, COMMENTS IN JAPANESE, "
        "INPUT VALIDATION"
    )
    with pytest.raises(ContentError, match="no observation 'type_hint': did you mean"):
        found.reported("gemma-3n-e4b", "type_hint")
    other = references(measured, english)
    assert not other.reported("fast", "plain")
    assert other.observations("absent", fallback="nothing") == "nothing"


def verdict_with(*terms: Term) -> Verdict:
    return Verdict(
        claim=Claim(claim_id="c", assertion="", terms=terms, line=1),
        verdict="holds",
        is_missing=False,
        p=None,
        p_adjusted=None,
        n=None,
        facts=(),
    )


SURE = Condition(field="level", comparison="=", value="as_is")


def term(predicate: str, *arguments, limit: float | None = None) -> Term:
    return Term(
        predicate=predicate,
        arguments=arguments,
        comparison=None if limit is None else ">=",
        limit=limit,
    )


@pytest.mark.parametrize(
    ("terms", "unit", "shown"),
    [
        ([term("ratio", "ttft_s", "a", "b", limit=1.25)], "x", "1.25 times"),
        ([term("ratio", "ttft_s", "a", "b", limit=2.0)], None, "2 times"),
        ([term("above", "decode_tok_s", "a", 30.0)], "tok/s", "30 tok/s"),
        ([term("only", "structure_index", "a", 70.0)], "points", "70 points"),
        ([term("tie", "ttft_s", "a", "b", 0.07)], "percent", "7%"),
        ([term("count", SURE, "a", limit=3.0)], "trials", "3 trials"),
        ([term("models", SURE, limit=3.0)], "x", "3 times"),  # none of its own
        (
            [term("first", "ttft_s", "a"), term("below", "ttft_s", "a", 0.5)],
            "s",
            "0.5 s",
        ),
        ([term("below", "ttft_s", m, 0.5) for m in "ab"], "s", "0.5 s"),
    ],
)
def test_a_limit_is_that_of_the_claim(measured, english, terms, unit, shown):
    found = references(measured, english, verdicts={"c": verdict_with(*terms)})
    assert with_unit(found.limit("c"), unit) == shown


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ([term("first", "ttft_s", "a")], "asserts no number"),
        ([term("below", "ttft_s", "a", limit) for limit in (1.0, 2.0)], "2 numbers"),
    ],
)
def test_a_claim_with_no_one_number_has_no_limit(measured, english, terms, says):
    found = references(measured, english, verdicts={"c": verdict_with(*terms)})
    with pytest.raises(ContentError, match=says):
        found.limit("c")
    with pytest.raises(ContentError, match="there is no claim 'd': choose one of c"):
        found.limit("d")


def test_a_number_is_rounded_once_and_a_half_goes_to_the_even_digit(english):
    def shown(value: float, decimals: int) -> str:
        number = Quantity(value=value, unit="s", decimals=2, words=english)
        return with_unit(number, "s", decimals)

    assert shown(2.675, 2) == "2.68 s"  # the binary fraction lies below
    assert shown(0.125, 2) == "0.12 s"
    assert shown(0.375, 2) == "0.38 s"
    assert shown(0.5, 0) == "0 s"
    assert shown(1.5, 0) == "2 s"
    assert shown(1.4449, 1) == "1.4 s"  # and not 1.45, then 1.5


def test_a_typed_number_keeps_its_decimals_and_takes_any_unit(measured, english):
    found = references(measured, english)
    for typed, shown in (
        (3.0, "3"),
        (2.50, "2.5"),
        (0.001, "0.001"),
        (1e6, "1,000,000"),
    ):
        assert str(found.num(typed, "why")) == shown
    assert with_unit(found.num(1.0, "why"), "points") == "1 point"
    assert with_unit(found.num(1.5, "why"), "points") == "1.5 points"
    with pytest.raises(ContentError, match="has no unit of its own"):
        with_unit(found.num(3.0, "why"))


def test_the_wrong_unit_or_filter_is_named_with_the_right_one(measured, english):
    found = references(measured, english)
    value, between = found.v("ttft_s", "fast"), found.interval("ttft_s", "fast")
    with pytest.raises(ContentError, match="the value is in s: write that"):
        with_unit(value, "ms")
    with pytest.raises(ContentError, match="the value is in s: write that"):
        with_range(between, "ms")
    with pytest.raises(ContentError, match=r"write \| range"):
        with_unit(between)
    with pytest.raises(ContentError, match=r"write \| u"):
        with_range(value)
