"""Verdicts held beside each other only if they were found alike."""

import pytest

from collector.store import LoadedRun
from site_builder.answers import read_answers
from site_builder.evidence import Verification, verifications

TASK = "json-to-csv"
CODE = "import json\nprint(json)\n"
ANSWER = f"```python\n{CODE}```\n"


@pytest.fixture
def found(run, trial):
    def find(*verdicts, answers=None) -> Verification:
        """Return what verdicts on the model's trials show; each has the same code."""
        texts = answers or {verdict.number: ANSWER for verdict in verdicts}
        trials = tuple(trial("fast", n, 10, answer_text=t) for n, t in texts.items())
        loaded = LoadedRun(
            run=run(), trials=trials, verdicts=verdicts, codes={}, bad=()
        )
        return verifications(loaded, read_answers(loaded))["fast"]

    return find


@pytest.fixture
def judged(verdict, case):
    def judge(number, results="", **changes):
        """Make a verdict; each letter is a case: p, l, f, t (time), y (flaky), n."""
        names = {
            "p": "pass",
            "l": "lenient",
            "f": "fail",
            "t": "timeout",
            "y": "flaky",
            "n": "not_run",
        }
        cases = tuple(
            case(f"{n:02d}-x", names[letter]) for n, letter in enumerate(results, 1)
        )
        return verdict(CODE, number=number, cases=cases, **changes)

    return judge


def test_passes_are_medians_and_lenient_ones_are_counted_apart(found, judged):
    passes = found(
        judged(1, "ppplf"), judged(2, "ppplf"), judged(3, "pllft"), judged(4, "pylnl")
    ).passes(TASK)
    # Strict 3, 3, 1, 1; lenient 1, 1, 2, 2.
    assert (passes.strict, passes.lenient) == (2, 1.5)
    assert (passes.n_counted, passes.n_trials) == (5, 4)


def test_a_case_that_is_not_counted_is_no_pass(found, verdict, case):
    cases = (case("01-flat"), case("19-windows", "pass", is_counted=False))
    passes = found(verdict(CODE, cases=cases)).passes(TASK)
    assert (passes.strict, passes.n_counted) == (1, 1)


def test_an_answer_whose_code_cannot_run_passes_nothing(found, judged):
    fails = judged(
        2, "nnn", level="fails", sandbox=None, sandbox_version=None, guest_python=None
    )
    passes = found(judged(1, "ppp"), fails).passes(TASK)
    assert (passes.strict, passes.n_trials) == (1.5, 2)


@pytest.mark.parametrize("sandbox", [None, "bubblewrap"])
def test_what_was_not_executed_says_nothing_of_the_code(found, judged, sandbox):
    idle = judged(2, "nnn", level="not_executed", sandbox=sandbox)
    verification = found(judged(1, "ppp"), idle)
    passes = verification.passes(TASK)
    assert (passes.strict, passes.n_trials) == (3, 1)
    assert verification.level(TASK) == "mixed"


@pytest.mark.parametrize(
    "change",
    [
        {"sandbox": "wasi"},
        {"sandbox_version": "0.9.0"},
        {"guest_python": "3.12.0"},
        {"judge_version": "judge/2"},
        {"task_sha256": "b" * 64},
    ],
)
def test_results_of_two_settings_are_never_averaged(found, judged, change):
    verification = found(judged(1, "ppp"), judged(2, "ppf", **change))
    assert len(verification.benches) == 2
    assert verification.passes(TASK) is None
    assert verification.level(TASK) == "as_is"


def test_tasks_are_kept_apart(run, trial, judged):
    first = trial("fast", 1, 10, answer_text=ANSWER)
    other = first.model_copy(update={"task_id": "sales-report"})
    verdicts = (judged(1, "pp"), judged(1, "f", task_id="sales-report"))
    loaded = LoadedRun(
        run=run(), trials=(first, other), verdicts=verdicts, codes={}, bad=()
    )
    verification = verifications(loaded, read_answers(loaded))["fast"]
    assert verification.passes(TASK).strict == 2
    assert verification.passes("sales-report").strict == 0
    assert verification.passes("sales-report").n_counted == 1
    assert verification.passes("no-such-task") is None
    assert verification.level("no-such-task") is None


def test_a_verdict_on_other_code_is_left_out_and_named(found, verdict):
    verification = found(verdict("print(2)\n", number=1), verdict(CODE, number=2))
    assert [v.number for v in verification.stale] == [1]
    assert verification.passes(TASK).n_trials == 1
    # It was judged once, so it is not called missing as well.
    assert verification.n_missing == 0


def test_a_verdict_without_code_goes_with_an_answer_without_code(found, verdict):
    without = verdict(None, level="fails", sandbox=None, cases=())
    verification = found(without, answers={1: "I cannot do that."})
    assert verification.stale == ()
    assert verification.level(TASK) == "fails"
    assert found(without, answers={1: ANSWER}).stale == (without,)


def test_code_that_was_not_run_is_counted_as_missing(found, verdict):
    answers = {1: ANSWER, 2: ANSWER, 3: "no code"}
    verification = found(verdict(CODE, number=1), answers=answers)
    assert verification.n_missing == 1


def test_a_published_run_has_no_evidence(published):
    for verification in verifications(published, read_answers(published)).values():
        assert verification == Verification()
        assert not verification.has_any
        assert verification.level(TASK) is None
        assert verification.passes(TASK) is None
