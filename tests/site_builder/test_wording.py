"""Claims and evidence in words: everything the engine may say, in every language."""

import ast
import re
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from site_builder.claim_table import BASES, WITHOUT_BASIS
from site_builder.claims import wording
from site_builder.claims.amounts import metric_text, p_text, percent
from site_builder.claims.assertion import parse_assertion
from site_builder.claims.claim import Claim, Fact, Verdict
from site_builder.claims.predicates import PREDICATES
from site_builder.claims.quantities import QUANTITIES
from site_builder.claims.trial_fields import FIELDS
from site_builder.claims.wording import (
    FACT_KEYS,
    MISSING,
    assertion_text,
    condition_text,
    fact_text,
    form_key,
    standing_text,
)
from site_builder.errors import ContentError

ENGINE = Path(wording.__file__).parent
NAMES = {"a": "Alpha", "b": "Beta [4B]", "c": "Gamma"}
FORMS = {
    form_key(name, form.kinds): form
    for name, forms in PREDICATES.items()
    for form in forms
}
RANK_TEST = Fact(
    key="rank_test",
    metric="decode_tok_s",
    models=("a", "b"),
    numbers={
        "median_first": 76.02,
        "median_second": 32.68,
        "n_first": 6,
        "n_second": 5,
        "p": 1 / 462,
    },
    texts={"side": "higher"},
)


def says(assertion: str, words) -> str:
    parsed = parse_assertion(assertion)
    assert not parsed.faults
    claim = Claim(claim_id="x", assertion=assertion, terms=parsed.terms, line=1)
    return assertion_text(claim, words, NAMES)


def texts_of(node: ast.expr) -> set[str]:
    """Return a text that is written out; of a choice between two, both."""
    if isinstance(node, ast.IfExp):
        return texts_of(node.body) | texts_of(node.orelse)
    return {str(node.value)} if isinstance(node, ast.Constant) else set()


