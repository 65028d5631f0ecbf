"""Documents read without being rendered: sections, references, claims, hashes."""

import re

from site_builder.load import read_document
from site_builder.prose.read import read_prose, setting_lines
from site_builder.prose.reading import ClaimUse, Reference

SETTINGS = """title = '{{ name("fast") }} in {% claim "margin" %}a{% endclaim %}'
description = "plain"
"""
BODY = """Before {{ n("ttft_s", "fast") | u }}.

## One {#one}

{{ v("ttft_s", "fast") | u("s") }} and {{ ratio("ttft_s", "fast", "slow") }}
{% if is_known("ttft_s", "slow") %}
{{ v("ttft_s", "slow", fallback="-") }}
{% elif source == 'demo' %}
{{ calibration("tok_s", 76) }}
{% endif %}

```
## no heading {#none}
```

### Two `x` {: #two .wide }

{% claim "fastest" %}
wording {{ num(3, "why") }}
{% undecided %}

{% broken %}
## Three {#three}
broken
{% endclaim %}
"""


def reading(document, vocabulary):
    return read_prose(document, key="article", language="en", vocabulary=vocabulary)


def test_what_a_text_refers_to_stands_in_its_section(write, vocabulary):
    read = reading(write(BODY, SETTINGS), vocabulary)
    assert read.problems == ()
    assert (read.key, read.language) == ("article", "en")
    assert [(section.anchor, section.line) for section in read.sections] == [
        ("", 5),
        ("one", 7),
        ("two", 20),
        ("three", 27),
    ]
    first, one, two, three = read.sections
    assert first.references == (
        Reference(function="name", arguments=("fast",), line=2),
        Reference(function="n", arguments=("ttft_s", "fast"), line=5),
    )
    assert first.claims == (
        ClaimUse(claim_id="margin", line=2, branches=frozenset({"holds"})),
    )
    assert list(map(str, one.references)) == [
        'v("ttft_s", "fast")',
        'ratio("ttft_s", "fast", "slow")',
        'is_known("ttft_s", "slow")',
        'v("ttft_s", "slow")',
        'calibration("tok_s", 76)',
    ]
    assert [reference.line for reference in one.references] == [9, 9, 10, 11, 13]
    assert one.conditions == ('is_known("ttft_s", "slow")', 'source == "demo"')
    assert two.claims == (
        ClaimUse(claim_id="fastest", line=22, branches=frozenset({"holds", "broken"})),
    )
    assert list(map(str, two.references)) == ['num(3, "why")']
    assert three.references == ()


def test_every_problem_of_a_document_is_told_once_by_its_line(write, vocabulary):
    settings = 'title = "{{ nam(1) }}"\ndescription = """\n{{ 3 }}\n{{ 4 }}"""\n'
    body = '\n## A {#a}\n{{ name("fats") }}{{ name("fats") }}\n## B\n## C {#a}\n{{ x'
    read = reading(write(body, settings), vocabulary)
    told = [(problem.line, problem.message) for problem in read.problems]
    assert [line for line, _ in told] == [2, 4, 5, 9, 10, 11, 12]
    assert "no function 'nam'" in told[0][1]
    assert "3.0 is typed" not in told[1][1]
    assert "3 is typed" in told[1][1]
    assert "4 is typed" in told[2][1]
    assert "did you mean 'fast'" in told[3][1]
    assert "the heading has no anchor" in told[4][1]
    assert "the anchor #a stands twice" in told[5][1]
    assert "{{ is not closed" in told[6][1]
    assert {problem.file for problem in read.problems} == {read.document.path}


def test_a_document_whose_blocks_are_not_closed_has_no_sections(write, vocabulary):
    read = reading(write('## A {#a}\n{% claim "fastest" %}x'), vocabulary)
    assert read.sections == ()
    assert [problem.line for problem in read.problems] == [2]


def test_a_faulty_reference_does_not_take_the_rest_away(write, vocabulary):
    read = reading(write('{{ v( }}{% claim "fastest" %}x{% endclaim %}'), vocabulary)
    assert [problem.line for problem in read.problems] == [1]
    assert [use.claim_id for use in read.sections[0].claims] == ["fastest"]


def test_layout_is_no_change_of_the_prose(write, vocabulary):
    def hashes(body: str, settings: str = "") -> list[str]:
        read = reading(write(body, settings), vocabulary)
        return [section.prose_sha256 for section in read.sections]

    plain = hashes("a b\n\n## A {#a}\n\nc d\n")
    assert hashes("a   b\n\n\n## A  {#a}\nc\nd\n\n\n") == plain
    assert hashes("a b\n\n## A {#a}\n\nc e\n") == [
        plain[0],
        *hashes("## A {#a}\nc e")[1:],
    ]
    assert hashes("a c\n\n## A {#a}\n\nc d\n")[1] == plain[1]
    assert hashes("a c\n\n## A {#a}\n\nc d\n")[0] != plain[0]
    with_title = hashes("a b\n\n## A {#a}\n\nc d\n", 'title = "t"\n')
    assert with_title[0] != plain[0]
    assert with_title[1] == plain[1]


def test_a_heading_in_a_comment_or_in_code_is_none(write, vocabulary):
    body = (
        "{## \n## A {#a}\n##}\n```\n## B {#b}\n```\n~~~ python\n# C {#c}\n```\n~~~\n"
        "    ## D {#d}\n```\n## E {#e}\n"
    )
    read = reading(write(body), vocabulary)
    # the last fence is never closed, and so is none
    assert [section.anchor for section in read.sections] == ["", "e"]
    assert read.problems == ()


def test_a_heading_that_opens_a_claim_opens_its_section(write, vocabulary):
    body = (
        '{% claim "fastest" %}## A {#a}\nx{% endclaim %}\n\n'
        '## {% claim "margin" %}B{% endclaim %} {#b}\n'
    )
    read = reading(write(body), vocabulary)
    assert [(s.anchor, [c.claim_id for c in s.claims]) for s in read.sections] == [
        ("", []),
        ("a", ["fastest"]),
        ("b", ["margin"]),
    ]


def test_settings_are_found_however_they_are_written(write):
    settings = (
        '# a = 1\ntitle = \'x\'\n"phrase" = "y = z"\n'
        "long = '''\ntitle = 2\nend'''\nlast = \"\"\"same\nline\"\"\"\n"
    )
    assert setting_lines(write("body", settings)) == {
        "title": 3,
        "phrase": 4,
        "long": 6,
        "last": 8,
    }


def test_settings_of_a_file_that_is_gone_are_on_its_first_line(write):
    document = write("body", 'title = "x"\n')
    document.path.unlink()
    assert setting_lines(document) == {"title": 1}


def test_the_texts_of_this_repository_can_be_read(content, vocabulary):
    for path in sorted(content.glob("*/*.md")):
        read = reading(read_document(path), vocabulary)
        anchors = re.findall(r"^#.*\{#([a-z-]+)\}", read.document.body, re.MULTILINE)
        assert [section.anchor for section in read.sections] == ["", *anchors]
        assert not [p for p in read.problems if "there is no" not in p.message]
