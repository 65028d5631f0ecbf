"""A claim in the page: its span and button stand where the wording does, and no text
around it is changed.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from site_builder.article import render_document, render_document_with_problems
from site_builder.load import Document
from site_builder.prose.marks import choose_alphabet

GOOD = (
    '<span class="claim claim-holds" id="claim-good-1">',
    (
        '<button type="button" class="claim-mark" popovertarget="evidence-good" '
        'aria-label="Evidence: holds"></button>'
    ),
    "</span>",
)


def html_of(document, references) -> str:
    text = render_document(document, references)
    return "".join(
        str(part.html) if part.kind == "html" else f"[{part.name}]"
        for part in text.parts
    )


def document(body: str, **meta: str) -> Document:
    return Document(path=Path("article.md"), meta=meta, body=body, first_line=1)


def shown(body: str, references) -> str:
    """Return the HTML with ⟨ ⟩ for a span and ● for a button; ○: it is an open one."""
    source = html_of(document(body), references)
    source = re.sub(r"<button [^>]*></button></span>", "●⟩", source)
    source = re.sub(r"<button [^>]*></button>", "●", source)
    source = re.sub(r'\s*<small class="claim-open">[^<]*</small>', "○", source)
    source = re.sub(r'<span class="claim [^>]*>', "⟨", source)
    source = source.replace("</span>", "⟩")
    return re.sub(r"\s*\n\s*", "", source)


def good(wording: str) -> str:
    return f'{{% claim "good" %}}{wording}{{% endclaim %}}'


def test_a_claim_is_a_span_with_a_button_that_opens_its_evidence(references):
    opening, button, closing = GOOD
    found = html_of(document(f"A {good('b *c*')} d."), references)
    assert found == f"<p>A {opening}b <em>c</em>{button}{closing} d.</p>"


def test_an_open_claim_says_so_in_words(references, japanese):
    body = '{% claim "open" %}a{% undecided %}b{% endclaim %}'
    found = html_of(document(body), references)
    assert 'class="claim claim-undecided"' in found
    assert ' <small class="claim-open">(open at n = 3)</small><button' in found
    assert 'aria-label="Evidence: open"' in found
    body = '{% claim "gone" %}a{% undecided %}b{% endclaim %}'
    found = html_of(document(body), references)
    assert 'class="claim claim-undecided claim-missing"' in found
    assert '<small class="claim-open">(not known)</small>' in found


def test_japanese_has_no_space_before_the_remark(references, japanese):
    body = '{% claim "open" %}a{% undecided %}速い{% endclaim %}'
    found = html_of(document(body), replace(references, words=japanese))
    assert '速い<small class="claim-open">' in found


def test_words_are_text_and_no_markup(references):
    entries = {"claim.mark": '"<b>{verdict}"', "claim.open": "<i>{n}&"}
    words = replace(references.words, entries={**references.words.entries, **entries})
    body = '{% claim "open" %}a{% undecided %}b{% endclaim %}'
    found = html_of(document(body), replace(references, words=words))
    assert 'aria-label="&quot;&lt;b&gt;open&quot;"></button>' in found
    assert '<small class="claim-open">&lt;i&gt;3&amp;</small>' in found


def test_the_same_claim_twice_has_two_addresses(references):
    found = html_of(document(f"{good('a')} {good('b')}"), references)
    assert re.findall(r'id="([^"]*)"', found) == ["claim-good-1", "claim-good-2"]
    assert found.count('popovertarget="evidence-good"') == 2


TABLE = "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr>"
PLACES = [
    # a paragraph of which it is a part, or the whole
    ("a *b* {} c", "d", "<p>a <em>b</em> ⟨d●⟩ c</p>"),
    ("{}", "d\n", "<p>⟨d●⟩</p>"),
    ("{}\nnext", "\nd\n", "<p>⟨d●⟩next</p>"),
    ("a.\n{}", "d.  ", "<p>a.⟨d.●⟩  </p>"),
    # lists
    ("- {}\n- c", "a", "<ul><li>⟨a●⟩</li><li>c</li></ul>"),
    ("{}", "- a\n- c\n", "<ul><li>a</li><li>c●</li></ul>"),
    ("- a\n{}- d", "- c\n", "<ul><li>a</li><li>⟨c●⟩</li><li>d</li></ul>"),
    ("1. {}", "a [b](c)", '<ol><li>⟨a <a href="c">b</a>●⟩</li></ol>'),
    ("{}", "1. a\n2. b", "<ol><li>a</li><li>b●</li></ol>"),
    # definition lists, quotations, headings, footnotes
    ("T\n: {}\n", "a", "<dl><dt>T</dt><dd>⟨a●⟩</dd></dl>"),
    ("T\n{}\n", ": a\n", "<dl><dt>T</dt><dd>⟨a●⟩</dd></dl>"),
    ("> {}", "a", "<blockquote><p>⟨a●⟩</p></blockquote>"),
    ("{}", "> a\n", "<blockquote><p>⟨a●⟩</p></blockquote>"),
    ("## {} {{#x}}", "a", '<h2 id="x">⟨a●⟩</h2>'),
    ("{}", "## a {#x}\n", '<h2 id="x">⟨a●⟩</h2>'),
    ("{}", "## a {#x}\n\nb\n\nc\n", '<h2 id="x">a</h2><p>b</p><p>c●</p>'),
    ("{}", "para\n{: .note }\n", '<p class="note">⟨para●⟩</p>'),
    # tables: a cell, a row, all of it
    (
        "| a | b |\n|---|---|\n| {} | d |",
        "c",
        f"{TABLE}<td>⟨c●⟩</td><td>d</td></tr></tbody></table>",
    ),
    (
        "| a | b |\n|---|---|\n{}",
        "| c | d |\n",
        f"{TABLE}<td>c</td><td>d●</td></tr></tbody></table>",
    ),
    # several blocks
    ("{}", "a\n\nb\n\n", "<p>a</p><p>b●</p>"),
    ("x {} y", "a\n\nb", "<p>x a</p><p>b● y</p>"),
    ("{}", "a\n\n- b\n- *c*\n", "<p>a</p><ul><li>b</li><li><em>c</em>●</li></ul>"),
    ("{}", "a\n\n@@T@@\n", "<p>a●</p>[summary]"),
    ("{}", "@@T@@\n\na\n", "[summary]<p>a●</p>"),
    # code, with braces, and links: no button inside
    ("{}", 'a `{"b": 1}`', '<p>⟨a <code>{"b": 1}</code>●⟩</p>'),
    ("{}", '`{"b"}`{: lang="ja" }', '<p>⟨<code lang="ja">{"b"}</code>●⟩</p>'),
    ("`{}` b", "a", "<p><code>⟨a⟩</code>● b</p>"),
    ("[x {} y](c)", "a", '<p><a href="c">x ⟨a⟩ y</a>●</p>'),
    ("[x {}", "a](c) b", '<p><a href="c">x a</a> b●</p>'),
    ("{} c](d)", "a [b", '<p>a <a href="d">b c</a>●</p>'),
    ("{}", "```\na\n```\n", "<pre><code>⟨a⟩</code>●</pre>"),
    ("{}", "    code\n", "<pre><code>⟨code⟩</code>●</pre>"),
    # emphasis, whole and half
    ("{}", "**a** b", "<p>⟨<strong>a</strong> b●⟩</p>"),
    ("**{}**", "a", "<p><strong>⟨a●⟩</strong></p>"),
    ("*a {} d", "b* c", "<p><em>a b</em> c● d</p>"),
    ("*a {} e*", "b* c *d", "<p><em>a b</em> c <em>d● e</em></p>"),
    ("_a {}_", "b", "<p><em>a ⟨b●⟩</em></p>"),
    # raw HTML
    ("<div>{}</div>", "a", "<div>⟨a●⟩</div>"),
    ("{}", "<div>a</div>\n", "<div>⟨a●⟩</div>"),
]


@pytest.mark.parametrize(("around", "wording", "expected"), PLACES)
def test_a_mark_stands_where_the_wording_does(references, around, wording, expected):
    wording = wording.replace("@@T@@", '{{ table("summary") }}')
    body = (
        around.replace("{}", good(wording)).replace("{{#", "{#").replace("#x}}", "#x}")
    )
    found = shown(body, references)
    # where a code block ends is a line of its own
    assert found == expected


@pytest.mark.parametrize(
    "body",
    [
        f"[a]({good('b')})",
        f'[a](b "{good("c")}")',
        f"a\n\n[x]: {good('http://b')}\n",
        good('{{ table("summary") }}\n'),
    ],
)
def test_a_claim_that_cannot_be_marked_is_a_problem(references, body):
    text, (problem,) = render_document_with_problems(document(body), references)
    assert "cannot be marked here" in problem.message
    assert not re.search("[\ue000-\uf8ff]", "".join(str(p.html) for p in text.parts))
    assert problem.line == 1 + body[: body.index("{% claim")].count("\n")


def test_a_mark_that_would_change_the_text_is_left_out_alone(references):
    body = f"{good('a')}\n\nx_{good('_y_')}\n\n{good('c')}"
    text, problems = render_document_with_problems(document(body), references)
    assert [problem.line for problem in problems] == [3]
    found = "".join(str(part.html) for part in text.parts)
    assert found.count("<button") == 2
    assert "<p>x_<em>y</em></p>" not in found
    assert "x__y_" in found


def test_the_wording_is_plain_text_on_one_line(references):
    body = good(
        'a *b* &amp; `c<d>`\ne<br>f\n\n- g\n- h\n\n{{ table("summary") }}\n\ni\n'
    )
    text = render_document(document(body), references)
    assert text.sentences == {"good": "a b & c<d> e f g h i"}


def test_claims_are_listed_once_in_their_order(references):
    bad = '{% claim "bad" %}x{% broken %}y{% endclaim %}'
    text = render_document(document(f"{bad} {good('a')} {bad}"), references)
    assert text.claims == ("bad", "good")


PIECES = st.sampled_from(
    [
        *("a", "速い", " ", "\n", "\n\n", "- ", "1. ", "## ", "> ", ": ", "| ", "|"),
        *("*", "**", "_", "`", "```", "[", "](b)", "](b", "\\", "<b>", "</b>", "<p>"),
        *("<!-- ", " -->", "&amp;", "&#xe000;", "\ue000\ue002", "\ue001", "    "),
        *("{: .c }", " {#d}", "---", "~", "http://x", "<http://x>", "[^1]", "\n[^1]: "),
    ]
)
PROSE = st.lists(PIECES, max_size=8).map("".join)
CLAIMED = st.lists(PIECES, min_size=1, max_size=6).map("".join)


def test_marks_change_no_text(references):
    @settings(max_examples=150, deadline=None)
    @given(before=PROSE, wording=CLAIMED, between=PROSE, other=CLAIMED, after=PROSE)
    def check(before, wording, between, other, after):
        plain = "{% plain %}{}{% endplain %}"  # is taken out of the text like a claim
        also = good(other).replace("good", "also")
        claimed = f"{before}{good(wording)}{between}{also}{after}"
        text, problems = render_document_with_problems(document(claimed), references)
        assume(not any("has no wording" in problem.message for problem in problems))
        lost = sum("cannot be marked" in problem.message for problem in problems)
        same = [plain.replace("{}", text) for text in (wording, other)]
        bare, problems = render_document_with_problems(
            document(f"{before}{same[0]}{between}{same[1]}{after}"), references
        )
        assert problems == ()
        wanted = "".join(str(part.html) for part in bare.parts)
        found = "".join(str(part.html) for part in text.parts)
        assert found.count('class="claim-mark"') == 2 - lost
        assert without_marks(found) == wanted

    check()


def without_marks(source: str) -> str:
    source = re.sub(r"<button [^>]*></button>", "", source)
    source = re.sub(
        r'<span class="claim claim-holds" id="claim-(good|also)-1">', "", source
    )
    return source.replace("</span>", "")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0xE000, max_codepoint=0xE040)))
def test_the_marks_are_characters_the_text_does_not_have(text):
    alphabet = choose_alphabet(text + "&#xe050;")
    marks = "".join(alphabet.start(n) + alphabet.end(n) for n in range(11))
    assert not set(marks) & {*text, "\ue050"}
    assert alphabet.strip(f"a{marks}b") == "ab"
