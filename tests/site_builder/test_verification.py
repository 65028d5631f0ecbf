"""What a reader sees of verdicts: by symbol and word, every reason as text."""

import pytest

from site_builder.evidence import Bench, Setting, Verification
from site_builder.verification import verification_evidence


def setting(**changes) -> Setting:
    fields = {
        "task_id": "json-to-csv",
        "sandbox": "bubblewrap",
        "sandbox_version": "0.8.0",
        "guest_python": "3.11.2",
        "judge_version": "judge/1",
        "task_sha256": "a" * 64,
    }
    return Setting(**{**fields, **changes})


def shown(words, *verdicts, sandbox="bubblewrap"):
    bench = Bench(setting=setting(sandbox=sandbox), verdicts=verdicts)
    (part,) = verification_evidence(Verification(benches=(bench,)), words, name="M")
    return part


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_rows_are_cases_and_columns_trials(verdict, case, english):
    first = verdict(cases=(case("01-flat"), case("03-late-keys", "fail")))
    second = verdict(number=2, cases=(case("01-flat", "lenient"),))
    _, matrix = shown(english, first, second).tables
    assert [cell.text for cell in matrix.head] == ["Case", "Trial 1", "Trial 2"]
    assert texts(matrix) == [
        ["Flat objects", "pass", "lenient"],
        ["Key that appears late", "fail", "not run"],
    ]
    assert [[c.symbol for c in row[1:]] for row in matrix.rows] == [
        ["✓", "△"],
        ["✕", "–"],
    ]


def test_every_result_has_a_symbol_a_word_and_a_style_of_its_own(verdict, case, words):
    results = ("pass", "lenient", "fail", "timeout", "flaky", "not_run")
    cases = tuple(case(f"{n:02d}-x", result) for n, result in enumerate(results))
    _, matrix = shown(words, verdict(cases=cases)).tables
    cells = [row[1] for row in matrix.rows]
    for kind in ("symbol", "text", "mark"):
        assert len({getattr(cell, kind) for cell in cells}) == len(results)


def test_the_portability_case_stands_in_a_table_of_its_own(verdict, case, english):
    windows = case("19-japanese-windows", "fail", is_counted=False)
    part = shown(english, verdict(cases=(case(), windows)))
    levels, counted, apart = part.tables
    assert texts(counted) == [["Flat objects", "pass"]]
    assert texts(apart) == [["Japanese Windows", "fail"]]
    assert "not counted" in apart.caption
    assert levels.rows[0][2].text == "1 + 0 of 1"


def test_reasons_are_listed_once_with_the_trials_they_concern(verdict, case, english):
    late = case("03-late-keys", "fail", reason="the column email is lost")
    once = case("18-scale", "timeout", reason="it was stopped after 60 s")
    part = shown(
        english,
        verdict(cases=(late, once)),
        verdict(number=2, cases=(late,)),
    )
    assert [(item.label, item.text) for item in part.remarks] == [
        ("Key that appears late: fail (all 2 trials)", "the column email is lost"),
        ("Large input: timed out (Trial 1)", "it was stopped after 60 s"),
    ]
    assert {item.tongue for item in part.remarks} == {"en"}


def test_the_same_case_with_other_reasons_is_listed_twice(verdict, case, english):
    part = shown(
        english,
        verdict(cases=(case(result="fail", reason="a"),)),
        verdict(number=2, cases=(case(result="fail", reason="b"),)),
    )
    assert [item.label for item in part.remarks] == [
        "Flat objects: fail (Trial 1)",
        "Flat objects: fail (Trial 2)",
    ]


def test_a_diff_and_the_ways_tried_can_be_unfolded(verdict, english):
    adjusted = verdict(
        level="names_adjusted", diff="-a\u202e\n+b\n", tried=("f(in): no output",)
    )
    part = shown(english, adjusted, verdict(number=2, tried=("f(in): no output",)))
    assert [fold.title for fold in part.folds] == [
        "What was changed (Trial 1)",
        "Ways of calling that were tried (all 2 trials)",
    ]
    # What would hide or reorder text is written out.
    assert part.folds[0].text == "-a⟨U+202E⟩\n+b\n"
    levels = part.tables[0]
    assert texts(levels)[0][:2] == ["Trial 1", "file names adjusted"]
    assert texts(levels)[0][3] == "convert(in, out)"


def test_sandbox_python_and_rules_are_told(verdict, words):
    part = shown(words, verdict())
    (told,) = part.texts
    for fact in ("0.8.0", "3.11.2", "judge/1"):
        assert fact in told
    assert part.warnings == ()


def test_code_that_ran_without_a_sandbox_is_said_to_have(verdict, words):
    part = shown(words, verdict(sandbox="none"), sandbox="none")
    assert part.warnings == (words("verification.no_sandbox"),)


def test_two_sandboxes_stand_apart_and_the_page_says_so(verdict, words):
    benches = (
        Bench(setting=setting(), verdicts=(verdict(),)),
        Bench(
            setting=setting(sandbox="wasi"),
            verdicts=(verdict(number=2, sandbox="wasi"),),
        ),
    )
    said, *parts = verification_evidence(Verification(benches=benches), words, name="M")
    assert said.texts == (words("verification.several_settings"),)
    assert ["bubblewrap" in part.title for part in parts] == [True, False]
    assert ["WASI" in part.title for part in parts] == [False, True]
    ids = [table.table_id for part in parts for table in part.tables]
    assert len(ids) == len(set(ids))


def test_what_was_not_executed_is_announced_with_its_reason(verdict, english):
    idle = verdict(
        level="not_executed",
        reason="there is no sandbox on this machine",
        call=None,
        sandbox=None,
        cases=(),
    )
    (part,) = verification_evidence(Verification(unplaced=(idle,)), english, name="M")
    assert part.warnings == (english("verification.not_executed"),)
    assert texts(part.tables[0]) == [["Trial 1", "not executed", "unknown", "–"]]
    assert part.remarks[0].text == "there is no sandbox on this machine"


def test_an_answer_without_code_passes_nothing_and_is_no_warning(
    verdict, case, english
):
    none = verdict(
        None,
        level="fails",
        reason="the answer holds no code",
        call=None,
        sandbox=None,
        cases=(case(result="not_run"), case("02-missing-keys", "not_run")),
    )
    (part,) = verification_evidence(Verification(unplaced=(none,)), english, name="M")
    assert part.warnings == ()
    assert texts(part.tables[0]) == [["Trial 1", "fails", "0 + 0 of 2", "–"]]


def test_stale_and_missing_verdicts_are_named(verdict, english):
    parts = verification_evidence(
        Verification(stale=(verdict(number=3),), n_missing=2), english, name="M"
    )
    stale, missing = parts
    assert "Trial 3" in stale.warnings[0]
    assert missing.texts == ("Answers with code that have not been run: 2.",)


def test_unknown_cases_sandboxes_and_notes_keep_their_own_names(verdict, case, english):
    part = shown(
        english,
        verdict(cases=(case("99-new"),), notes=("column_order_varies", "brand_new")),
        sandbox="firecracker",
    )
    assert "firecracker" in part.title
    assert texts(part.tables[1]) == [["99-new", "pass"]]
    assert [(item.text, item.tongue) for item in part.remarks] == [
        ("The order of the columns changes from run to run.", ""),
        ("brand_new", "en"),
    ]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_judged_shows_nothing(request, language):
    words = request.getfixturevalue({"en": "english", "ja": "japanese"}[language])
    assert verification_evidence(Verification(), words, name="M") == ()
