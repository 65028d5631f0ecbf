"""What may be written in a text, and what a writer is told about the rest."""

import pytest

from site_builder.prose.calls import check_items, write_test
from site_builder.prose.scan import mask, scan
from site_builder.prose.syntax import Asked, Claimed, Printed, parse_text, walk
from site_builder.prose.vocabulary import FUNCTIONS
from site_builder.references import References


def faults(source: str, vocabulary=None, first_line: int = 1) -> list[tuple[int, str]]:
    parsed = parse_text(source, first_line=first_line)
    found = list(parsed.faults)
    for part in parsed.loose if parsed.template is None else (parsed.template,):
        found.extend(check_items(part, vocabulary))
    return [(fault.line, fault.message) for fault in found]


def only_fault(source: str, vocabulary=None) -> tuple[int, str]:
    found = faults(source, vocabulary)
    assert len(found) == 1, found
    return found[0]


ALLOWED = [
    'v("ttft_s", "a")',
    'v("ttft_s", "a") | u',
    'v("ttft_s", "a") | u("s")',
    'v("ttft_s", "a") | u("s", 1)',
    'v("ttft_s", "a") | u(decimals=1)',
    'v("ttft_s", "a") | u(unit="s", decimals=0)',
    'v("ttft_s", "a", fallback=unknown) | u',
    'v("ttft_s", "a", fallback="not measured") | u',
    'ratio("ttft_s", "a", "b") | u("x")',
    'interval("ttft_s", "a") | range',
    'interval("ttft_s", "a") | range("s", 1)',
    'n("ttft_s", "a") | u("trials")',
    'limit("c") | u("x")',
    'name("a")',
    'model_link("a")',
    'rig("gpu")',
    'calibration("tok_s", 76) | u',
    'constant("most")',
    'table("summary")',
    'figure("rates")',
    'num(3, "why")',
    'num(-2.5, "why") | u("s")',
    'observations("a", fallback=unknown)',
    "n_models",
    "source",
    "unknown",
]


@pytest.mark.parametrize("expression", ALLOWED)
def test_what_is_allowed_may_be_printed(expression):
    assert faults(f"A {{{{ {expression} }}}} b.") == []


@pytest.mark.parametrize(
    "test",
    [
        'source == "published"',
        'source != "demo"',
        "is_verified and not has_structure",
        "is_calibrated(76, 1000)",
        'is_known("ttft_s", "a", "b") or in_run("a")',
        'reported("a", "plain", "docstring")',
        'verdict("c") == "holds"',
        'not (verdict("c") != "broken")',
    ],
)
def test_what_is_allowed_may_be_tested(test):
    text = f"{{% if {test} %}}a{{% elif {test} %}}b{{% else %}}c{{% endif %}}"
    assert faults(text) == []