def keys_in(path: Path) -> tuple[set[str], set[str]]:
    """Return the keys of facts a module of the engine writes, and what it misses."""
    facts: set[str] = set()
    missing: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "key":
            facts |= texts_of(node.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Fact":
            keys = [k.value for k in node.keywords if k.arg == "key"]
            facts = facts.union(*map(texts_of, keys))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "missing":
            missing |= texts_of(node.args[0])
    return facts, missing


def test_the_keys_here_are_those_the_engine_gives():
    engine = [ENGINE / "judge.py", *(ENGINE / "predicates").glob("*.py")]
    facts, missing = (
        set().union(*found) for found in zip(*map(keys_in, engine), strict=False)
    )
    assert facts == set(FACT_KEYS)
    assert missing == set(MISSING)


def test_every_fact_has_words_and_a_ground_in_every_language(words):
    assert words.section("claim.fact").keys() == set(FACT_KEYS) - {"missing"}
    assert words.section("claim.missing").keys() == set(MISSING)
    assert BASES.keys() == set(FACT_KEYS) - WITHOUT_BASIS
    assert words.section("claim.basis").keys() == set(BASES.values())


def test_every_form_of_a_predicate_has_words_and_a_definition(words):
    assert words.section("claim.says").keys() == FORMS.keys()
    assert words.section("predicate").keys() == FORMS.keys()
    for form in FORMS.values():
        text = says(form.usage.replace("best-model, next-model", "a, b"), words)
        assert text
        assert "{" not in text


def test_every_quantity_field_and_value_has_words(words):
    assert words.section("claim.field").keys() == FIELDS.keys()
    for metric in QUANTITIES:
        assert metric_text(metric, 1.0, words)
    for key, field in FIELDS.items():
        for value in field.values:
            shown = condition_text(f"{key}:x", "=", value, words)
            assert value not in shown or value.isalpha(), (key, value)


def test_a_language_without_words_for_a_fact_is_named(english):
    lacking = {k: t for k, t in english.entries.items() if k != "claim.fact.rank_test"}
    with pytest.raises(ContentError, match=r"claim\.fact\.rank_test"):
        fact_text(RANK_TEST, replace(english, entries=lacking), NAMES)


def test_a_rank_test_is_told_with_medians_trials_and_p(english, japanese):
    assert fact_text(RANK_TEST, english, NAMES) == (
        "Speed: Alpha 76.02 tok/s (n = 6), Beta [4B] 32.68 tok/s (n = 5). "
        "Exact rank test, whether the first is higher: p = 0.002."
    )
    assert fact_text(RANK_TEST, japanese, NAMES) == (
        "生成速度：Alpha 76.02 tok/s（n = 6）、Beta [4B] 32.68 tok/s（n = 5）。"
        "前者のほうが大きいかどうかの正確な順位検定：p = 0.002。"
    )


def test_a_model_without_a_name_keeps_its_id(english):
    assert "Alpha 76.02" in fact_text(RANK_TEST, english, {"a": "Alpha"})
    assert "b 32.68" in fact_text(RANK_TEST, english, {"a": "Alpha"})


def test_an_interval_is_told_with_its_certainty_and_what_is_asked(english, japanese):
    fact = Fact(
        key="interval_short",
        metric="ttft_s",
        models=("a",),
        numbers={
            "median": 0.2,
            "low": 0.19,
            "high": 0.21,
            "coverage": 0.875,
            "needed": 0.9,
            "limit": 0.4,
            "p": 1 / 16,
            "n": 4,
        },
        texts={"side": "below"},
    )
    assert fact_text(fact, english, NAMES) == (
        "First token: Alpha 0.20 s, range 0.19–0.21 s (n = 4). The range holds the "
        "true median with a certainty of 87.5%, and 90% is needed. Asked for: below "
        "0.4 s. Exact sign test: p = 0.062."
    )
    assert "求める条件：0.4秒を下回る。正確な符号検定：p = 0.062。" in fact_text(
        fact, japanese, NAMES
    )


def test_one_value_is_no_range(english):
    numbers = {"median": 2, "low": 2, "high": 2, "coverage": 0, "needed": 0.9}
    fact = Fact(
        key="interval_short",
        metric="structure_index",
        models=("a",),
        numbers={**numbers, "limit": 1.5, "p": 0.5, "n": 1},
        texts={"side": "at_least"},
    )
    text = fact_text(fact, english, NAMES)
    assert "range 2.0 points (n = 1)" in text
    assert "at least 1.5 points" in text


def test_counts_name_the_condition_in_words(english, japanese):
    fact = Fact(
        key="counted",
        models=("b",),
        numbers={"k": 5, "n": 6, "unknown": 1},
        texts={
            "condition": "case:03-late-keys = pass",
            "field": "case:03-late-keys",
            "comparison": "=",
            "value": "pass",
        },
    )
    assert fact_text(fact, english, NAMES) == (
        "Beta [4B]: ‘case “Key that appears late”: pass’ is met by 5 of 6 counted "
        "trials (not known of 1)."
    )
    assert "「ケース「後から現れるキー」：合格」" in fact_text(fact, japanese, NAMES)


def test_the_family_is_told_with_its_number_of_claims(english):
    numbers = {"p": 0.0004, "p_adjusted": 0.0048, "n_claims": 12, "alpha": 0.05}
    assert fact_text(Fact(key="family", numbers=numbers), english, NAMES) == (
        "Largest p of its tests: p < 0.001. After Holm's correction over the claims "
        "tested together (12): p = 0.005. At most 0.05 is needed."
    )


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0009999, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.05, "p = 0.050"),
        (0.0503, "p = 0.0503"),
        (0.050004, "p = 0.050004"),
        (0.0497, "p = 0.050"),
        (1.0, "p = 1.000"),
    ],
)
def test_a_p_shows_on_which_side_of_the_limit_it_lies(english, p, shown):
    assert p_text(p, english) == shown


