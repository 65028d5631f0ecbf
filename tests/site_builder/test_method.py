"""Whatever the site can show is defined on the method page, in every language."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from collector.metrics import FLAGS, METRICS
from site_builder.analysis.summary import summarise, summary_rows
from site_builder.analysis.traits import TRAITS
from site_builder.constants import constants
from site_builder.errors import ContentError
from site_builder.findings import evidence_row, find_evidence
from site_builder.method import DEFINED, FIELDS, METHOD_TABLES, method_tables
from site_builder.words import read_words

CONTENT = Path(__file__).parents[2] / "content"


def column(table, index):
    return [row[index].text for row in table.rows]


def test_every_metric_flag_and_trait_has_a_row_with_a_definition(words):
    tables = method_tables(words)
    assert column(tables["metrics"], 2) == list(METRICS)
    assert len(tables["flags"].rows) == len(FLAGS)
    assert len(tables["traits"].rows) == len(TRAITS) == 9
    for table in tables.values():
        assert table.rows
        for row in table.rows:
            assert all(cell.text.strip() for cell in row)
        names = column(table, 0)
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "key",
    [
        "definition.metric.chars_s",
        "definition.flag.no_usage",
        "definition.level.as_is",
        "definition.result.flaky",
        "definition.field.archetype",
        "trait_formula.docs",
    ],
)
def test_without_its_definition_nothing_is_built(words, key):
    lacking = {k: text for k, text in words.entries.items() if k != key}
    with pytest.raises(ContentError, match=re.escape(repr(key))):
        method_tables(replace(words, entries=lacking))


def test_nothing_is_defined_that_the_site_does_not_show(words):
    assert words.section("definition.metric").keys() == METRICS.keys()
    assert set(words.section("definition.field")) == set(FIELDS)
    for kind, (labels, keys) in DEFINED.items():
        assert words.section(f"definition.{kind}").keys() == set(keys), kind
        assert words.section(labels).keys() >= set(keys)


def test_the_fields_defined_are_those_of_the_summary(published):
    summaries = summarise(published)
    found = find_evidence(published, summaries)
    row = summary_rows(summaries)[0] | evidence_row(found, "qwen3-vl-4b")
    assert tuple(row) == FIELDS


def test_a_formula_in_words_uses_every_constant_of_its_trait(words):
    for trait in TRAITS.values():
        fields = set(re.findall(r"\{(\w+)\}", words.entries[trait.formula_key]))
        assert fields == trait.numbers.keys(), trait.key


def test_definitions_take_their_constants_from_the_rules(english, japanese):
    # A threshold that changes in the rules changes in both languages' text.
    assert constants(english)["min_votes"] == "5"
    assert constants(english)["sketch_below"] == "0.25"
    for words in (english, japanese):
        used = set()
        for key, text in words.section("definition").items():
            fields = set(re.findall(r"\{(\w+)\}", text))
            assert fields <= constants(words).keys(), key
            used |= fields
        assert {"min_votes", "builder_interface", "cpu_pressure", "rules"} <= used


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_text_places_every_table_and_types_no_constant(language):
    text = (CONTENT / language / "method.md").read_text(encoding="utf-8")
    placed = re.findall(r'\{\{ table\("(\w+)"\) \}\}', text)
    assert sorted(placed) == sorted(METHOD_TABLES)
    prose = re.sub(r"\{\{.*?\}\}|`.*?`|\{#.*?\}", "", text.split("+++")[2])
    numbers = re.findall(r"(?<![A-Za-z])\d+(?:\.\d+)?", prose)
    # 0 and 1 are the ends of a share; anything else comes from the rules.
    assert set(numbers) <= {"0", "1"}


def test_both_languages_place_the_same_tables_under_the_same_headings():
    order = []
    for language in ("en", "ja"):
        text = (CONTENT / language / "method.md").read_text(encoding="utf-8")
        order.append(re.findall(r'table\("\w+"\)|constant\("\w+"\)|\{#\w+\}', text))
    places = [[p for p in found if not p.startswith("constant")] for found in order]
    assert places[0] == places[1]
    assert sorted(order[0]) == sorted(order[1])


@pytest.mark.parametrize("task", [p.parent.name for p in CONTENT.glob("tasks/*/cases")])
def test_every_case_of_every_task_has_a_title_in_each_language(task):
    folders = {p.name for p in (CONTENT / "tasks" / task / "cases").iterdir()}
    for language in ("en", "ja"):
        words = read_words(CONTENT / language / "strings.toml")
        titles = words.section(f"case.{task}")
        assert titles.keys() == folders
        assert len(set(titles.values())) == len(titles)
