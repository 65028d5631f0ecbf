"""Documents rendered: the wording of each verdict, and every problem with its line."""

import re
from dataclasses import replace

import pytest

from site_builder.article import render_document, render_document_with_problems
from site_builder.errors import ContentError
from site_builder.prose.filling import PLACEHOLDER

ALL = "{% undecided %}open so{% broken %}broken so{% missing %}missing so{% endclaim %}"


def html_of(text) -> str:
    return "".join(str(part.html) for part in text.parts if part.kind == "html")


def rendered(document, references) -> str:
    return html_of(render_document(document, references))


@pytest.mark.parametrize(
    ("claim_id", "wording"),
    [
        ("good", "holds so"),
        ("open", "open so"),
        ("bad", "broken so"),
        ("gone", "missing so"),
    ],
)
def test_the_verdict_picks_the_wording(write, references, claim_id, wording):
    text = render_document(
        write(f'A {{% claim "{claim_id}" %}}holds so{ALL} b.'), references
    )
    assert text.sentences == {claim_id: wording}
    assert text.claims == (claim_id,)
    assert "so" not in html_of(text).replace(wording, "")


def test_without_a_wording_for_what_is_missing_the_undecided_one_stands(
    write, references
):
    body = '{% claim "gone" %}holds{% undecided %}open{% broken %}broken{% endclaim %}'
    assert render_document(write(body), references).sentences == {"gone": "open"}


@pytest.mark.parametrize(
    ("body", "branch", "says"),
    [
        ('\n{% claim "bad" %}a{% undecided %}b{% endclaim %}', "broken", "not hold"),
        ('\n{% claim "open" %}a{% undecided %} \n{% endclaim %}', "undecided", "decid"),
        ('\n{% claim "gone" %}a{% missing %}{% endclaim %}', "undecided", "known"),
        ('\n{% claim "good" %} {% broken %}b{% endclaim %}', 'claim "good"', "holds"),
    ],
)
def test_a_verdict_without_wording_is_a_problem(write, references, body, branch, says):
    text, (problem,) = render_document_with_problems(write(body), references)
    assert problem.line == 2
    assert "the language 'en' has no wording" in problem.message
    assert f"after {{% {branch} %}}" in problem.message
    assert says in problem.message
    assert PLACEHOLDER in html_of(text)


def test_only_the_wording_that_stands_is_filled_in(write, references):
    body = (
        '{% claim "good" %}a{% undecided %}{{ v("chars_s", "absent") }}{% endclaim %}'
    )
    assert render_document(write(body), references).sentences == {"good": "a"}


def test_every_problem_is_told_with_its_line(write, references):
    settings = "title = \"{{ v('ttft_s', 'absent') }}\"\ndescription = \"x\"\n"
    body = (
        '{{ v("ttft_s", "absent") }} a {{ v("answer_s", "absent") | u }}\n'  # 5
        "\n"
        '{% claim "open" %}\nlong\n\n'  # 7
        '{{ name("fast") }} {{ name("fats") }}\n'  # 10
        "{% undecided %}\n"
        '{{ ratio("ttft_s", "fast", "absent") | u("x") }} b\n'  # 12
        "{% endclaim %}\n"
        '{% if is_known("tfft_s", "fast") %}\nx\n{% endif %}\n'  # 14
        '{{ v("ttft_s", "fast") | u("ms") }}\n'  # 17
        '{% claim "god" %}x{% endclaim %}\n'  # 18
        'c {{ table("sumary") }}\n'  # 19
        '{{ interval("ttft_s", "absent") | range }}\n'  # 20
        '{% plain %}\n{{ constant("mots") }}{% endplain %}\n'  # 22
        '\nq {{ figure("rates") }} q\n'  # 24
    )
    document = write(body, settings)
    text, problems = render_document_with_problems(document, references)
    assert [problem.line for problem in problems] == [
        2, 5, 5, 12, 14, 17, 18, 19, 20, 22, 24,
    ]  # fmt: skip
    messages = [problem.message for problem in problems]
    for message, part in zip(
        messages,
        [
            'v("ttft_s", "absent") is not known in the run',
            'v("answer_s", "absent") is not known',
            'v("ttft_s", "absent") is not known',
            "give fallback=unknown",
            "no metric 'tfft_s': did you mean 'ttft_s'",
            "the value is in s: write that",
            "no claim 'god': did you mean 'good'",
            "no table 'sumary': did you mean 'summary'",
            'interval("ttft_s", "absent") is not known',
            "no constant 'mots': did you mean 'most'",
            "figure:rates stands inside other text",
        ],
        strict=True,
    ):
        assert part in message
    assert text.meta["title"] == PLACEHOLDER
    assert f"<p>{PLACEHOLDER} a {PLACEHOLDER}" in html_of(text)
    with pytest.raises(ContentError) as error:
        render_document(document, references)
    assert str(error.value).splitlines() == [str(problem) for problem in problems]
    assert str(error.value).startswith(f"{document.path}:2: ")