FORBIDDEN = [
    # what is written, what the writer is told: what it is, and what to write instead
    ("{% for m in models %}x{% endfor %}", "{% for %} is not", "table(…)"),
    ("{% for m in models %}x{% else %}y{% endfor %}", "{% for %} is not", "table(…)"),
    ("{% set x = 3 %}", "{% set %} is not", "where the text needs it"),
    ("{% set x %}3{% endset %}", "{% set %} is not", "where the text needs it"),
    ("{% with x = 3 %}y{% endwith %}", "{% with %} is not", "needs it"),
    ("{% macro m() %}x{% endmacro %}", "{% macro %} is not", "where it belongs"),
    ("{% call v() %}x{% endcall %}", "{% call %} is not", "where it belongs"),
    ("{% block b %}x{% endblock %}", "{% block %} is not", "where it belongs"),
    ("{% filter upper %}x{% endfilter %}", "{% filter %} is not", "| u(…)"),
    ("{% autoescape true %}x{% endautoescape %}", "{% autoescape %}", "leave it out"),
    ('{% include "x" %}', "{% include %} is not", "where it belongs"),
    ('{% import "x" as y %}', "{% import %} is not", "where it belongs"),
    ('{% from "x" import y %}', "{% from %} is not", "where it belongs"),
    ('{% extends "x" %}', "{% extends %} is not", "where it belongs"),
    ("{% clam %}", "no tag {% clam %}", "did you mean 'claim'"),
    ("{{ rig.gpu }}", "a dot", "rig(…)"),
    ("{{ rig['gpu'] }}", "[…]", "rig(…)"),
    ("{{ v.__class__() }}", "a dot", "v(…)"),
    ("{{ 3 }}", "3 is typed", 'num(number, "reason")'),
    ("{{ 'fast' }}", "'fast' is typed", "outside the braces"),
    ('{{ v("m", "a") + 1 }}', "arithmetic", "ratio(…)"),
    ('{{ v("m", "a") / v("m", "b") }}', "arithmetic", "ratio(…)"),
    ('{{ name("a") ~ name("b") }}', "~", "behind the other"),
    ('{{ name("a") if is_verified else name("b") }}', "if and else", "{% if … %}"),
    ('{{ v("m", "a") or unknown }}', "or", "fallback="),
    ('{{ v("m", "a") > 3 }}', "comparison", "content/claims.toml"),
    ("{{ [1, 2] }}", "not allowed", "a reference"),
    ("{{ {'a': 1} }}", "not allowed", "a reference"),
    ("{{ name('a'), name('b') }}", "not allowed", "a reference"),
    ('{{ v("m", "a") is defined }}', "is", "is_known(…)"),
    ("{{ models }}", "no 'models'", "n_models"),
    ("{{ name }}", "is a function", 'name("model")'),
    ("{{ is_verified }}", "no 'is_verified'", "choose one of"),
    ('{{ in_run("a") }}', "is a test", "{% if … %}"),
    ('{{ verdict("c") }}', "is a test", "{% if … %}"),
    ('{{ velue("m", "a") }}', "no function 'velue'", "choose one of"),
    ('{{ intervl("m", "a") }}', "no function", "did you mean 'interval'"),
    ('{{ v("m") }}', "v has 1 arguments", 'v("metric", "model")'),
    ('{{ v("m", "a", "b") }}', "v has 3 arguments", 'v("metric", "model")'),
    ('{{ v(*("m", "a")) }}', "v(*…) is not", 'v("metric", "model")'),
    ('{{ v(m, "a") }}', "m is not in quotes", 'v("metric", "model")'),
    ('{{ v(3, "a") }}', "takes a metric in quotes", 'v("metric", "model")'),
    ('{{ calibration("tok_s", "76") }}', "takes a number", ", number)"),
    ('{{ num("3", "why") }}', "takes a number", 'num(number, "text")'),
    ('{{ num(true, "why") }}', "takes a number", 'num(number, "text")'),
    ('{{ num(3, " ") }}', "lacks its reason", 'num(number, "text")'),
    ('{{ v("m", "a", default="x") }}', "no default=", "only fallback="),
    ('{{ name("a", fallback="x") }}', "no fallback=", "nothing may be named"),
    ('{{ v("m", "a", fallback=3) }}', "fallback=unknown", 'fallback="…"'),
    ('{{ v("m", "a", fallback="3 s") }}', "has a number in it", "in words"),
    ('{{ v("m", "a", fallback="約３秒") }}', "has a number in it", "in words"),
    ('{{ v("m", "a", fallback="図①") }}', "has a number in it", "in words"),
    ('{{ v("m", "a", *source) }}', "v(*…) is not", 'v("metric", "model")'),
    ('{{ v("m", "a", **source) }}', "v(*…) is not", 'v("metric", "model")'),
    ('{{ v("m", "a") | upper }}', "no filter 'upper'", "choose one of range, u"),
    ('{{ v("m", "a") | u | range }}', "one filter too many", "keep | u"),
    ('{{ name("a") | u }}', "does not go with name(…)", "leave the filter out"),
    ('{{ v("m", "a") | range }}', "does not go with v(…)", "write | u"),
    ('{{ interval("m", "a") | u }}', "does not go with interval(…)", "write | range"),
    ('{{ v("m", "a") | u(3) }}', "takes a unit", '| u("s", 1)'),
    ('{{ v("m", "a") | u("s", 1.5) }}', "whole number", '| u("s", 1)'),
    ('{{ v("m", "a") | u("s", unit="s") }}', "takes a unit", '| u("s", 1)'),
    ('{{ v("m", "a") | u("s", 1, 2) }}', "takes a unit", '| u("s", 1)'),
    ("{% if source %}a{% endif %}", "is no test alone", 'source == "…"'),
    ('{% if verdict("c") %}a{% endif %}', "is no test alone", '== "holds"'),
    ('{% if v("m", "a") %}a{% endif %}', "v(…) is no test", "is_known(…)"),
    ('{% if v("m", "a") > 3 %}a{% endif %}', "compares", "content/claims.toml"),
    ('{% if v("m", "a") | u %}a{% endif %}', "| u stands in no test", "claims.toml"),
    ("{% if n_models == 4 %}a{% endif %}", "compares", "content/claims.toml"),
    ('{% if source in "demo" %}a{% endif %}', "compares", "== or !="),
    ('{% if "demo" == source %}a{% endif %}', "compares", "only source"),
    ('{% if source == "demos" %}a{% endif %}', "never 'demos'", "mean 'demo'"),
    ('{% if verdict("c") == "hold" %}a{% endif %}', "never 'hold'", "mean 'holds'"),
    ("{% if verified %}a{% endif %}", "no 'verified'", "mean 'is_verified'"),
    ("{% if in_run %}a{% endif %}", "is a function", 'in_run("model", …)'),
    ("{% if in_run() %}a{% endif %}", "has 0 arguments", 'in_run("model", …)'),
    ("{% if source is defined %}a{% endif %}", "is is not", "is_known(…)"),
    ("{% if 1 %}a{% endif %}", "not allowed", "write"),
]


