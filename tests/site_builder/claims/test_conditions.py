"""What happened in the counted trials: counts, kinds of answers, types."""

from dataclasses import replace

import pytest

from site_builder.claims.code_names import dotted_names
from site_builder.claims.trial_fields import compare
from tests.site_builder.scenarios import (
    GEMMA,
    GPT_OSS,
    HERMES,
    QWEN,
    all_failed,
    answering,
    coding,
    cut,
    dropped,
    judged,
    measured,
    truncated,
    worked_codes,
)

from .judging import facts, gaps, known, verdict

LATE = "case:03-late-keys = pass"
GOOD = {"01-flat": "pass", "03-late-keys": "pass"}
BAD = {"01-flat": "pass", "03-late-keys": "fail"}


@pytest.fixture(scope="module")
def run():
    """All four models with code and verdicts; Hermes drops late keys once in six."""
    made = coding(measured(6), worked_codes(6))
    return judged(
        made,
        {QWEN: [BAD], HERMES: [GOOD] * 5 + [BAD], GEMMA: [GOOD], GPT_OSS: [GOOD]},
        levels={QWEN: ["as_is"], HERMES: ["as_is"], GEMMA: ["names_adjusted"]},
    )


@pytest.fixture(scope="module")
def read(run):
    return known(run)


@pytest.mark.parametrize(
    ("assertion", "name"),
    [
        (f"every({LATE}, {GEMMA})", "holds"),
        (f"every({LATE}, {HERMES})", "broken"),
        (f"every({LATE}, {GEMMA}, {GPT_OSS})", "holds"),
        (f"every({LATE}, {GEMMA}, {QWEN})", "broken"),
        (f"none({LATE}, {QWEN})", "holds"),
        (f"none({LATE}, {HERMES})", "broken"),
        (f"count({LATE}, {HERMES}) = 5", "holds"),
        (f"count({LATE}, {HERMES}) != 5", "broken"),
        (f"count({LATE}, {HERMES}) > 5", "broken"),
        (f"models({LATE}) = 2", "holds"),
        (f"models({LATE}) >= 3", "broken"),
        ("models(case:01-flat = pass) = 4", "holds"),
        (f"only(case:03-late-keys = fail, {QWEN})", "broken"),
        (f"only(option:bom, {GPT_OSS})", "holds"),
        (f"only(option:bom, {GEMMA})", "broken"),
        (f"every(option:bom, {GPT_OSS})", "holds"),
        (f"every(option:bom = no, {QWEN})", "holds"),
        (f"every(option:bom != yes, {QWEN})", "holds"),
        (f"every(level = as_is, {QWEN}, {HERMES})", "holds"),
        (f"every(level = as_is, {GEMMA})", "broken"),
        (f"every(level != as_is, {GEMMA})", "holds"),
        (f"every(outcome = complete, {QWEN})", "holds"),
        (f"every(finish_reason = stop, {QWEN})", "holds"),
        (f"every(answer = ok, {QWEN})", "holds"),
        (f"every(type = enterprise_builder, {GPT_OSS})", "holds"),
        (f"every(trait:types = 1, {GPT_OSS})", "holds"),
        (f"every(trait:types > 0, {QWEN})", "broken"),
        (f"every(code_lines < 30, {QWEN})", "holds"),
        (f"every(uses:csv.DictWriter, {QWEN})", "holds"),
        (f"every(uses:csv, {QWEN}, {HERMES})", "holds"),
        (f"none(uses:pandas, {QWEN}, {HERMES}, {GEMMA}, {GPT_OSS})", "holds"),
        (f"every(prose_s <= 5, {QWEN})", "holds"),
    ],
)
def test_counts_are_exact_and_nothing_is_inferred(read, assertion, name):
    found = verdict(read, assertion)
    assert found.verdict == name
    assert (found.p, found.p_adjusted, found.n) == (None, None, None)
    assert not found.is_missing


def test_the_counts_are_told(read):
    (told,) = facts(verdict(read, f"count({LATE}, {HERMES}) >= 5"), "counted")
    assert told == {"k": 5, "n": 6, "unknown": 0}
    found = verdict(read, f"models({LATE}) >= 2")
    assert facts(found, "models_counted") == [{"k": 2, "n": 4, "unknown": 0}]
    assert found.facts[0].texts["wanted"] == ">= 2"
    assert found.facts[0].texts["condition"] == LATE


def test_a_trial_not_judged_leaves_it_open_unless_another_contradicts(run):
    first = tuple(v for v in run.verdicts if v.number != 1 or v.model_id != GEMMA)
    partly = known(replace(run, verdicts=first))
    found = verdict(partly, f"every({LATE}, {GEMMA})")
    assert (found.verdict, found.is_missing) == ("undecided", True)
    assert gaps(found) == [("field", (GEMMA,))]
    assert facts(found, "counted") == [{"k": 5, "n": 6, "unknown": 1}]
    # Five are known to pass: no more than one can change it.
    assert verdict(partly, f"none({LATE}, {GEMMA})").verdict == "broken"
    assert verdict(partly, f"count({LATE}, {GEMMA}) >= 5").verdict == "holds"
    assert verdict(partly, f"count({LATE}, {GEMMA}) >= 7").verdict == "broken"
    assert verdict(partly, f"count({LATE}, {GEMMA}) >= 6").is_missing
    assert verdict(partly, f"models({LATE}) >= 1").verdict == "holds"
    assert verdict(partly, f"models({LATE}) >= 2").is_missing
    assert verdict(partly, f"models({LATE}) >= 3").verdict == "broken"


