"""Every language has words for all that data can bring, and numbers of its own."""

from pathlib import Path
from typing import get_args

import pytest

from collector.metrics import FLAGS, METRICS
from collector.record import (
    CacheState,
    Case,
    FailureKind,
    Interruption,
    Source,
    StructurePosition,
    Verdict,
)
from site_builder.analysis.counts import Cli
from site_builder.analysis.published import OBSERVATIONS
from site_builder.analysis.traits import GROUPS, TRAITS
from site_builder.charts import CHART_IDS, CHART_WORDS
from site_builder.errors import ContentError
from site_builder.evidence import LEVELS, RESULTS
from site_builder.words import check_same_keys, read_words

CONTENT = Path(__file__).parents[2] / "content"
LANGUAGES = sorted(path.parent.name for path in CONTENT.glob("*/strings.toml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_data_can_bring_has_words(language):
    words = read_words(CONTENT / language / "strings.toml")
    needed = {f"metric.{key}" for key in METRICS}
    needed |= {f"unit.{metric.unit}" for metric in METRICS.values()} | {"unit.x"}
    needed |= {f"unit_label.{metric.unit}" for metric in METRICS.values()}
    needed |= {f"failure.{kind}" for kind in get_args(FailureKind)}
    needed |= {f"cache.{state}" for state in get_args(CacheState)}
    needed |= {f"flag.{key}" for key in FLAGS}
    kinds = get_args(Interruption.model_fields["kind"].annotation)
    needed |= {f"interruption.{kind}" for kind in kinds}
    for source in get_args(Source):
        needed |= {f"source.{source}", f"notice.{source}", f"note.{source}"}
    needed |= {f"chart.position_{place}" for place in get_args(StructurePosition)}
    needed |= {f"chart.{key}" for key in CHART_WORDS}
    for chart_id in CHART_IDS:
        parts = ("title", "caption", "description")
        needed |= {f"figure.{chart_id}.{part}" for part in parts}
    assert needed - words.entries.keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_code_can_show_has_words(language):
    words = read_words(CONTENT / language / "strings.toml")
    bounds = [bound for found in OBSERVATIONS.values() for bound in found]
    for section, keys in {
        "trait": TRAITS.keys(),
        "trait_formula": TRAITS.keys(),
        "trait_counts": TRAITS.keys(),
        "group": set(GROUPS),
        "cli": set(get_args(Cli)),
        "result": set(RESULTS),
        "symbol": set(RESULTS),
        "reading": {bound.reason_key.removeprefix("reading.") for bound in bounds},
    }.items():
        assert words.section(section).keys() == set(keys), section
    assert words.section("observation").keys() >= OBSERVATIONS.keys()
    results = Case.model_fields["result"].annotation
    assert set(RESULTS) == set(get_args(results))
    assert set(LEVELS) == {*get_args(Verdict.model_fields["level"].annotation), "mixed"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_has_words_that_no_data_can_bring(language):
    words = read_words(CONTENT / language / "strings.toml")
    assert words.section("failure").keys() == set(get_args(FailureKind))
    assert words.section("flag").keys() == FLAGS.keys()
    for section in ("failure", "flag"):
        labels = list(words.section(section).values())
        assert len(set(labels)) == len(labels)


def test_the_shipped_languages_agree():
    assert LANGUAGES == ["en", "ja"]
    check_same_keys(tuple(read_words(CONTENT / x / "strings.toml") for x in LANGUAGES))


def test_a_text_with_other_fields_than_its_counterpart_is_named(tmp_path):
    for language, text in (("ja", "{a}と{b}"), ("en", "{a} and {c}")):
        (tmp_path / language).mkdir()
        path = tmp_path / language / "strings.toml"
        path.write_text(f'both = "{text}"\n', encoding="utf-8")
    words = tuple(read_words(tmp_path / x / "strings.toml") for x in ("ja", "en"))
    with pytest.raises(ContentError, match=r"'both' has the fields \['a', 'c'\]"):
        check_same_keys(words)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("ja", ["76.02 tok/s", "0.20秒", "1,280トークン", "5.3倍"]),
        ("en", ["76.02 tok/s", "0.20 s", "1,280 tokens", "5.3 times"]),
    ],
)
def test_quantities_are_written_as_the_language_does(language, shown):
    words = read_words(CONTENT / language / "strings.toml")
    assert [
        words.quantity(76.02, "tok/s", 2),
        words.quantity(0.2, "s", 2),
        words.quantity(1280, "tokens", 0),
        words.quantity(5.305, "x", 1),
    ] == shown
