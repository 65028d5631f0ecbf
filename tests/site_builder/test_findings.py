"""A run's answers into index, type and rows for programs; nothing is invented."""

import pytest

from collector.record import Failure
from collector.store import LoadedRun
from site_builder.analysis.summary import summarise
from site_builder.findings import evidence_row, find_evidence

BARE = "import json\nprint(json.load(open('a.json')))\n"
TYPED = '''def f(a: int) -> int:
    """Return it.

    Args:
        a: A number.
    """
    return a
'''
NOTHING = {
    "level": None,
    "cases_passed": None,
    "cases_counted": None,
    "structure_index": None,
    "archetype": None,
}


def fenced(code: str) -> str:
    return f"```python\n{code}```\n"


def find(run, *trials, verdicts=(), codes=None):
    loaded = LoadedRun(
        run=run, trials=trials, verdicts=verdicts, codes=codes or {}, bad=()
    )
    return find_evidence(loaded, summarise(loaded))


def test_a_published_run_has_ranges_and_no_value(published):
    summaries = summarise(published)
    found = find_evidence(published, summaries)
    assert not found.is_verified
    assert not found.has_structure
    for summary in summaries:
        model_id = summary.model.model_id
        assert evidence_row(found, model_id) == NOTHING
        span = found.ranges[model_id]
        assert 0 <= span.low < span.high <= 100


def test_the_index_is_the_median_of_the_readable_answers(run, trial):
    typed = [trial("fast", n, 10, answer_text=fenced(TYPED)) for n in (1, 2)]
    bare = trial("fast", 3, 10, answer_text=fenced(BARE))
    none = trial("fast", 4, 10, answer_text="I cannot.")
    found = find(run(), *typed, bare, none)
    structure = found.structure("fast")
    # Types 14, docs 14, modules 12 · (½ · ⅓ + ½ · 1) = 8, and nothing else.
    assert found.style("fast") == pytest.approx(36)
    assert (structure.n, structure.n_ok, structure.n_distinct) == (4, 3, 2)
    # With 0 for the one without code: 0, 0, 36, 36.
    assert structure.delivered == pytest.approx(18)
    assert found.index_extremes("fast") == (0, pytest.approx(36))
    assert evidence_row(found, "fast")["structure_index"] == pytest.approx(36)
    assert evidence_row(found, "slow") == NOTHING


def test_a_failed_trial_and_a_warm_up_are_no_answers(run, trial):
    failed = trial(
        "fast",
        1,
        10,
        answer_text=fenced(TYPED),
        outcome="failed",
        failure=Failure(kind="disconnected", message="gone"),
    )
    warmup = trial("fast", 2, 10, answer_text=fenced(TYPED), is_warmup=True)
    found = find(run(), failed, warmup)
    assert found.structure("fast").n == 0
    assert found.style("fast") is None


def test_an_answer_cut_at_the_limit_counts_as_delivered_nothing(run, trial):
    cut = trial(
        "fast",
        1,
        10,
        answer_text="```python\ndef f(a: int",
        finish_reason="length",
        outcome="truncated",
        failure=Failure(kind="limit", message="cut"),
    )
    whole = trial("fast", 2, 10, answer_text=fenced(TYPED))
    structure = find(run(), cut, whole).structure("fast")
    assert structure.statuses == {"ok": 1, "truncated": 1}
    assert structure.style == pytest.approx(36)
    assert structure.delivered == pytest.approx(18)


def test_the_code_as_saved_is_what_is_read(run, trial):
    answer = trial("fast", 1, 10, answer_text=fenced(BARE))
    found = find(run(), answer, codes={("fast", "json-to-csv", 1): TYPED})
    assert found.style("fast") == pytest.approx(36)


def test_models_are_compared_on_the_plans_first_task(run, trial):
    plan = run().plan.model_copy(update={"tasks": ("second", "json-to-csv")})
    first = trial("fast", 1, 10, answer_text=fenced(TYPED))
    second = trial("fast", 1, 10, answer_text=fenced(BARE)).model_copy(
        update={"task_id": "second"}
    )
    found = find(run(plan=plan), first, second)
    assert found.task_id == "second"
    assert found.style("fast") == 0
    assert [p.task_id for p in found.portraits["fast"]] == ["second", "json-to-csv"]


def test_rows_tell_whole_passes_as_integers(run, trial, verdict, case):
    answer = trial("fast", 1, 10, answer_text=fenced(TYPED))
    judged = verdict(TYPED, cases=(case(), case("02-x", "fail")))
    row = evidence_row(find(run(), answer, verdicts=(judged,)), "fast")
    assert (row["level"], row["cases_passed"], row["cases_counted"]) == ("as_is", 1, 2)
    assert isinstance(row["cases_passed"], int)


def test_a_settled_type_is_named(run, trial):
    answers = [
        trial("fast", n, 10, answer_text=fenced(f"print({n})\n")) for n in range(1, 7)
    ]
    found = find(run(), *answers)
    assert found.archetype("fast") == "sketcher"
    assert find(run(), *answers[:4]).archetype("fast") is None
