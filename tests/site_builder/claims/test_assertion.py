"""Assertions into terms, and what a writer is told of each fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.claims.assertion import parse_assertion
from site_builder.claims.claim import Condition, Term
from site_builder.claims.predicates import PREDICATES


def test_every_example_of_every_predicate_is_read():
    for name, forms in PREDICATES.items():
        for form in forms:
            parsed = parse_assertion(form.usage)
            assert parsed.faults == ()
            assert [term.predicate for term in parsed.terms] == [name]


def test_terms_conditions_and_numbers_are_told_apart():
    text = (
        "ratio(decode_tok_s, a, 7b-b.v2) >= 1.5&every(trait:types>=0.5, a , b)"
        " & type(a) = sketcher & count(uses:csv.DictWriter, a) != 3"
    )
    parsed = parse_assertion(text)
    assert parsed.faults == ()
    assert parsed.terms == (
        Term(
            predicate="ratio",
            arguments=("decode_tok_s", "a", "7b-b.v2"),
            comparison=">=",
            limit=1.5,
        ),
        Term(
            predicate="every",
            arguments=(
                Condition(field="trait:types", comparison=">=", value=0.5),
                "a",
                "b",
            ),
        ),
        Term(predicate="type", arguments=("a", "sketcher"), comparison="="),
        Term(
            predicate="count",
            arguments=(Condition(field="uses:csv.DictWriter"), "a"),
            comparison="!=",
            limit=3.0,
        ),
    )


def test_what_only_means_is_told_by_its_arguments():
    of_number, of_trials = parse_assertion(
        "only(decode_tok_s, a, 50) & only(option:bom, a)"
    ).terms
    assert of_number.arguments == ("decode_tok_s", "a", 50.0)
    assert of_trials.arguments == (Condition(field="option:bom"), "a")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("frist(decode_tok_s, a)", "unknown predicate 'frist': did you mean 'first'?"),
        ("first(decode_tok_s)", "first: it has 1 arguments: write it like first("),
        ("first(decode_tok_s, a, b)", "first: it has 3 arguments"),
        ("first()", "first: it has no arguments: write it like first("),
        ("order(decode_tok_s, a)", "order: it has 2 arguments"),
        ("ratio(decode_tok_s, a, b)", "a comparison must follow, and it lacks one"),
        ("ratio(decode_tok_s, a, b) = 2", "= cannot follow it: write one of >= > <= <"),
        ("type(a) >= sketcher", ">= cannot follow it: write one of ="),
        (
            "first(decode_tok_s, a) > 2",
            "first: it is held against nothing: take out > 2",
        ),
        ("first(decode_tok_s, 3)", "the number 3 stands where a model's id is due"),
        ("type(a) = 5", "the number 5 stands where a type is due"),
        ("above(decode_tok_s, a, b)", "'b' stands where a number is due"),
        ("ratio(decode_tok_s, a, b) >= c", "'c' stands where a number is due"),
        ("first(level = as_is, a)", "'level = as_is' stands where a quantity is due"),
        ("ratio(decode_tok_s, a, b) == 2", "'==' is no comparison: write ="),
        ("first decode_tok_s", "first: 'decode_tok_s' stands where '(' is due"),
        ("first(decode_tok_s, a", "first: the end stands where ')' is due"),
        ("first(decode_tok_s,, a)", "first: ',' stands where a word is due"),
        ("first(decode_tok_s, a) last(x, b)", "'last' follows its end: put &"),
        ("first(decode_tok_s, a) &", "a term is missing"),
        ("", "a term is missing"),
        ("first(decode_tok_s, 'a')", '"\'" means nothing here'),
        ("ratio(decode_tok_s, a, a) >= 2", "'a' is named twice"),
        ("every(answer = ok, a, a)", "'a' is named twice"),
        ("ratio(decode_tok_s, a, b) >= 0", "0 is no ratio"),
        ("tie(decode_tok_s, a, b, 1)", "1 is no width"),
        ("count(option:bom, a) >= 1.5", "1.5 is no count"),
        ("models(option:bom) >= -1", "-1 is no count"),
    ],
)
def test_a_fault_says_what_and_what_to_do(text, told):
    (fault,) = parse_assertion(text).faults
    assert told in fault


def test_all_faulty_terms_are_told_and_the_sound_ones_kept():
    parsed = parse_assertion("frist(a) & first(decode_tok_s, a) & tie(x) & last(x, 1)")
    assert len(parsed.faults) == 3
    assert [term.predicate for term in parsed.terms] == ["first"]


@given(st.text(alphabet="first(),&<>=! ab1.:_-'", max_size=40))
def test_any_text_is_read_or_told(text):
    parsed = parse_assertion(text)
    assert parsed.terms or parsed.faults