def test_a_text_that_cannot_be_read_has_problems_and_no_parts(write, references):
    body = 'a\n{% for x in y %}{% endfor %}\n{{ v("ttft_s") }}'
    text, problems = render_document_with_problems(write(body), references)
    assert text.parts == ()
    assert [problem.line for problem in problems] == [2, 3]


def test_tests_choose_what_is_shown(write, references):
    def shown(test: str) -> bool:
        return "yes" in rendered(
            write(f"{{% if {test} %}}yes{{% endif %}}"), references
        )

    assert shown('source == "measured"')
    assert not shown('source == "published"')
    assert shown('verdict("good") == "holds"')
    assert shown('verdict("gone") == "undecided"')
    assert not shown('verdict("good") != "holds"')
    assert shown('is_known("ttft_s", "fast", "slow")')
    assert not shown('is_known("ttft_s", "fast", "absent")')
    assert shown('in_run("fast") and not in_run("fast", "absent")')
    assert not shown('reported("fast", "docstring") or reported("absent", "plain")')
    assert not shown("is_verified or has_structure")


def test_a_test_that_fails_shows_neither_side_of_a_guess(write, references):
    body = '{% if in_run("fats") %}yes{% else %}no{% endif %}'
    _, problems = render_document_with_problems(write(body), references)
    assert [problem.line for problem in problems] == [1]


def test_a_known_model_that_is_not_in_the_run_has_a_name_and_no_page(write, references):
    body = '{{ model_link("absent") }} {{ model_link("fast") }}'
    shown = rendered(write(body), references)
    assert shown == '<p>Absent *1* <a href="models/fast/index.html">Fast 4B</a></p>'


def test_typed_numbers_limits_and_words(write, references):
    body = (
        '{{ num(2.50, "r") }} {{ num(1, "r") | u("trials") }} '
        '{{ limit("good") | u("x") }} '
        '{{ v("ttft_s", "absent", fallback=unknown) | u }} '
        '{{ observations("fast", fallback="nothing") }} {{ unknown }} {{ n_models }}'
    )
    assert rendered(write(body), references) == (
        "<p>2.5 1 trial 1.5 times unknown nothing unknown 2</p>"
    )


def test_settings_are_plain_text(write, references):
    settings = (
        'title = \'{{ name("slow") }}: {% claim "good" %}a *b*{% endclaim %}\'\n'
        "phrase = '{% claim \"open\" %}a{% undecided %}b & c{% endclaim %}'\n"
    )
    text = render_document(write("body\n", settings), references)
    assert text.meta == {"title": "Slow [b]: a *b*", "phrase": "b & c"}
    assert text.claims == ()
    assert text.sentences == {"good": "a *b*", "open": "b & c"}
    assert html_of(text) == "<p>body</p>"


