"""What one language says and another does not is reported, each difference once."""

from dataclasses import replace
from pathlib import Path

import pytest

from site_builder.load import Document
from site_builder.prose.parity import COUNTED, check_parity, check_unused
from site_builder.prose.reading import ClaimUse, Reading, Reference, Section


def ref(written, line=5):
    """Make a reference of ``v(ttft_s, a)`` or ``calibration(tok_s, 76)``."""
    function, _, rest = written.rstrip(")").partition("(")
    arguments = tuple(
        float(text) if text.strip().isdigit() else text.strip()
        for text in rest.split(",")
    )
    return Reference(function=function, arguments=arguments, line=line)


def claim(claim_id, *branches, line=6):
    return ClaimUse(
        claim_id=claim_id, line=line, branches=frozenset(branches or ("holds",))
    )


def section(anchor, *items, conditions=(), line=4):
    return Section(
        anchor=anchor,
        line=line,
        references=tuple(item for item in items if isinstance(item, Reference)),
        claims=tuple(item for item in items if isinstance(item, ClaimUse)),
        conditions=tuple(conditions),
        prose_sha256="",
    )


def reading(language, *sections, key="article"):
    document = Document(
        path=Path(f"{language}-{key}.md".replace("/", "-")),
        meta={},
        body="",
        first_line=1,
    )
    return Reading(
        key=key, language=language, document=document, sections=sections, problems=()
    )


def parity(*versions):
    return [str(problem) for problem in check_parity({"article": versions})]


def compare(ja, en):
    """Compare what one section holds."""
    return parity(
        reading("ja", section("", line=1), ja), reading("en", section("", line=1), en)
    )


def test_languages_that_say_the_same_are_left_alone():
    one = section(
        "speed",
        ref("v(ttft_s, a)"),
        ref("v(ttft_s, b)"),
        ref("figure(rates)"),
        claim("fastest", "holds", "broken"),
        claim("only"),
        conditions=['source == "demo"', "is_verified"],
    )
    other = section(
        "speed",
        ref("figure(rates)", line=15),
        ref("v(ttft_s, b)", line=16),
        ref("v(ttft_s, a)", line=17),
        claim("fastest", "broken", "holds", line=18),
        claim("only", line=19),
        conditions=['source == "demo"', "is_verified"],
        line=14,
    )

    assert compare(one, other) == []


def test_names_and_links_may_be_used_as_often_as_sentences_need():
    free = ("name(a)", "model_link(a)", "n_models()", "observations(a)")
    assert compare(section("speed", *map(ref, free)), section("speed")) == []


@pytest.mark.parametrize("function", sorted(COUNTED))
def test_a_reference_of_one_language_is_reported_with_both_places(function):
    lone = section("speed", ref(f"{function}(x)", line=7))

    (here,) = compare(lone, section("speed", line=9))
    (there,) = compare(section("speed", line=9), lone)

    assert here == (
        f'ja-article.md:7: section #speed: the reference {function}("x") is not '
        "in en-article.md:9: write it there, too, or take it out here"
    )
    assert there.startswith("en-article.md:7: ")
    assert "ja-article.md:9" in there


def test_a_reference_to_another_model_is_two_differences():
    found = compare(
        section("speed", ref("v(ttft_s, a)")), section("speed", ref("v(ttft_s, b)"))
    )

    assert [(p.startswith("ja-article"), '"b"' in p) for p in found] == [
        (True, False),
        (False, True),
    ]


def test_a_reference_used_more_often_is_told_with_its_lines():
    (found,) = compare(
        section("speed", *(ref("v(ttft_s, a)", line=n) for n in (5, 7, 8))),
        section("speed", ref("v(ttft_s, a)", line=11)),
    )

    assert found == (
        'ja-article.md:7: section #speed: the reference v("ttft_s", "a") stands '
        "here 3 times and in en-article.md (line 11) 1: write it as often, or "
        "take it out here"
    )


def test_of_a_typed_number_its_reason_is_free():
    assert (
        compare(
            section("speed", ref("num(3, 課題の数)")),
            section("speed", ref("num(3, tasks)")),
        )
        == []
    )
    assert (
        len(
            compare(
                section("speed", ref("num(3, tasks)")),
                section("speed", ref("num(4, tasks)")),
            )
        )
        == 2
    )


def test_a_reference_moved_to_another_section_is_reported_in_both():
    found = parity(
        reading("ja", section("a", ref("table(x)")), section("b")),
        reading("en", section("a"), section("b", ref("table(x)"))),
    )

    assert ["section #a" in p for p in found] == [True, False]


def test_a_lone_claim_is_reported():
    (found,) = compare(
        section("speed", claim("fastest"), claim("only", line=8)),
        section("speed", claim("fastest"), line=9),
    )

    assert found.startswith("ja-article.md:8: section #speed: the claim 'only'")
    assert "is not in en-article.md:9" in found


def test_claims_in_another_order_are_one_difference():
    (found,) = compare(
        section("speed", claim("a", line=5), claim("b", line=6), claim("c", line=7)),
        section("speed", claim("b", line=15), claim("a", line=16), claim("c", line=17)),
    )

    assert found == (
        "en-article.md:15: section #speed: the claim 'b' stands where "
        "ja-article.md:5 has 'a': put them into the same order"
    )


def test_a_lone_claim_does_not_make_the_others_disordered():
    found = compare(
        section("speed", claim("new"), claim("a"), claim("b")),
        section("speed", claim("a"), claim("b"), claim("old")),
    )

    assert [("'new'" in p, "'old'" in p) for p in found] == [
        (True, False),
        (False, True),
    ]


