"""The table of a page's claims, and the definitions of what each kind needs."""

import re
from dataclasses import replace

import pytest

from site_builder.claim_notes import CLAIM_FIELDS, LanguageClaims
from site_builder.claim_table import (
    claim_fields_table,
    claims_table,
    predicates_table,
)
from site_builder.claims.claim import Claim, Fact, Verdict
from site_builder.claims.predicates import PREDICATES
from site_builder.errors import ContentError
from site_builder.method import METHOD_TABLES, method_tables


def verdict(claim_id: str, **changes) -> Verdict:
    fields = {
        "verdict": "holds",
        "is_missing": False,
        "p": None,
        "p_adjusted": None,
        "n": None,
        "facts": (),
    }
    claim = Claim(claim_id=claim_id, assertion="", terms=(), line=1)
    return Verdict(claim=claim, **{**fields, **changes})


FAMILY = Fact(
    key="family",
    numbers={"p": 0.001, "p_adjusted": 0.004, "n_claims": 2, "alpha": 0.05},
)
RANK = Fact(key="rank_test")
VERDICTS = {
    "tested": verdict(
        "tested", p=0.001, p_adjusted=0.004, n=5, facts=(RANK, RANK, FAMILY)
    ),
    "open": verdict(
        "open",
        verdict="undecided",
        p=0.05,
        p_adjusted=0.1,
        n=3,
        facts=(RANK, Fact(key="left_out"), FAMILY),
    ),
    "counted": verdict(
        "counted",
        facts=(
            Fact(key="counted", numbers={"k": 4, "n": 6, "unknown": 0}),
            Fact(key="counted", numbers={"k": 4, "n": 4, "unknown": 0}),
        ),
    ),
    "models": verdict(
        "models",
        verdict="broken",
        facts=(Fact(key="models_counted", numbers={"k": 1, "n": 2, "unknown": 0}),),
    ),
    # Its p is that of another claim: it adds no test of its own.
    "borrowed": verdict(
        "borrowed",
        verdict="undecided",
        is_missing=True,
        p=1.0,
        p_adjusted=1.0,
        facts=(Fact(key="claim"), Fact(key="missing", texts={"what": "value"})),
    ),
}


def table(words, *claim_ids: str):
    claims = LanguageClaims(verdicts=VERDICTS, words=words, names={}, paged=frozenset())
    return claims_table(claim_ids, claims, path="en/index.html")


def test_each_claim_of_the_page_has_one_row_in_order_of_first_use(english):
    shown = table(english, "open", "tested", "open", "borrowed")
    assert [row[0].href for row in shown.rows] == [
        "en/index.html#claim-open-1",
        "en/index.html#claim-tested-1",
        "en/index.html#claim-borrowed-1",
    ]
    assert [[cell.text for cell in row[1:]] for row in shown.rows] == [
        ["not decidable with these trials", "3", "p = 0.100", "exact rank test"],
        ["holds", "5", "p = 0.004", "exact rank test"],
        [
            "not known in this run",
            "–",
            "p = 1.000",
            "another claim, something is not known",
        ],
    ]


def test_counts_show_the_fewest_trials_counted_and_no_p(english):
    counted, models = table(english, "counted", "models").rows
    assert [cell.text for cell in counted[1:]] == ["holds", "4", "–", "counted trials"]
    # Models are no trials.
    assert [cell.text for cell in models[2:4]] == ["–", "–"]


def test_verdicts_differ_by_form_and_not_by_colour_alone(words):
    shown = table(words, *VERDICTS)
    marks = {row[1].mark: row[1].symbol for row in shown.rows}
    assert len(marks) == len(set(marks.values())) == 4


def test_the_note_counts_only_claims_with_a_test_of_their_own(english):
    (note,) = table(english, "counted").notes
    assert note.startswith("Claims tested together: 2.")


def test_a_page_without_claims_says_so(words):
    shown = table(words)
    assert shown.rows == ()
    assert shown.notes == (words("claim.table_none"),)


def test_every_form_of_every_predicate_is_defined_as_the_engine_has_it(words):
    rows = predicates_table(words).rows
    forms = [form for forms in PREDICATES.values() for form in forms]
    assert [row[0].text for row in rows] == [form.usage for form in forms]
    assert all(row[0].is_code for row in rows)
    assert not any("{" in cell.text for row in rows for cell in row)
    kinds = dict(zip((form.usage for form in forms), rows, strict=True))
    for form in forms:
        is_tested = kinds[form.usage][2].text == words("claim.tested_yes")
        assert is_tested == form.is_inferential


def test_definitions_fill_in_the_constants_of_the_rules(english):
    texts = {
        row[0].text.partition("(")[0]: row[1].text
        for row in predicates_table(english).rows
    }
    assert "coverage of at least 90%" in texts["above"]
    assert "at least 95% of 5,000 randomly drawn weights" in texts["stable_rank"]
    assert "p of at most 0.05" in texts["no_trend"] or "Likewise" in texts["no_trend"]


def test_a_predicate_without_words_stops_the_build(words):
    lacking = {k: t for k, t in words.entries.items() if k != "predicate.tie"}
    with pytest.raises(ContentError, match=re.escape("'predicate.tie'")):
        method_tables(replace(words, entries=lacking))


def test_every_field_of_the_data_is_defined(words):
    rows = claim_fields_table(words).rows
    assert [row[0].text for row in rows] == list(CLAIM_FIELDS)
    assert words.section("claim.data_field").keys() == set(CLAIM_FIELDS)


def test_the_method_page_places_both_tables():
    assert {"predicates", "evidence"} <= METHOD_TABLES
