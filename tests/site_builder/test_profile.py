"""How code is built, as a reader sees it: values with what they were counted from."""

import pytest

from collector.store import LoadedRun
from site_builder.analysis.summary import summarise
from site_builder.findings import find_evidence
from site_builder.profile import profile_evidence, range_evidence

TYPED = '''def f(a: int) -> int:
    """Return it."""
    return a  # {n}
'''


@pytest.fixture
def portraits(run, trial):
    def draw(*texts):
        trials = tuple(
            trial("fast", n, 10, answer_text=text) for n, text in enumerate(texts, 1)
        )
        loaded = LoadedRun(run=run(), trials=trials, verdicts=(), codes={}, bad=())
        return find_evidence(loaded, summarise(loaded)).portraits["fast"]

    return draw


def fenced(code: str) -> str:
    return f"```python\n{code}```\n"


def cells(part, table_id):
    (table,) = [t for t in part.tables if t.table_id == table_id]
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}


def test_each_trait_shows_weight_value_and_what_was_counted(portraits, english):
    answers = [fenced(TYPED.format(n=n)) for n in (1, 2)]
    (part,) = profile_evidence(
        portraits(*answers, fenced("x = 1\n")), english, name="M"
    )
    rows = cells(part, "traits-1")
    assert len(rows) == 9
    # Two answers with 2 of 2 slots, one without any.
    assert rows["T1 Types"] == ["14", "1.00", "0.00–1.00", "2 of 2 (×2); 0 of 0"]
    # 0.6 for the docstring, 0.4 · 0 of 1 parameter.
    assert rows["T2 Docstrings"][1] == "0.60"
    assert rows["T4 Input checks"] == ["12", "0.00", "0.00", "0 (×3)"]


def test_how_failures_are_caught_is_told_in_words(portraits, english):
    broad = "try:\n    f()\nexcept Exception:\n    pass\n"
    named = "try:\n    f()\nexcept (OSError, ValueError):\n    print(1)\n"
    answers = (fenced(broad), fenced(named))
    (part,) = profile_evidence(portraits(*answers), english, name="M")
    counted = cells(part, "traits-1")["T3 Error handling"][3]
    assert counted == "kinds 0, broad yes, silent yes; kinds 2, broad no, silent no"


def test_the_index_names_the_answers_it_rests_on(portraits, english):
    (part,) = profile_evidence(
        portraits(fenced(TYPED), fenced(TYPED), "no code"), english, name="M"
    )
    said = " ".join(part.texts)
    assert "the median of 2 readable answers out of 3" in said
    assert "Readable answers: 2; different codes: 1." in said
    assert english("profile.hollow") in part.texts
    assert "As delivered" in said
    # One different code: there is no interval, and no type either.
    assert "true median" not in said
    assert "Type" not in said


def test_six_equal_forms_make_a_type_with_its_votes(portraits, english):
    answers = [fenced(f"print({n})\n") for n in range(6)]
    (part,) = profile_evidence(portraits(*answers), english, name="M")
    assert "Type: sketcher (6 of 6 answers)." in part.texts
    assert cells(part, "types-1")["Trial 1"] == [
        "sketcher",
        "Rule 1",
        "contract 0.00, robustness 0.00",
    ]
    # Six values: the whole range holds the median 96.9 times of a hundred.
    assert any("certainty of 96.9%" in text for text in part.texts)


def test_facts_stand_beside_with_unknown_for_what_cannot_be_read(portraits, english):
    code = "import pandas\nf = open('a.csv', 'w')\n"
    (part,) = profile_evidence(portraits(fenced(code), "no code"), english, name="M")
    rows = cells(part, "facts-1")
    read, unread = rows["Trial 1"], rows["Trial 2"]
    assert read[0] == "code could be read"
    assert (read[1], read[6], read[8]) == ("2", "1", "pandas")
    assert unread == ["no code", *["unknown"] * 8]


def test_without_readable_code_there_are_facts_and_no_index(portraits, words):
    (part,) = profile_evidence(portraits("nothing"), words, name="M")
    assert [table.table_id for table in part.tables] == ["facts-1"]
    assert words("profile.none") in part.texts
    assert part.remarks == ()


def test_the_constants_of_a_formula_stand_in_its_definition(portraits, english):
    (part,) = profile_evidence(portraits(fenced(TYPED)), english, name="M")
    told = {item.label: item.text for item in part.remarks}
    assert "0.6 times" in told["T2 Docstrings"]
    assert "0.4 times" in told["T2 Docstrings"]
    assert "at most 15" in told["T7 Division"]
    assert "500 Japanese characters or 265 Latin words" in told["T9 Explanation"]


def test_published_words_give_bounds_and_say_that_they_are_a_reading(
    published, english
):
    summaries = summarise(published)
    found = find_evidence(published, summaries)
    part = range_evidence(found.ranges["hermes-4-14b"], english, name="Hermes")
    (table,) = part.tables
    assert ("tidy branches", "Input checks", "0.33–1.00") in [
        tuple(cell.text for cell in row[:3]) for row in table.rows
    ]
    assert "not a measurement" in part.texts[0]
