"""A section changed in one language makes the others suspect until confirmed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.errors import ContentError, OutputError
from site_builder.load import Document
from site_builder.prose.reading import Reading, Section
from site_builder.prose.reviews import ALL, accept, confirm, is_accepted, outdated
from site_builder.prose.reviews_file import (
    Acceptance,
    Reviews,
    read_reviews,
    write_reviews,
)

EVERYTHING = frozenset({ALL})
LINES = {"ja": 1, "en": 11, "zh": 21}


def reading(language, key, hashes):
    """Make a document of a hash for each anchor, two lines apart."""
    document = Document(
        path=Path(f"{language}-{key}.md".replace("/", "-")),
        meta={},
        body="",
        first_line=1,
    )
    sections = tuple(
        Section(
            anchor=anchor,
            line=LINES[language] + 2 * place,
            references=(),
            claims=(),
            conditions=(),
            prose_sha256=digest,
        )
        for place, (anchor, digest) in enumerate(hashes.items())
    )
    return Reading(
        key=key, language=language, document=document, sections=sections, problems=()
    )


def article(**hashes):
    """Make the article of each language from its hashes, such as ``a1 b1``."""
    versions = tuple(
        reading(language, "article", {digest[:-1]: digest for digest in text.split()})
        for language, text in hashes.items()
    )
    return {"article": versions}


def told(readings, reviews):
    return [str(problem) for problem in outdated(readings, reviews)]


@pytest.fixture
def confirmed():
    return confirm(article(ja="a1 b1", en="a5 b5"), Reviews(), EVERYTHING)


def test_what_was_confirmed_and_not_changed_is_fine(confirmed):
    assert told(article(ja="a1 b1", en="a5 b5"), confirmed) == []


def test_a_change_in_one_language_makes_the_other_suspect(confirmed):
    (found,) = told(article(ja="a1 b2", en="a5 b5"), confirmed)

    assert found == (
        "en-article.md:13: article#b may be outdated: it was changed elsewhere since "
        "it was confirmed: look at it beside ja-article.md:3, mend what no longer says "
        "the same, then run seikaku check --confirm article#b"
    )


def test_the_primary_language_may_be_the_outdated_one(confirmed):
    (found,) = told(article(ja="a1 b1", en="a6 b5"), confirmed)

    assert found.startswith("ja-article.md:1: article#a may be outdated")


def test_a_change_in_every_language_asks_for_a_look_at_all(confirmed):
    (found,) = told(article(ja="a2 b1", en="a6 b5"), confirmed)

    assert found.startswith(
        "ja-article.md:1: article#a was changed in every language since it was "
        "confirmed: look at it beside en-article.md:11"
    )


def test_a_change_taken_back_is_none(confirmed):
    assert told(article(ja="a1 b2", en="a5 b5"), confirmed)
    assert told(article(ja="a1 b1", en="a5 b5"), confirmed) == []


def test_a_section_never_confirmed_is_told(confirmed):
    (found,) = told(article(ja="a1 b1 c1", en="a5 b5 c5"), confirmed)

    assert found.startswith("ja-article.md:5: article#c has never been confirmed")


def test_where_nothing_was_ever_confirmed_nothing_is_outdated():
    assert told(article(ja="a1 b1", en="a5 b5"), Reviews()) == []


def test_a_document_never_confirmed_beside_confirmed_ones_is_told_once():
    other = {"method": article(ja="a1", en="a5")["article"]}
    (found,) = told(
        article(ja="a1 b1", en="a5 b5"), confirm(other, Reviews(), EVERYTHING)
    )

    assert found == (
        "ja-article.md: article has never been confirmed: look at it beside "
        "en-article.md, mend what no longer says the same, then run seikaku check "
        "--confirm article"
    )


def test_the_only_section_of_a_document_goes_by_its_name():
    def note(ja):
        hashes = {"ja": ja, "en": "5"}
        versions = (reading(lang, "models/a", {"": h}) for lang, h in hashes.items())
        return {"models/a": tuple(versions)}

    (found,) = told(note("2"), confirm(note("1"), Reviews(), EVERYTHING))

    assert found.startswith("en-models-a.md:11: models/a may be outdated")
    assert found.endswith("--confirm models/a")


def test_the_text_before_the_first_heading_has_a_name():
    before = {
        "article": (
            reading("ja", "article", {"": "1", "a": "1"}),
            reading("en", "article", {"": "5", "a": "5"}),
        )
    }
    reviews = confirm(before, Reviews(), EVERYTHING)
    after = {
        "article": (
            reading("ja", "article", {"": "2", "a": "1"}),
            before["article"][1],
        )
    }

    (found,) = told(after, reviews)

    assert found.endswith("--confirm article#")
    assert told(after, confirm(after, reviews, frozenset({"article#"}))) == []


def test_a_section_that_vanished_is_dropped_silently(confirmed):
    shorter = article(ja="a1", en="a5")

    assert told(shorter, confirmed) == []
    again = confirm(shorter, confirmed, frozenset({"article#a"}))
    assert again.sections == {"article": {"a": {"ja": "a1", "en": "a5"}}}


def test_a_section_of_one_language_is_left_to_parity(confirmed):
    assert told(article(ja="a1 b1 c1", en="a5 b5"), confirmed) == []


def test_a_document_of_one_language_is_left_to_parity():
    assert told(article(ja="a1 b1"), Reviews()) == []
    assert told(article(ja="a1 b1", en=""), Reviews()) == []
    assert told(article(ja="", en=""), Reviews()) == []


def test_a_language_added_later_is_unreviewed_once_and_the_others_stay_watched(
    confirmed,
):
    unreviewed, suspect = told(article(ja="a2 b1", en="a5 b5", zh="a8 b8"), confirmed)

    assert unreviewed.startswith(
        "zh-article.md: article is new in zh: look at it beside ja-article.md, "
        "en-article.md"
    )
    assert suspect.startswith("en-article.md:11: article#a may be outdated")


def test_every_unchanged_language_is_suspect():
    readings = article(ja="a1", en="a5", zh="a8")
    reviews = confirm(readings, Reviews(), EVERYTHING)

    found = told(article(ja="a1", en="a6", zh="a8"), reviews)

    assert [p.partition(":")[0] for p in found] == ["ja-article.md", "zh-article.md"]


def test_a_section_translated_later_is_new_in_that_language():
    reviews = confirm(article(ja="a1 b1", en="a5"), Reviews(), EVERYTHING)

    (found,) = told(article(ja="a1 b1", en="a5 b5"), reviews)

    assert found.startswith(
        "en-article.md:13: article#b is new in en: look at it beside ja-article.md:3"
    )


def test_confirming_one_section_leaves_the_others_suspect(confirmed):
    changed = article(ja="a2 b2", en="a5 b5")

    after = confirm(changed, confirmed, frozenset({"article#a"}))

    (found,) = told(changed, after)
    assert "article#b" in found


@pytest.mark.parametrize("name", [ALL, "article"])
def test_confirming_a_document_confirms_its_sections(confirmed, name):
    changed = article(ja="a2 b2", en="a5 b5")

    assert told(changed, confirm(changed, confirmed, frozenset({name}))) == []


def test_an_unknown_name_is_told_with_the_nearest(confirmed):
    wanted = r"--confirm article#aa: .*did you mean 'article#a'\?"
    with pytest.raises(ContentError, match=wanted):
        confirm(article(ja="a1", en="a5"), confirmed, frozenset({"article#aa"}))


def test_a_document_that_cannot_be_read_cannot_be_confirmed(confirmed):
    broken = article(ja="a1 b1", en="")

    assert told(broken, confirmed) == []
    with pytest.raises(ContentError, match=r"en-article\.md: cannot be confirmed"):
        confirm(broken, confirmed, EVERYTHING)


def test_what_was_confirmed_of_a_document_outlasts_its_broken_syntax(confirmed):
    note = {"models/a": (reading("ja", "models/a", {"": "1"}),)}
    broken = article(ja="a1", en="") | note

    after = confirm(broken, confirmed, frozenset({"models/a"}))

    assert after.sections["article"] == confirmed.sections["article"]
    assert after.sections["models/a"] == {"": {"ja": "1"}}


def test_an_accepted_claim_lapses_with_its_assertion_and_its_run():
    reviews = accept(Reviews(), "fastest", assertion="first(x, a)", run_id="r1")

    def holds(claim_id, assertion, run_id):
        return is_accepted(reviews, claim_id, assertion=assertion, run_id=run_id)

    assert holds("fastest", "first(x, a)", "r1")
    assert not holds("fastest", "first(x, b)", "r1")
    assert not holds("fastest", "first(x, a)", "r2")
    assert not holds("slowest", "first(x, a)", "r1")


def test_accepting_anew_replaces_and_keeps_the_others(confirmed):
    reviews = accept(confirmed, "a", assertion="x", run_id="r1")
    reviews = accept(reviews, "b", assertion="y", run_id="r1")
    reviews = accept(reviews, "a", assertion="x", run_id="r2")

    assert reviews.accepted == {
        "a": Acceptance(assertion="x", run_id="r2"),
        "b": Acceptance(assertion="y", run_id="r1"),
    }
    assert reviews.sections == confirmed.sections


def test_confirming_keeps_what_was_accepted():
    reviews = accept(Reviews(), "a", assertion="x", run_id="r1")

    after = confirm(article(ja="a1", en="a5"), reviews, EVERYTHING)

    assert after.accepted == reviews.accepted


def test_the_file_has_a_line_for_each_section_and_claim(tmp_path, confirmed):
    path = tmp_path / "reviews.lock"
    reviews = accept(confirmed, "fastest", assertion='every(x = "é", a)', run_id="r1")

    write_reviews(path, reviews)

    assert path.read_bytes().decode("utf-8") == (
        "{\n"
        '  "accepted": {\n'
        '    "fastest": {"assertion": "every(x = \\"é\\", a)", "run": "r1", '
        '"verdict": "broken"}\n'
        "  },\n"
        '  "sections": {\n'
        '    "article": {\n'
        '      "a": {"en": "a5", "ja": "a1"},\n'
        '      "b": {"en": "b5", "ja": "b1"}\n'
        "    }\n"
        "  },\n"
        '  "version": 1\n'
        "}\n"
    )
    assert read_reviews(path) == reviews


def test_an_empty_list_is_written_and_read(tmp_path):
    path = tmp_path / "reviews.lock"

    write_reviews(path, Reviews())

    assert json.loads(path.read_text(encoding="utf-8")) == {
        "accepted": {},
        "sections": {},
        "version": 1,
    }
    assert read_reviews(path) == Reviews()


NAMES = st.text(min_size=1)
HASHES = st.dictionaries(NAMES, st.text(), min_size=1, max_size=3)
ACCEPTANCES = st.builds(Acceptance, assertion=st.text(), run_id=st.text())


@given(
    sections=st.dictionaries(NAMES, st.dictionaries(st.text(), HASHES), max_size=3),
    accepted=st.dictionaries(NAMES, ACCEPTANCES, max_size=3),
)
def test_whatever_is_written_is_read_again(tmp_path_factory, sections, accepted):
    path = tmp_path_factory.mktemp("reviews") / "reviews.lock"
    reviews = Reviews(sections=sections, accepted=accepted)

    write_reviews(path, reviews)

    assert read_reviews(path) == reviews


def test_a_file_that_is_not_there_confirms_nothing(tmp_path):
    assert read_reviews(tmp_path / "reviews.lock") == Reviews()


GOOD = '{"accepted": {}, "sections": {}, "version": 1}'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Expecting value"),
        ("<<<<<<< HEAD\n" + GOOD, "line 1 column 1"),
        ("[]", "must have accepted, sections, and version"),
        ('{"sections": {}, "version": 1}', "must have accepted"),
        (GOOD.replace("1", "2"), "version is 2"),
        (GOOD.replace("{}", "[]", 1), "'accepted' is no object"),
        (GOOD.replace('"sections": {}', '"sections": []'), "sections is no object"),
        (GOOD.replace('"sections": {}', '"sections": {"a": 1}'), "'a' is no object"),
        (
            GOOD.replace('"sections": {}', '"sections": {"a": {"b": {"ja": 1}}}'),
            "'b' of 'a' is no object of texts",
        ),
        (
            GOOD.replace('"accepted": {}', '"accepted": {"c": {"run": "r"}}'),
            "'c' must have assertion, run, and verdict",
        ),
    ],
)
def test_a_damaged_file_is_told_with_the_way_out(tmp_path, text, fault):
    path = tmp_path / "reviews.lock"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        read_reviews(path)

    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert fault in message
    assert "--confirm all" in message


def test_a_file_that_is_no_text_is_damaged(tmp_path):
    path = tmp_path / "reviews.lock"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(ContentError, match="restore it"):
        read_reviews(path)


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path, monkeypatch, confirmed):
    path = tmp_path / "reviews.lock"
    write_reviews(path, confirmed)
    before = path.read_bytes()

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match=r"reviews\.lock: cannot be written"):
        write_reviews(path, replace(confirmed, sections={}))

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