@pytest.mark.parametrize(("source", "what", "instead"), FORBIDDEN)
def test_what_is_forbidden_is_told_with_its_line_and_a_remedy(source, what, instead):
    line, message = only_fault(f"Line one.\n\nLine three {source}\n\nmore")
    assert line == 3
    assert what in message
    assert instead in message


BROKEN_BLOCKS = [
    # text; line and message of each fault
    ('{% claim "a" %}x', [(1, '{% claim "a" %} is not closed: add {% endclaim %}')]),
    ("a\n{% plain %}x\n", [(2, "{% plain %} is not closed: add {% endplain %}")]),
    ("a\n\n{% if is_verified %}x\n", [(3, "not closed: add {% endif %}")]),
    ("x{% endclaim %}", [(1, "{% endclaim %} belongs to no {% claim %}: remove")]),
    ("x{% endif %}", [(1, "{% endif %} belongs to no {% if %}")]),
    ("x\n{% undecided %}", [(2, "{% undecided %} belongs to no {% claim %}")]),
    ("x{% else %}", [(1, "{% else %} belongs to no {% if %}")]),
    (
        '{% claim "a" %}\n{% if is_verified %}x\n{% undecided %}y{% endclaim %}',
        [(2, "{% if is_verified %} is not closed before {% undecided %} of line 3")],
    ),
    (
        '{% claim "a" %}\n{% claim "b" %}x{% endclaim %}{% endclaim %}',
        [(2, "inside the claim of line 1")],
    ),
    (
        '{% claim "a" %}x{% broken %}y\n{% broken %}z{% endclaim %}',
        [(2, "{% broken %} comes twice in the {% claim %} of line 1")],
    ),
    ("{% claim a %}x{% endclaim %}", [(1, 'in quotes: {% claim "id" %}')]),
    ("{% claim %}x{% endclaim %}", [(1, 'in quotes: {% claim "id" %}')]),
    ("{% plain why %}x{% endplain %}", [(1, "write {% plain %} or, with a reason")]),
    ("{% if %}x{% endif %}", [(1, "lacks its test")]),
    ("{% if is_verified %}x\n{% elif %}y{% endif %}", [(2, "lacks its test")]),
    (
        "{% if is_verified %}x{% else %}y\n{% elif is_verified %}z{% endif %}",
        [(2, "comes after {% else %}")],
    ),
    ('{% claim "a" %}x{% endclaim "a" %}', [(1, "{% endclaim %} takes nothing")]),
    ('x\n{{ name("a")', [(2, "{{ is not closed: add }}")]),
    ('x\n{{ name("a) }}\ny', [(2, "or the quotation mark that is missing")]),
    ("x\n\n{% if source", [(3, "{% is not closed: add %}")]),
    ("x\n{## never ends\n", [(2, "{## is not closed: add ##}")]),
    ("x {% raw %}{{ source }}\n", [(1, "{% raw %} is not closed")]),
    ('x\n{{ v("a" "b" c) }}', [(2, "the reference cannot be read")]),
    ("x\n{% if source = 'demo' %}y{% endif %}", [(2, "the tag cannot be read")]),
    ("x\n{{ ? }}", [(2, "the reference cannot be read")]),
    ("x\n{{ }}", [(2, "the reference cannot be read")]),
]