def test_code_that_was_never_run_has_no_known_level(run):
    idle = known(judged(run, {QWEN: [BAD]}, levels={QWEN: ["not_executed"]}))
    for condition in ("level = as_is", LATE):
        assert verdict(idle, f"every({condition}, {QWEN})").is_missing


def test_an_answer_without_code_meets_no_condition_about_code(run):
    mute = answering(run, {QWEN: ["できません。"]})
    codes = {key: code for key, code in mute.codes.items() if key[0] != QWEN}
    silent = known(replace(mute, codes=codes, verdicts=()))
    for condition in (
        "trait:types < 0.5",
        "uses:csv",
        "type != sketcher",
        "option:bom",
    ):
        assert verdict(silent, f"none({condition}, {QWEN})").verdict == "holds"
    assert verdict(silent, f"every(answer = no_code, {QWEN})").verdict == "holds"


def test_a_cut_answer_counts_and_a_failed_one_does_not(run):
    short = truncated(run, QWEN, 2)
    found = verdict(short, f"every(outcome = complete, {QWEN})")
    assert found.verdict == "broken"
    assert facts(found, "counted") == [{"k": 5, "n": 6, "unknown": 0}]
    gone = known(all_failed(run, QWEN))
    for assertion in (f"every(answer = ok, {QWEN})", f"none(option:bom, {QWEN})"):
        found = verdict(gone, assertion)
        assert found.is_missing
        assert gaps(found) == [("trials", (QWEN,))]
    # Who else offers a BOM cannot be told of a model that gave no answer.
    assert verdict(gone, f"only(option:bom, {GPT_OSS})").is_missing


def test_a_model_not_in_the_run_is_missing(run):
    without = known(dropped(run, GPT_OSS))
    for assertion in (
        f"every(answer = ok, {GPT_OSS})",
        f"count(answer = ok, {GPT_OSS}) >= 1",
        f"only(option:bom, {GPT_OSS})",
        f"type({GPT_OSS}) = enterprise_builder",
    ):
        found = verdict(without, assertion)
        assert found.is_missing
        assert gaps(found) == [("model", (GPT_OSS,))]
    assert verdict(
        without, f"every(answer = truncated, {GPT_OSS}, {QWEN})"
    ).verdict == ("broken")


def test_a_type_needs_five_answers_that_agree(run, read):
    assert verdict(read, f"type({GPT_OSS}) = enterprise_builder").verdict == "holds"
    assert verdict(read, f"type({GPT_OSS}) = careful_teacher").verdict == "broken"
    few = known(cut(run, 4))
    found = verdict(few, f"type({GPT_OSS}) = enterprise_builder")
    assert (found.verdict, found.is_missing) == ("undecided", False)
    assert facts(found, "type")[0]["k"] == 4
    assert verdict(few, f"type({GPT_OSS}) = sketcher").verdict == "broken"
    assert verdict(cut(run, 2), f"type({GPT_OSS}) = sketcher").is_missing


def test_a_speed_sketcher_is_a_sketcher_that_is_fast(run, read):
    assert verdict(read, f"type({QWEN}) = sketcher").verdict == "holds"
    fast = verdict(read, f"type({QWEN}) = speed_sketcher")
    assert fast.verdict == "holds"
    assert facts(fast, "speed")[0]["ratio"] > 1.25
    assert verdict(read, f"type({GPT_OSS}) = speed_sketcher").verdict == "broken"
    pair = dropped(run, GEMMA, GPT_OSS)
    # Of two models, 75.8 against a median of 54.2: fast enough, but not tested.
    assert verdict(pair, f"type({QWEN}) = speed_sketcher").verdict == "undecided"


@pytest.mark.parametrize(
    ("code", "name", "is_used"),
    [
        ("import csv as c\nc.DictWriter(f)\n", "csv.DictWriter", True),
        ("from csv import DictWriter\n", "csv.DictWriter", True),
        ("from csv import DictWriter as D\nD(f)\n", "csv.DictWriter", True),
        ("import csv\ncsv.writer(f)\n", "csv.DictWriter", False),
        ("import csv\n", "csv", True),
        ("import os.path\n", "os.path", True),
        ("import csvkit\n", "csv", False),
        ("text = 'csv.DictWriter'\n", "csv.DictWriter", False),
        ("def f(:\n", "csv", None),
    ],
)
def test_names_are_found_whatever_the_code_calls_them(code, name, is_used):
    names = dotted_names(code)
    if is_used is None:
        assert names is None
    else:
        assert any(n == name or n.startswith(name + ".") for n in names) is is_used


@pytest.mark.parametrize(
    ("parameter", "is_bom"),
    [
        ("bom", True),
        ("add_bom", True),
        ("utf8_sig", True),
        ("bomb", False),
        ("signal", False),
    ],
)
def test_a_bom_may_be_offered_under_other_names(parameter, is_bom):
    code = f"def convert(data, {parameter}=False):\n    return data\n"
    run = coding(measured(3), {QWEN: [code]})
    name = "holds" if is_bom else "broken"
    assert verdict(run, f"every(option:bom, {QWEN})").verdict == name
    assert verdict(run, f"every(option:{parameter}, {QWEN})").verdict == "holds"


def test_numbers_that_are_equal_on_paper_are_equal():
    assert compare(0.1 + 0.2, ">=", 0.3)
    assert not compare(0.1 + 0.2, ">", 0.3)
    assert compare(0.1 + 0.2, "=", 0.3)
    assert not compare(0.1 + 0.2, "!=", 0.3)