def test_what_the_body_says_comes_before_what_a_setting_says(write, references):
    settings = "title = '{% claim \"good\" %}short{% endclaim %}'\n"
    body = '{% claim "good" %}first{% endclaim %} {% claim "good" %}then{% endclaim %}'
    text = render_document(write(body, settings), references)
    assert text.sentences == {"good": "first"}


def test_a_table_of_contents_has_no_marks(write, references):
    body = '## A {% claim "good" %}b *c*{% endclaim %} {#d}\n'
    text = render_document(write(body), references)
    (heading,) = text.contents
    assert (heading.anchor, heading.title) == ("d", "A b c")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # a tag at the end of a line of text leaves the line end
        ('a {% claim "good" %}b{% endclaim %}\n\nc', "<p>a b</p>\n<p>c</p>"),
        ("a {% if is_verified %}b{% endif %}\nc", "<p>a \nc</p>"),
        ("a {## why ##}\n\nb", "<p>a </p>\n<p>b</p>"),
        # a line of tags leaves none
        ("a\n{% plain %}\nb\n{% endplain %}\nc", "<p>a\nb\nc</p>"),
        (
            "{% if not is_verified %}{% plain %}\na\n{% endplain %}{% endif %}\nb",
            "<p>a\nb</p>",
        ),
        # the indentation of an item is its own, that of a branch is not the text's
        (
            "- a\n\n    {% plain %}b{% endplain %}",
            "<ul>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n</ul>",
        ),
        (
            '- {% claim "good" %}a\n  {% undecided %}x\n  {% endclaim %}\n- b',
            "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
        ),
        ("a {% plain -%}\n b{%- endplain %} c", "<p>a b c</p>"),
    ],
)
def test_tags_take_no_line_of_the_text_away(write, references, body, expected):
    shown = rendered(write(body), references)
    assert (
        re.sub(r"<span [^>]*>|<button [^>]*></button>|</span>", "", shown) == expected
    )


def test_a_fenced_block_is_code(write, references):
    body = "```python\n## {name}\n```\n"
    assert rendered(write(body), references) == (
        '<pre><code class="language-python">## {name}\n</code></pre>'
    )


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "[x](javascript:alert(1))",
        "*a* `b` **c** {{ source }} {% if %}",
        "{: onclick=alert(1) }",
        "@@table:summary@@",
        "\ue000\ue002x\ue001\ue002",
        "&#xe000;&#xe002;",
    ],
)
@pytest.mark.parametrize("claimed", [False, True])
def test_a_hostile_name_is_shown_as_it_is(write, named, name, claimed):
    body = 'A {{ name("fast") }} b'
    if claimed:
        body = f'{{% claim "good" %}}{body}{{% endclaim %}}'
    text = render_document(write(body), named(name))
    if claimed:
        assert text.sentences == {"good": f"A {name} b"}
    shown = html_of(text)
    for tag in ("<script", "<img", "<em", "<a ", "<code"):
        assert tag not in shown
    assert [part.kind for part in text.parts] == ["html"]
    assert shown.count("<button") == claimed


def test_markup_in_a_claim_is_sanitised(write, references):
    body = (
        '{% claim "good" %}a <script>alert(1)</script><b onclick="x">c</b> '
        '<button popovertarget="evidence-bad">d</button>'
        '<span class="claim" style="color:red">e</span>{% endclaim %}'
    )
    shown = rendered(write(body), references)
    assert "<script" not in shown
    assert "onclick" not in shown
    assert "style" not in shown
    assert shown.count("<button") == 1
    assert "evidence-bad" not in shown


def test_a_language_that_lacks_words_is_a_problem_at_the_claim(write, references):
    words = references.words
    entries = {k: v for k, v in words.entries.items() if not k.startswith("claim.mark")}
    lacking = replace(references, words=replace(words, entries=entries))
    body = 'a\n\n{% claim "good" %}b{% endclaim %}'
    _, problems = render_document_with_problems(write(body), lacking)
    assert [problem.line for problem in problems] == [3]
    assert "claim.mark" in problems[0].message