def test_a_claim_stated_more_often_is_one_difference():
    (found,) = compare(
        section("speed", claim("a", line=5), claim("b", line=6), claim("a", line=7)),
        section("speed", claim("a", line=15), claim("b", line=16)),
    )

    assert found.startswith("ja-article.md:7: ")


def test_a_wording_one_language_lacks_is_reported_where_it_lacks():
    (found,) = compare(
        section("speed", claim("a", "holds", "undecided", "broken", line=6)),
        section("speed", claim("a", "holds", "broken", line=16)),
    )

    assert found == (
        "en-article.md:16: section #speed: the claim 'a' has a wording for "
        "undecided in ja-article.md:6 and none here: write it, or take it out "
        "there"
    )


def test_each_side_is_told_which_wordings_it_lacks():
    found = compare(
        section("speed", claim("a", "holds", "missing", "broken")),
        section("speed", claim("a", "holds", "undecided")),
    )

    assert [p.split("wording for ")[1].split(" in ")[0] for p in found] == [
        "broken, missing",
        "undecided",
    ]


def test_a_claim_stated_twice_is_compared_use_by_use():
    (found,) = compare(
        section("speed", claim("a", "holds"), claim("a", "holds", "broken")),
        section("speed", claim("a", "holds"), claim("a", "holds", line=17)),
    )

    assert found.startswith("en-article.md:17: ")


def test_tests_must_be_the_same():
    found = compare(
        section("speed", conditions=['source == "demo"', "is_verified"]),
        section("speed", conditions=['source == "demo"', "has_structure"], line=9),
    )

    assert [p.partition(" is not in ")[0] for p in found] == [
        "ja-article.md:4: section #speed: the test {% if is_verified %}",
        "en-article.md:9: section #speed: the test {% if has_structure %}",
    ]


def test_tests_in_another_order_are_one_difference():
    (found,) = compare(
        section("speed", conditions=["is_verified", "has_structure"]),
        section("speed", conditions=["has_structure", "is_verified"]),
    )

    assert "put them into the same order" in found


def test_a_lone_section_is_reported_once_and_not_piece_by_piece():
    (found,) = parity(
        reading("ja", section("a", line=3), section("b", claim("x"), ref("v(m, a)"))),
        reading("en", section("a", line=13)),
    )

    assert found == (
        "ja-article.md:4: section #b is not in en-article.md: write it "
        "there after line 13 with the heading's anchor {#b}, or take it out here"
    )


def test_sections_in_another_order_are_one_difference_and_still_compared():
    order, missing = parity(
        reading("ja", section("a", line=1), section("b", claim("x"), line=2)),
        reading("en", section("b", line=11), section("a", line=12)),
    )

    assert order == (
        "en-article.md:11: section #b stands where ja-article.md:1 has "
        "section #a: put the sections into the same order"
    )
    assert "the claim 'x'" in missing


def test_the_text_before_the_first_heading_is_named_as_that():
    (found,) = parity(
        reading("ja", section("", claim("x"))), reading("en", section(""))
    )

    assert "the text before the first heading: the claim 'x'" in found


def test_each_language_is_compared_with_the_primary_one():
    found = parity(
        reading("ja", section("a", claim("x"))),
        reading("en", section("a", claim("x"))),
        reading("zh-Hant", section("a", claim("y"))),
    )

    assert len(found) == 2
    assert all("zh-Hant" in p for p in found)


def test_a_document_of_one_language_is_reported():
    readings = {
        "article": (reading("ja", section("")), reading("en", section(""))),
        "models/a": (reading("en", section("", claim("x")), key="models/a"),),
    }

    (found,) = map(str, check_parity(readings))

    assert found == (
        "en-models-a.md: models/a is written in en and not in ja: translate it, "
        "or take it out of every language"
    )


def test_a_document_that_could_not_be_read_is_not_compared():
    assert parity(reading("ja"), reading("en", section("a", claim("x")))) == []
    assert parity(reading("ja", section("a", claim("x"))), reading("en")) == []


REGISTRY = Path("claims.toml")


def test_a_claim_no_text_states_is_named_with_its_line():
    readings = {"article": (reading("ja", section("a", claim("used"))),)}

    (found,) = check_unused({"used": 1, "idle": 4}, readings, registry=REGISTRY)

    assert str(found).startswith("claims.toml:4: no text states the claim 'idle'")


def test_a_claim_only_one_language_states_is_a_difference_and_not_unused():
    versions = (reading("ja", section("a", claim("x"))), reading("en", section("a")))

    assert check_unused({"x": 1}, {"article": versions}, registry=REGISTRY) == ()
    assert len(check_parity({"article": versions})) == 1


def test_nothing_is_called_unused_while_a_text_cannot_be_read():
    versions = (reading("ja", section("a")), reading("en"))

    assert check_unused({"x": 1}, {"article": versions}, registry=REGISTRY) == ()


def test_no_difference_is_told_twice():
    def busy(*claims, shift):
        return section(
            "a",
            *(claim(name, line=shift + n) for n, name in enumerate(claims)),
            ref("v(m, a)", line=shift),
            conditions=claims,
            line=shift,
        )

    found = parity(
        reading("ja", busy("x", "y", "z", shift=1)),
        reading("en", replace(busy("z", "x", "w", shift=20), references=())),
    )

    assert len(found) == len(set(found)) == 2 * 3 + 1