def test_shares_have_a_decimal_only_where_they_need_one(english):
    assert [percent(v, english) for v in (0.95, 0.9375, 0.875, 1.0)] == [
        "95%",
        "93.8%",
        "87.5%",
        "100%",
    ]


@pytest.mark.parametrize(
    ("assertion", "en", "ja"),
    [
        (
            "first(decode_tok_s, a)",
            "Speed: Alpha has the highest median of all models",
            "生成速度の中央値は、すべてのモデルの中でAlphaが最も大きい",
        ),
        (
            "last(ttft_s, a)",
            "First token: Alpha has the highest median of all models",
            "最初のトークンの中央値は、すべてのモデルの中でAlphaが最も大きい",
        ),
        (
            "first(ttft_s, a)",
            "First token: Alpha has the lowest median of all models",
            "最初のトークンの中央値は、すべてのモデルの中でAlphaが最も小さい",
        ),
        (
            "ratio(decode_tok_s, a, c) >= 1.5",
            "Speed: the median of Alpha is at least 1.5 times that of Gamma",
            "生成速度の中央値は、AlphaがGammaの1.5倍以上",
        ),
        (
            "tie(decode_tok_s, a, c, 0.1)",
            "Speed: the medians of Alpha and Gamma are within 10% of each other",
            "生成速度の中央値は、AlphaとGammaの差が10%以内",
        ),
        (
            "order(generation_s, a, c)",
            "Generation: by median, lowest first, the order is Alpha, Gamma",
            "生成時間の中央値を小さい順に並べると、Alpha、Gamma",
        ),
        (
            "only(structure_index, a, 60)",
            "Structure index: only the median of Alpha reaches 60 points",
            "構造指数の中央値が60点に達するのはAlphaだけ",
        ),
        (
            "count(option:bom, a) >= 3",
            (
                "Counted trials of Alpha that meet "
                "‘the code offers the option bom’: at least 3"
            ),
            (
                "Alphaの数に入れた試行のうち、"
                "「コードに選択肢bomがある」に当てはまるもの：3以上"
            ),
        ),
        (
            "none(level != as_is, a, c)",
            "Counted trials of Alpha, Gamma: none meets ‘level: not as is’",
            "Alpha、Gammaの数に入れた試行に、「水準：そのまま以外」に当てはまるものはない",
        ),
        (
            "type(a) = careful_teacher",
            "The type of Alpha: careful teacher",
            "Alphaの型は「丁寧な先生型」",
        ),
        (
            "no_trend(decode_tok_s, a)",
            "Speed: no trend in the course of the run for Alpha",
            "Alphaの生成速度に、実行の進行に伴う傾向はない",
        ),
        (
            "stable_rank(a, c) & claim(other)",
            (
                "Structure index: Alpha is above Gamma, under other weights too. "
                "What the claim other says"
            ),
            (
                "構造指数はAlphaがGammaを上回り、重みを変えても変わらない。"
                "かつ、主張otherのとおり"
            ),
        ),
    ],
)
def test_assertions_read_as_sentences(english, japanese, assertion, en, ja):
    assert says(assertion, english) == en
    assert says(assertion, japanese) == ja


def test_what_is_missing_is_told_apart_from_what_is_undecided(english):
    claim = Claim(claim_id="x", assertion="", terms=(), line=1)
    verdict = Verdict(
        claim=claim,
        verdict="undecided",
        is_missing=True,
        p=1.0,
        p_adjusted=1.0,
        n=None,
        facts=(),
    )
    assert standing_text(verdict, english) == "not known in this run"
    assert "trials" in standing_text(replace(verdict, is_missing=False), english)


def test_words_for_facts_use_no_number_that_may_be_absent(words):
    optional = {"rank_test": {"ratio"}}
    for key, text in words.section("claim.fact").items():
        fields = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert not fields & optional.get(key, set())
        assert re.search(r"[。.]$", text)