@pytest.mark.parametrize(("source", "expected"), BROKEN_BLOCKS)
def test_a_broken_block_names_the_line_where_it_began(source, expected):
    found = faults(source)
    assert [line for line, _ in found] == [line for line, _ in expected]
    for (_, message), (_, part) in zip(found, expected, strict=True):
        assert part in message


def test_one_fault_hides_no_other():
    source = (
        "{{ v('m' }}\n"  # 1: syntax
        "{% for x in y %}{{ x }}{% endfor %}\n"  # 2: a loop, and what it names
        '{{ name("a", "b") }}\n'  # 3: arity
        "{% if n_models > 3 %}a{% endif %}\n"  # 4: a comparison
        "{{ 7 }} {{ rig.gpu }}\n"  # 5: two in a line
    )
    lines = [line for line, _ in faults(source)]
    assert sorted(lines) == [1, 2, 2, 3, 4, 5, 5]


def test_references_are_still_checked_in_a_text_whose_blocks_are_not_closed():
    found = faults('{% claim "a" %}\n{{ nme("a") }}\n{% if is_verifid %}{% endif %}')
    assert [line for line, _ in sorted(found)] == [1, 2, 3]


@pytest.mark.parametrize("first_line", [1, 5, 400])
def test_lines_are_those_of_the_file(first_line):
    source = (
        'a\n{% claim "x" %}\nlong\n\nwording\n{% undecided %}\n{{ 1 }}{% endclaim %}\n'
        '  {%- if source == "demo" -%}\n\n{{ 2 }}\n{% endif %}\n'
        "{## a\ncomment ##}\n{% raw %}\n{{ x }}\n{% endraw %}{{ 3 }}"
    )
    found = faults(source, first_line=first_line)
    assert [line - first_line for line, _ in found] == [6, 9, 15]


