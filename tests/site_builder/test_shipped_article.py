"""The shipped article held against whatever run it may be built on."""

import re
import tomllib
from collections import Counter

import pytest

from collector.store import load_run
from site_builder.check import read_content
from site_builder.config import read_config
from site_builder.load import load
from tests.site_builder.shipped import (
    ALL,
    CONTENT,
    SCENARIOS,
    expected_code,
    expected_timing,
    shown,
    timing_claims,
    verdicts_of,
)

pytestmark = pytest.mark.slow

LANGUAGES = ("ja", "en")
UNKNOWN = {
    "ja": r"（不明）|不明(?:の(?!項目)|を|で|は|が|、|に届)",
    "en": r"\(unknown\)|(?:after|at|in|of|for|is|takes|wrote|and) unknown",
}
"""The languages' word for a value that is not known, where a value would stand."""


def html_of(text):
    return "".join(str(part.html) for part in text.parts if part.kind == "html")


def words_of(text):
    return re.sub(r"<[^>]+>", "", html_of(text))


def shown_claims(text):
    """Return each claim in the HTML with its verdict, in order."""
    return re.findall(
        r'<span class="(claim [\w -]+)" id="(claim-[\w-]+)"', html_of(text)
    )


def test_nothing_is_wrong_with_the_shipped_texts():
    config = read_config(CONTENT / "site.toml")
    records = CONTENT / "records"
    sources = load(CONTENT, records=records, config=config, run_id="published")
    assert [str(problem) for problem in read_content(sources).problems] == []


@pytest.mark.parametrize("scenario", ALL)
def test_every_verdict_has_words_and_every_value_shown_is_known(scenario):
    assert [str(problem) for problem in shown(scenario).problems] == []


@pytest.mark.parametrize("scenario", ALL)
def test_claims_about_times_have_the_verdicts_that_raw_values_give(scenario):
    content = shown(scenario)
    expected = expected_timing(scenario, content.run)
    found = verdicts_of(content)
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("scenario", ALL)
def test_claims_about_code_have_the_verdicts_known_beforehand(scenario):
    expected, found = expected_code(scenario), verdicts_of(shown(scenario))
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("scenario", ALL)
def test_both_languages_show_the_same_branches_in_the_same_order(scenario):
    texts = shown(scenario).texts
    keys = {key for _, key in texts}
    for key in keys - {"method"}:
        japanese, english = (
            shown_claims(texts[language, key]) for language in LANGUAGES
        )
        assert japanese == english
        assert japanese


def test_a_value_that_is_not_known_would_be_found():
    text = shown("nothing came").texts
    for language in LANGUAGES:
        assert (
            len(re.findall(UNKNOWN[language], words_of(text[language, "article"]))) >= 4
        )


def test_every_claim_stands_in_some_text_of_the_published_run():
    texts = shown("published").texts
    for language in LANGUAGES:
        told = {c for (of, _), t in texts.items() if of == language for c in t.claims}
        # What running the code showed stands where there is a chart of it.
        assert set(shown("published").verdicts) == told


@pytest.mark.parametrize(
    "scenario",
    [name for name in SCENARIOS if name not in ("one model missing", "nothing came")],
)
def test_no_value_that_is_known_is_called_unknown(scenario):
    for (language, key), text in shown(scenario).texts.items():
        if key != "method":
            assert re.findall(UNKNOWN[language], words_of(text)) == []


@pytest.mark.parametrize("scenario", ALL)
def test_sentences_end_and_hold_no_leftovers(scenario):
    for (language, _), text in shown(scenario).texts.items():
        for sentence in text.sentences.values():
            assert sentence[-1] in ("。" if language == "ja" else ".")
            assert not re.search(r"\{|\}|\|\||…", sentence)


@pytest.mark.parametrize("scenario", ALL)
def test_paragraphs_and_list_items_stay_apart_behind_a_claim(scenario):
    for language in LANGUAGES:
        texts = shown(scenario).texts
        assert html_of(texts[language, "article"]).count("<li>") == 4 + 4 + 5 + 9
        assert not re.search(r"(?:。|\.)- ", words_of(texts[language, "article"]))


@pytest.mark.parametrize(
    ("scenario", "claim_id", "japanese", "english"),
    [
        ("as measured", "fastest", "最も速く", "the fastest writer"),
        ("ten per cent slower", "fastest", "最も速く", "the fastest writer"),
        ("sixty per cent slower", "fastest", "単独の先頭には立って", "not stand alone"),
        ("sixty per cent slower", "longer-wait", "達しません", "falls short of"),
        (
            "three trials",
            "fastest",
            "値が最も大きい",
            "figure for speed is the highest",
        ),
        ("equal", "fastest", "単独の先頭には立って", "not stand alone"),
        ("near", "fast-margin", "届きません", "falls short of"),
        ("one model missing", "hermes-between", "定まりません", "cannot be determined"),
        ("code fails", "sketch-runs", "言えない回答", "that cannot be said"),
        ("parts exchanged", "two-ends", "成り立ちません", "did not hold"),
        ("drift", "no-drift", "傾向が見られました", "showed a trend"),
        ("published", "sketch-terse", "最も少なかったとされる", "said to explain"),
    ],
)
def test_the_article_says_what_the_run_shows(scenario, claim_id, japanese, english):
    texts = shown(scenario).texts
    assert japanese in texts["ja", "article"].sentences[claim_id]
    assert english in texts["en", "article"].sentences[claim_id]


def test_a_demo_says_so_on_every_text():
    texts = shown("demo").texts
    for key in {key for _, key in texts} - {"method"}:
        assert "実在のモデル" in words_of(texts["ja", key])
        assert "real model" in words_of(texts["en", key])


@pytest.mark.parametrize("scenario", ["published", "as measured"])
def test_only_a_demo_calls_itself_one(scenario):
    for (language, _), text in shown(scenario).texts.items():
        word = {"ja": "代役", "en": "stand-in"}[language]
        assert word not in words_of(text)


def test_titles_and_phrases_are_the_same_whatever_the_run_shows():
    usual, other = (
        {
            place: {k: v for k, v in text.meta.items() if k != "description"}
            for place, text in shown(scenario).texts.items()
        }
        for scenario in ("as measured", "parts exchanged")
    )
    assert usual == other


def test_the_registry_keeps_to_claims_that_can_be_decided():
    entries = tomllib.loads((CONTENT / "claims.toml").read_text(encoding="utf-8"))
    used = Counter(
        name
        for entry in entries.values()
        for name in re.findall(r"([a-z_]+)\(", entry["assert"])
    )
    assert set(used) <= {
        *("first", "last", "ratio", "tie", "order", "stable_rank"),
        *("every", "none", "no_trend", "claim"),
    }
    assert set(entries) == {
        *timing_claims(load_run(CONTENT / "records", "published")),
        *expected_code("published"),
        "no-drift",
        "two-ends",
    }