def test_names_are_checked_with_the_nearest_in_every_branch(vocabulary):
    text = (
        '{% claim "fastst" %}{{ v("tft_s", "fast") }}\n'
        '{% undecided %}{{ name("fats") }}\n'
        '{% broken %}{{ constant("mots") }}{{ table("sumary") }}\n'
        '{% endclaim %}{{ figure("rate") }}{{ rig("gpuu") }}\n'
        '{% if reported("fast", "dokstring") %}{{ calibration("toks", 76) }}\n'
        '{% endif %}{{ v("ttft_s", "slow") | u("sec") }}{{ limit("margn") }}'
    )
    expected = [
        (1, "claim 'fastst': did you mean 'fastest'"),
        (1, "metric 'tft_s': did you mean 'ttft_s'"),
        (2, "model 'fats': did you mean 'fast'"),
        (3, "constant 'mots': did you mean 'most'"),
        (3, "table 'sumary': did you mean 'summary'"),
        (4, "figure 'rate': did you mean 'rates'"),
        (4, "rig fact 'gpuu': did you mean 'gpu'"),
        (5, "observation 'dokstring': did you mean 'docstring'"),
        (5, "calibration fact 'toks': did you mean 'tok_s'"),
        (6, "unit 'sec': choose one of points, s, tok/s, trials, x"),
        (6, "claim 'margn': did you mean 'margin'"),
    ]
    found = faults(text, vocabulary)
    assert [line for line, _ in found] == [line for line, _ in expected]
    for (_, message), (_, part) in zip(found, expected, strict=True):
        assert part in message


def test_metrics_of_the_code_are_metrics(vocabulary):
    text = '{{ v("structure_index", "fast") | u }}{{ v("cases_passed", "fast") }}'
    assert faults(text, vocabulary) == []


def test_branches_may_come_in_any_order_and_blank_ones_are_none():
    text = (
        '{% claim "a" %}x{% missing %} \n{% broken %}y'
        "{% undecided %}{## z ##}{% endclaim %}"
    )
    template = parse_text(text).template
    (claim,) = walk(template)
    assert claim == Claimed(
        claim_id="a", line=1, branches=frozenset({"holds", "broken"})
    )


def test_a_branch_with_a_reference_only_is_not_blank():
    text = (
        '{% claim "a" %}{{ name("b") }}{% undecided %}{% if is_verified %}{% endif %}'
    )
    items = list(walk(parse_text(text + "{% endclaim %}").template))
    assert items[0].branches == {"holds", "undecided"}
    assert [type(item) for item in items] == [Claimed, Printed, Asked]


def test_a_plain_block_leaves_what_is_in_it():
    text = (
        '{% plain "a quotation" %}{{ name("a") }}{% endplain %}'
        "{% plain %}b{% endplain %}"
    )
    parsed = parse_text(text)
    assert parsed.faults == ()
    assert len(list(walk(parsed.template))) == 1


def test_braces_in_code_and_anchors_are_text():
    text = '## A {#a}\n\n`{"a": 1}` and {% raw %}`{{ x }}`{% endraw %}\n'
    assert faults(text) == []
    assert [piece.kind for piece in scan(text)] == ["raw"]


def test_masking_keeps_every_line():
    text = "a {{ b\n }} c\n{% d %}"
    assert mask(text, scan(text)) == "a     \n    c\n       "


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("source=='demo'", 'source  ==  "demo"'),
        ("not is_verified", "not  is_verified"),
        ("in_run('a','b')", 'in_run("a", "b")'),
        ("is_calibrated(76)", "is_calibrated(76.0)"),
        ("(is_verified) and has_structure", "is_verified and has_structure"),
    ],
)
def test_a_test_reads_the_same_however_it_is_written(written, same):
    def text(test: str) -> str:
        template = parse_text(f"{{% if {test} %}}a{{% endif %}}").template
        return write_test(next(walk(template)).expression)

    assert text(written) == text(same)


def test_tests_that_differ_read_differently():
    tests = [
        "is_verified and has_structure or in_run('a')",
        "is_verified and (has_structure or in_run('a'))",
        "not is_verified and has_structure or in_run('a')",
        "not (is_verified and has_structure) or in_run('a')",
        'source == "demo"',
        'source != "demo"',
        "is_calibrated(0)",
        "is_calibrated(1)",
    ]
    written = set()
    for test in tests:
        template = parse_text(f"{{% if {test} %}}a{{% endif %}}").template
        written.add(write_test(next(walk(template)).expression))
    assert len(written) == len(tests)


def test_every_function_of_the_table_is_there():
    for name in FUNCTIONS:
        assert callable(getattr(References, name))
